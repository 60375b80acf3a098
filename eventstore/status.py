"""How far every reader of the log has come, for people and programs that watch over it; `health.py` judges it.

Every question is bounded work, however long the log is and however far a reader is behind.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from eventstore import log
from eventstore.database import rows, sql
from eventstore.policy import policies
from eventstore.projector import Following, projectors

TITLES = ("name", "kind", "position", "lag (events)", "lag (s)", "status", "parked")

STUCK_S = 4.0
"""Seconds that a reader may stand still with facts before it; each batch moves it, and takes less."""

MOST = 10_000
"""Facts that are counted one by one."""


class Standing(NamedTuple):
    """A projector or policy: its position, what it follows of what is left before it (events, and seconds
    since the first of them), its state, how many facts it has parked, how many seconds it has had something
    before it without moving, and whether it is being rebuilt or checked.

    Beyond `MOST` events, the lag is the distance to the head, which counts others' facts as well.
    """

    name: str
    kind: str
    position: int
    lag_events: int
    lag_s: float
    status: str
    parked: int
    last_error: str
    still_s: float
    rebuilding: bool

    @property
    def up_to_date(self) -> bool:
        return self.well and not self.lag_events

    @property
    def well(self) -> bool:
        """Whether it gets on: neither stopped, nor with anything parked."""
        return self.status != "stopped" and not self.parked

    @property
    def stuck(self) -> bool:
        """Whether nothing moves it, though it should: nobody works, or whoever does stands still."""
        return self.status in {"running", "new"} and self.still_s > STUCK_S

    def cells(self) -> tuple[Any, ...]:
        return (*self[:4], f"{self.lag_s:.1f}", self.status, self.parked)


class Writer(NamedTuple):
    """A transaction that has been writing to the log: its process, its application, and for how many seconds.
    Nobody reads past the positions that it may still fill."""

    pid: int
    application: str
    seconds: float


def standings() -> list[Standing]:
    """Every projector and policy of this code, in the order of their names; new ones stand at 0."""
    return _standings([*projectors, *policies])


def standing(subscriber: Following) -> Standing:
    return _standings([subscriber])[0]


def _standings(subscribers: Sequence[Following]) -> list[Standing]:
    kinds = {each.name: type(each).__name__.lower() for each in subscribers}
    types = log.types()
    followed = [(each.name, type_name) for each in subscribers for type_name in each.among(types)]
    wanted = {
        "names": list(kinds),
        "followers": [name for name, _ in followed],
        "types": [type_name for _, type_name in followed],
        "most": MOST,
    }
    return [_brief(Standing(name, kinds[name], *found)) for name, *found in rows(sql("standings"), wanted)]


def _brief(found: Standing) -> Standing:
    """With the first line of the error; in the others a database quotes what was said, and that is for few."""
    return found._replace(last_error=found.last_error.partition("\n")[0])


def writer() -> Writer | None:
    """Whoever has been writing to the log for longest, if anybody is at it now."""
    found = rows(sql("writer"))
    return Writer(*found[0]) if found else None


def refused(hours: int = 24, most: int = 1000) -> int:
    """Commands that were refused or failed in the last hours, counted as far as one more than `most`."""
    [(count,)] = rows(
        b"SELECT count(*) FROM (SELECT FROM eventstore_command WHERE outcome IN ('refused', 'failed') "
        b"AND recorded_at > clock_timestamp() - make_interval(hours => %s::int) LIMIT %s::bigint) AS refused",
        (hours, most + 1),
    )
    return int(count)
