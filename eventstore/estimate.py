"""What a rebuild would take, before anybody asks for one: nothing is written that stays, and nobody waits.

A sample of the log is folded into tables that are gone when the transaction is rolled back; no other transaction
ever sees them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from eventstore import log, parking
from eventstore.changes import Buffer
from eventstore.database import is_trouble
from eventstore.log import Fact
from eventstore.projector import Projector
from eventstore.shadow import Shadow, tables
from eventstore.tables import quoted

MOST = 10_000
"""What is counted one by one; beyond, the planner's estimate is told."""

SAMPLE, PAGE, SECONDS = 2_000, 250, 0.5
"""Facts that are tried, facts that are read at once, and seconds after which no more are read."""


@dataclass(slots=True)
class Estimate:
    """Facts to replay, rows that there are now by table, and seconds that replaying would take at the pace of
    the sample; comparing and merging come on top. `exact`: the facts were counted one by one.

    `trouble` says which fact of the sample can't be applied: a rebuild would fail at it.
    """

    projector: str
    events: int
    exact: bool
    rows: dict[str, int] = field(default_factory=dict)
    sampled: int = 0
    events_per_s: float = 0.0
    trouble: str = ""

    @property
    def seconds(self) -> float | None:
        """None if there was nothing to measure."""
        return self.events / self.events_per_s if self.events_per_s else None


def estimate(projector: Projector) -> Estimate:
    """Measured now, in about a second, whatever the log's length; the database is as it was before."""
    types = projector.among(log.types())
    events, exact = _about("SELECT FROM eventstore_event WHERE type = ANY(%s)", types)
    found = Estimate(projector.name, events, exact)
    for table in tables(projector):
        found.rows[table.name], _ = _about(f"SELECT FROM {quoted(table.name)}")
    _sample(projector, types, found)
    return found


def _about(query: str, *params: Any) -> tuple[int, bool]:
    """How many rows a query has, and whether they were counted; beyond `MOST`, the planner is asked."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({query} LIMIT {MOST + 1}) AS counted", params)  # noqa: S608
        [counted] = cursor.fetchone()
        if counted <= MOST:
            return counted, True
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}", params)
        [[plan]] = cursor.fetchone()
        return max(counted, int(plan["Plan"]["Plan Rows"])), False


def _sample(projector: Projector, types: Sequence[str], found: Estimate) -> None:
    shadow, began = Shadow(projector, f"sample_{uuid4().hex[:8]}"), perf_counter()
    with transaction.atomic():
        shadow.create()
        with shadow.written():
            began = perf_counter()
            found.sampled, buffer = _fold(projector, types, found)
            _flush(buffer, found)
            seconds = perf_counter() - began
        transaction.set_rollback(True)
    found.events_per_s = found.sampled / seconds if found.sampled else 0.0


def _fold(projector: Projector, types: Sequence[str], found: Estimate) -> tuple[int, Buffer]:
    """The oldest facts as they come, and how many they were."""
    buffer, position, folded, began = Buffer(), 0, 0, perf_counter()
    never, upto = parking.skipped(projector.name), log.head()
    while folded < SAMPLE and perf_counter() - began < SECONDS:
        facts = log.of_types(types, position, upto, PAGE)
        if not facts:
            break
        for fact in facts:
            if fact.position not in never:
                _take(projector, fact, buffer, found)
        position, folded = facts[-1].position, folded + len(facts)
    return folded, buffer


def _take(projector: Projector, fact: Fact, buffer: Buffer, found: Estimate) -> None:
    try:
        buffer.take(projector.project(fact))
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is what is to be told
        found.trouble = found.trouble or f"{fact.position} ({fact.type}): {_brief(error)}"


def _flush(buffer: Buffer, found: Estimate) -> None:
    try:
        with transaction.atomic():
            buffer.flush()
    except Exception as error:
        if is_trouble(error):
            raise
        found.trouble = found.trouble or _brief(error)


def _brief(error: Exception) -> str:
    """The first line; in the others a database quotes what was said."""
    return f"{type(error).__name__}: {error}".partition("\n")[0]
