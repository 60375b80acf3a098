"""How far every reader of the log has come, for people and programs that watch over it."""

from typing import Any, NamedTuple

from eventstore import log
from eventstore.database import rows, sql
from eventstore.policy import policies
from eventstore.projector import Following, projectors

TITLES = ("name", "kind", "position", "lag (events)", "lag (s)", "status", "parked")


class Standing(NamedTuple):
    """A projector or policy: its position, what it follows of what is left before it (events, and seconds
    since the first of them), its state, and how many facts it has parked."""

    name: str
    kind: str
    position: int
    lag_events: int
    lag_s: float
    status: str
    parked: int
    last_error: str

    @property
    def up_to_date(self) -> bool:
        return self.well and not self.lag_events

    @property
    def well(self) -> bool:
        """Whether it gets on: neither stopped, nor with anything parked."""
        return self.status != "stopped" and not self.parked

    def cells(self) -> tuple[Any, ...]:
        return (*self[:4], f"{self.lag_s:.1f}", self.status, self.parked)


def standings() -> list[Standing]:
    """Every projector and policy of this code, in the order of their names; new ones stand at 0."""
    return [standing(each) for each in sorted([*projectors, *policies], key=lambda each: each.name)]


def standing(subscriber: Following) -> Standing:
    wanted = {"name": subscriber.name, "types": subscriber.among(log.types())}
    [found] = rows(sql("standing"), wanted)
    return Standing(subscriber.name, type(subscriber).__name__.lower(), *found)
