"""Rebuilds and checks that operators have asked for: taken by a worker, which tells every second how far it is.

Who tells nothing any more is dead, or stands still; the live tables are as they were then.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from eventstore.codec import storable
from eventstore.database import execute, rows, sql
from eventstore.heartbeat import SILENT_S
from eventstore.progress import Progress, Result

BURY_S = 60.0
"""Seconds of silence after which one that was taken is given up, and another one may be asked for."""

WAIT_S = 10.0
"""Seconds in which a worker that is well takes what is asked for."""


class Replay(NamedTuple):
    """What somebody has asked for, and what became of it; times are told in seconds by the database's clock.

    `age_s` since it was asked for, `silent_s` since its worker's last word, `ended_at` None while it is open.
    """

    id: UUID
    projector: str
    check_only: bool
    keep_parked: bool
    status: str
    asked_by: str
    reason: str
    asked_at: datetime
    age_s: float
    worker: str
    silent_s: float
    ended_at: datetime | None
    phase: str
    position: int
    head: int
    events: int
    seconds: float
    rows: int
    differences: dict[str, int]
    error: str

    @property
    def open(self) -> bool:
        return self.status in {"asked", "running", "stopping"}

    @property
    def state(self) -> str:
        """Its status, but `dead` for one whose worker says nothing any more."""
        at_work = self.status in {"running", "stopping"}
        return "dead" if at_work and self.silent_s > SILENT_S else self.status

    @property
    def waits(self) -> bool:
        """Whether nobody has taken it, though somebody should have by now."""
        return self.status == "asked" and self.age_s > WAIT_S

    @property
    def kind(self) -> str:
        return "check" if self.check_only else "rebuild"

    @property
    def percent(self) -> int:
        return min(100, 100 * self.position // self.head) if self.head else 0

    @property
    def events_per_s(self) -> float:
        return self.events / self.seconds if self.seconds else 0.0

    @property
    def eta_s(self) -> float:
        """Seconds to the head at the pace so far."""
        return self.seconds * max(0, self.head - self.position) / self.position if self.position else 0.0

    @property
    def differing(self) -> int:
        return sum(self.differences.values())


class Taken(NamedTuple):
    """What a worker has taken: a rebuild of a projector, with or without what is parked, or a check."""

    id: UUID
    projector: str
    check_only: bool
    keep_parked: bool


def ask(wish: Taken, by: str, reason: str) -> None:
    """Writes a wish down; an IntegrityError if one for this projector is open."""
    execute(sql("ask_replay"), (*wish, storable(by), storable(reason)))


def take(projectors: Sequence[str], worker: str) -> Taken | None:
    """The oldest wish for one of these that nobody has taken, taken."""
    found = rows(sql("take_replay"), {"projectors": list(projectors), "worker": worker})
    return Taken(*found[0]) if found else None


def tell(wish: UUID, at: Progress | None) -> bool:
    """A sign of life of its worker, and how far it has come; whether it shall go on."""
    so_far = at or Progress("", 0, 0, 0, 0.0, "beginning")
    values = (so_far.phase, so_far.position, so_far.head, so_far.events, so_far.seconds, wish)
    found = rows(
        b"UPDATE eventstore_replay SET beat_at = clock_timestamp(), phase = %s, position = %s, head = %s, "
        b"events = %s, seconds = %s WHERE id = %s AND ended_at IS NULL RETURNING status",
        values,
    )
    return found == [("running",)]


def finish(wish: UUID, status: str, error: str = "", result: Result | None = None) -> None:
    """How it ended, and what was found."""
    execute(sql("finish_replay"), {"id": wish, "status": status, "error": storable(error), **_found(result)})


def _found(result: Result | None) -> dict[str, object]:
    if result is None:
        return {"position": None, "events": None, "rows": 0, "seconds": None, "differences": "{}"}
    return {
        "position": result.position,
        "events": result.events,
        "rows": result.rows,
        "seconds": result.seconds,
        "differences": json.dumps({table: count for table, count in result.differences.items() if count}),
    }


def stop(wish: UUID) -> str | None:
    """Wants an open one to end; the name of its projector, None if it has ended."""
    found = rows(sql("stop_replay"), {"id": wish, "silent_s": SILENT_S})
    return found[0][0] if found else None


def bury() -> None:
    """Gives up those whose worker has said nothing for `BURY_S` seconds."""
    execute(
        b"UPDATE eventstore_replay SET status = 'dead', ended_at = clock_timestamp(), "
        b"error = 'its worker died, or stood still' WHERE status IN ('running', 'stopping') "
        b"AND abs(extract(epoch FROM clock_timestamp() - beat_at)) > %s::float",
        (BURY_S,),
    )


def replays(most: int = 10) -> list[Replay]:
    """The last ones that were asked for, and every one that is open, the latest first."""
    return list(map(Replay._make, rows(sql("replays"), (most,))))
