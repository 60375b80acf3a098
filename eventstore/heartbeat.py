"""Signs of life: each worker leaves one every second. Whoever leaves none is dead, or stands still; who ends in
order takes its own away."""

import os
import socket
from datetime import datetime
from typing import NamedTuple

from eventstore.database import execute, rows, sql

EVERY_S = 1.0
SILENT_S = 4.0
"""Seconds without a sign after which a worker is held to be dead."""
FORGET_S = 600.0


class Heartbeat(NamedTuple):
    """A worker: its host and process, what it is doing, seconds since its last sign, and seconds that it runs."""

    who: str
    what: str
    age_s: float
    up_s: float

    @property
    def alive(self) -> bool:
        return self.age_s <= SILENT_S


def who() -> str:
    """This process, as operators can find it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def beat(what: str, since: datetime) -> bool:
    """Leaves a sign of life in one statement; whether a rebuild or a check is asked for."""
    wanted = {"who": who(), "what": what, "since": since, "forget_s": FORGET_S}
    return bool(rows(sql("beat"), wanted)[0][0])


def leave() -> None:
    """Takes the sign away: this worker has ended in order."""
    execute(b"DELETE FROM eventstore_heartbeat WHERE who = %s", (who(),))


def heartbeats() -> list[Heartbeat]:
    """The workers of the last ten minutes, by the database's clock, whoever spoke last first.

    A sign from the future was left before the clock was put back: it counts as just as old.
    """
    found = rows(
        b"SELECT who, what, abs(extract(epoch FROM clock_timestamp() - at))::float AS age_s, "
        b"greatest(extract(epoch FROM at - since), 0)::float FROM eventstore_heartbeat ORDER BY age_s"
    )
    return [Heartbeat(*line) for line in found]
