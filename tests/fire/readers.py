"""Readers that tail the log, the engine's own and the textbooks' wrong ones, and what each got wrong.

A reader is a generator of batches; an empty one says that it has found nothing to read now.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import NamedTuple

from django.db import models
from django.test.utils import isolate_apps

from eventstore import log
from eventstore.catch_up import catch_up
from eventstore.database import rows
from eventstore.projector import Add, Projector, projectors
from tests.eventstore.beans import EVENTS

BATCH, FEW = 200, 50
PAUSE_S = 0.005
PATIENCE_S = 10.0
LITTLE_PATIENCE_S = 0.5

with isolate_apps():

    class Tally(models.Model):
        """How often each fact was projected."""

        position = models.BigIntegerField(primary_key=True)
        times = models.IntegerField(default=0)

        class Meta:
            app_label = "fire"
            db_table = "fire_tally"


class Read(NamedTuple):
    """As much of a fact as tells where it belongs."""

    position: int
    stream: str
    version: int


@dataclass
class Tail:
    """What a reader saw; seconds that it stood before something visible, and that a fact was old when seen."""

    seen: list[Read] = field(default_factory=list)
    stood_s: float = 0.0
    lag_s: float = 0.0

    def take(self, facts):
        self.seen += [Read(*fact[:3]) for fact in facts]
        if facts:
            self.lag_s = max(self.lag_s, time.time() - facts[0].recorded_at.timestamp())


def tail(batches, finished):
    """Follows the log until the writers have finished and nothing is left for this reader."""
    tail, reader, last, moved_at = Tail(), batches(), 0, time.monotonic()
    while True:
        last_round, head = finished.is_set(), log.head()
        facts = next(reader)
        tail.take(facts)
        if head > last:
            tail.stood_s = max(tail.stood_s, time.monotonic() - moved_at)
        if facts or head <= last:
            moved_at = time.monotonic()
        last = max([last, *(fact.position for fact in facts)])
        if last_round and not facts:
            return tail
        time.sleep(PAUSE_S)


def settled():
    """As the engine reads, batch by batch."""
    yield from _by_position(lambda at: log.settled(at, BATCH, patience_s=PATIENCE_S))


def resumed():
    """As scripts read: one iterator to the head, and another from where that one ended."""
    at, facts = 0, log.read_all(0, BATCH)
    while True:
        few = list(islice(facts, FEW))
        yield few
        at = few[-1].position if few else at
        facts = facts if len(few) == FEW else log.read_all(at, BATCH)


def projected():
    """As a projector is shown it, with a checkpoint in the database."""
    shown = []
    projector = Projector("fire.tally", [Tally])

    @projector.on(*EVENTS)
    def tally(_, fact):
        shown.append(fact)
        yield Add(Tally, fact.position, times=1)

    projectors[:] = [projector]
    while True:
        shown.clear()
        catch_up(log.head(), time.monotonic() + PATIENCE_S)
        yield shown[:]


def naive():
    """WRONG: whatever is visible after the last position."""
    yield from _by_position(lambda at: log._everything(at, BATCH, log.END))


def by_snapshot():
    """WRONG: at a hole, waits until every transaction that has an id by now has ended."""
    yield from _by_position(_before_the_oldest)


def by_transaction():
    """WRONG: in the order of the transactions' ids, as far as no older transaction is open."""
    at = (0, 0)
    while True:
        found = _patiently(lambda at=at: rows(OLDER_TRANSACTIONS, (*at, BATCH)), LITTLE_PATIENCE_S)
        yield [log.Fact(*row[1:]) for row in found]
        at = found[-1][:2] if found else at


NUMBERED = b"ALTER TABLE eventstore_event ADD COLUMN transaction_id xid8 DEFAULT pg_current_xact_id()"
OLDER_TRANSACTIONS = b"""
SELECT transaction_id::text::bigint AS number, position, stream, version, type, schema, data::text, command_id,
    recorded_at
FROM eventstore_event
WHERE transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    AND (transaction_id, position) > (%s::text::xid8, %s::bigint)
ORDER BY transaction_id, position
LIMIT %s
"""
OLDEST = b"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
NEXT = b"SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


def _by_position(read):
    at = 0
    while True:
        facts = read(at)
        yield facts
        at = facts[-1].position if facts else at


def _before_the_oldest(after):
    facts = log._everything(after, BATCH, log.END)
    if facts and facts[-1].position - after != len(facts):
        [(newest,)] = rows(NEXT)
        _patiently(lambda: rows(OLDEST) >= [(newest,)], PATIENCE_S)
        return log._everything(after, BATCH, facts[-1].position)
    return facts


def _patiently(look, patience_s):
    deadline = time.monotonic() + patience_s
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(PAUSE_S)
    return found


class Faults(NamedTuple):
    """What a reader did to the log: `swapped` counts versions of one stream that came after a later one."""

    missed: int
    invented: int
    repeated: int
    misplaced: int
    swapped: int


NO_FAULTS = Faults(0, 0, 0, 0, 0)


def faults(seen, recorded):
    """A reader's facts compared with the log's."""
    times = Counter(seen)
    return Faults(
        missed=len(set(recorded) - times.keys()),
        invented=len(times.keys() - set(recorded)),
        repeated=sum(n - 1 for n in times.values()),
        misplaced=sum(a.position > b.position for a, b in pairwise(seen)),
        swapped=_swapped(seen),
    )


def _swapped(seen):
    latest, swapped = {}, 0
    for fact in seen:
        swapped += fact.version < latest.get(fact.stream, 0)
        latest[fact.stream] = max(fact.version, latest.get(fact.stream, 0))
    return swapped
