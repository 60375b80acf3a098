"""How far every reader of the log has come, for people and programs that watch over it."""

from typing import Any, NamedTuple

from eventstore.database import rows, sql
from eventstore.policy import policies
from eventstore.projector import projectors


TITLES = ("name", "kind", "position", "lag (events)", "lag (s)", "status", "parked")


class Standing(NamedTuple):
    """A projector or policy: its position, how far behind the head (events, seconds), its state."""

    name: str
    kind: str
    position: int
    lag_events: int
    lag_s: float
    status: str
    parked: int
    last_error: str

    def cells(self) -> tuple[Any, ...]:
        return (*self[:4], f"{self.lag_s:.1f}", self.status, self.parked)


def head() -> int:
    """The last position in the log; 0 when it is empty."""
    return int(rows(sql("last_position"))[0][0])


def standings() -> list[Standing]:
    """Every projector and policy of this code, in the order of their names; new ones stand at 0."""
    kinds = {projector.name: "projector" for projector in projectors}
    kinds |= {policy.name: "policy" for policy in policies}
    found = rows(sql("standings"), {"names": list(kinds)})
    return [Standing(name, kinds[name], *rest) for name, *rest in found]
