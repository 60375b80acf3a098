"""Writers of every bad habit: they dawdle with the log's lock held, change their minds, wait in odd places.

Each manner of writing is a function of the writer that returns how many facts it committed.
"""

import random
import time

from django.db import transaction

from eventstore import store
from eventstore.carry_out import TooBusy, carry_out
from eventstore.database import execute
from tests.eventstore.beans import AddBeans, BeansAdded
from tests.eventstore.tools import order

WRITERS = 16
LONGEST_NAP_S, LONGEST_SLEEP_S, DOZE_S = 0.012, 0.1, 0.5

INSERT = b"""
INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at)
SELECT %s, nth, 'beans.added', 1, '{"jar": "raw", "count": 1}', gen_random_uuid(), clock_timestamp()
FROM generate_series(%s::int, %s::int) AS nth
"""
INSERT_SLOWLY = b"""
INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at)
VALUES (
    concat(%s::text, pg_sleep(%s)), %s, 'beans.added', 1, '{"jar": "raw", "count": 1}', gen_random_uuid(),
    clock_timestamp()
)
"""


class Writer:
    """One process's writer, with streams of its own and some that it shares with all the others."""

    def __init__(self, seed):
        self.seed, self.chance = seed, random.Random(seed)
        self.chapter = self.version = self.committed = 0

    @property
    def own(self):
        return f"jar-{self.seed}-{self.chapter}"

    @property
    def shared(self):
        """One of a few jars that everybody uses for a quarter of a second, so that no stream grows long."""
        return f"shared-{int(time.monotonic() * 4)}-{self.chance.randrange(4)}"

    def several(self):
        return self.chance.choice((1, 2, 3, 5, 8, 13))

    def changes_its_mind(self):
        return self.chance.random() < 0.2

    def dawdle(self):
        if self.chance.random() < 0.5:
            time.sleep(self.chance.random() * LONGEST_NAP_S)

    def insert(self, count):
        execute(INSERT, (self.own, self.version + 1, self.version + count))
        self.version += count

    def insert_slowly(self, asleep_s):
        """The position is drawn, then the statement sleeps; only then does the transaction get its id."""
        execute(INSERT_SLOWLY, (self.own, asleep_s, self.version + 1))
        self.version += 1

    def write(self):
        """One piece of work in some manner. What the database refused is gone as a whole."""
        before = self.version
        try:
            done = self.chance.choice(MANNERS)(self)
        except (store.StreamMoved, TooBusy):
            done = 0
        self.version = before if not done else self.version
        self.committed += done
        if self.version > 50:
            self.chapter, self.version = self.chapter + 1, 0


def at_once(writer):
    """Several facts in one append, in autocommit."""
    events = [BeansAdded(jar="own", count=nth) for nth in range(writer.several())]
    store.append(order(), writer.own, writer.version, events, ())
    writer.version += len(events)
    return len(events)


def by_command(writer):
    """The whole way, on a stream that others write to as well."""
    return len(carry_out(AddBeans(jar=writer.shared)).events)


def slowly(writer):
    """A transaction that lingers between its facts, and may come to nothing."""
    with transaction.atomic():
        count = 0
        for _ in range(writer.chance.randint(1, 2)):
            more = writer.several()
            writer.insert(more)
            writer.dawdle()
            count += more
        if writer.changes_its_mind():
            transaction.set_rollback(True)
            return 0
    return count


def with_second_thoughts(writer):
    """A savepoint that is rolled back takes its positions with it; the transaction goes on."""
    count = writer.several()
    with transaction.atomic():
        writer.insert(count)
        before = writer.version
        with transaction.atomic():
            writer.insert(2)
            writer.dawdle()
            transaction.set_rollback(True)
        writer.version = before
        with transaction.atomic():
            writer.insert(1)
        writer.dawdle()
    return count + 1


def long_after_its_number(writer):
    """Commands inside a transaction that got its transaction id, and went to sleep, before it wrote a fact."""
    with transaction.atomic():
        execute(b"SELECT pg_current_xact_id()")
        writer.dawdle()
        done = len(carry_out(AddBeans(jar=writer.shared)).events)
        writer.dawdle()
        if writer.changes_its_mind():
            transaction.set_rollback(True)
            return 0
    return done


def long_before_its_number(writer):
    writer.insert_slowly(writer.chance.random() * LONGEST_SLEEP_S)
    return 1


MANNERS = (at_once, by_command, slowly, with_second_thoughts, long_after_its_number, long_before_its_number)


def write(seed, enough):
    """Writes until that many facts are committed; their number."""
    writer = Writer(seed)
    while writer.committed < enough:
        writer.write()
    return writer.committed


def doze(seed, times):
    """Writes so many facts, each long after its position was drawn; their number."""
    writer = Writer(seed)
    for _ in range(times):
        writer.insert_slowly(DOZE_S)
    return times
