"""Sixteen processes write, others read, strangers hold transactions open: no fact is missed, repeated or
reordered. The same harness sees the textbooks' readers fail: it can tell.
"""

import time
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import connection

from eventstore.database import execute, rows
from tests.eventstore.tools import INSERT, another, one
from tests.fire import readers
from tests.fire.crew import crew, forked
from tests.fire.readers import NO_FAULTS, Read, Tail, Tally, faults, tail
from tests.fire.writers import WRITERS, doze, write

LONG, SHORT, BRIEF, BRIEFEST = 200_000, 8_000, 2_000, 500


@dataclass
class Outcome:
    """What the writers say they committed, what the log holds, what each reader saw, and how long it took."""

    committed: int
    recorded: list[Read]
    tails: dict[str, Tail]
    seconds: float

    def faults(self, reader):
        return faults(self.tails[reader].seen, self.recorded)

    def __str__(self):
        first = (
            f"{self.committed:,} events by {WRITERS} writers, {self.committed / self.seconds:,.0f} a second"
        )
        return "\n".join([first, *(f"{name}: {self._line(name)}" for name in self.tails)])

    def _line(self, reader):
        its = self.tails[reader]
        return f"{self.faults(reader)}, stood {its.stood_s:.2f} s, lagged {its.lag_s:.2f} s at most"


def run(events, *following, dozers=0):
    """Lets the writers commit that many facts while the readers follow them."""
    finished, began = forked.Event(), time.monotonic()
    with crew() as start:
        tailing = {reader.__name__: start(tail, reader, finished) for reader in following}
        writing = [start(write, seed, -(-events // WRITERS)) for seed in range(WRITERS)]
        writing += [start(doze, WRITERS + nth, 4) for nth in range(dozers)]
        committed = sum(writer.result(900) for writer in writing)
        seconds = time.monotonic() - began
        finished.set()
        tails = {name: reader.result() for name, reader in tailing.items()}
    outcome = Outcome(committed, _recorded(), tails, seconds)
    print(outcome)  # noqa: T201  # shown by pytest -s, and when the test fails
    return outcome


def _recorded():
    found = rows(b"SELECT position, stream, version FROM eventstore_event ORDER BY position")
    return list(map(Read._make, found))


@pytest.fixture
def neighbor(template):
    """Another database of the same server, whose event table even has the same number."""
    name = f"{template}_neighbor"
    with another(dbname="postgres") as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield name
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def strangers(neighbor):
    """Transactions that stay open: one that wrote elsewhere, one that looks at the log, one next door."""
    with (
        another(autocommit=False) as writing,
        another(autocommit=False) as looking,
        another(autocommit=False, dbname=neighbor) as next_door,
    ):
        writing.execute("CREATE TABLE unrelated (id int)")
        writing.commit()
        writing.execute("INSERT INTO unrelated VALUES (1)")
        looking.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        looking.execute("SELECT count(*) FROM eventstore_event")
        next_door.execute(INSERT, ("jar-next-door", 1, 3))
        yield
        for open_ in (writing, looking, next_door):
            open_.execute("SELECT 1")
            open_.rollback()


@pytest.fixture
def tally(database):
    with connection.schema_editor() as editor:
        editor.create_model(Tally)


@pytest.mark.usefixtures("tally")
def test_no_reader_misses_repeats_or_reorders_a_fact_nor_waits_for_strangers(database, neighbor, long):
    events = LONG if long else SHORT
    with strangers(neighbor):
        outcome = run(events, readers.settled, readers.resumed, readers.projected, readers.naive)
    assert outcome.committed == len(outcome.recorded) >= events
    for reader in ("settled", "resumed", "projected"):
        assert outcome.faults(reader) == NO_FAULTS, reader
        assert outcome.tails[reader].stood_s < readers.PATIENCE_S, reader
    assert one("SELECT count(*) FROM fire_tally WHERE times = 1") == outcome.committed
    assert one("SELECT count(*) FROM fire_tally") == outcome.committed
    assert one("SELECT count(*) FROM eventstore_parked") == 0
    assert outcome.faults("naive").missed > 0


def test_readers_that_go_by_transaction_ids_reorder_streams_or_miss_facts(database):
    execute(readers.NUMBERED)
    outcome = run(BRIEF, readers.settled, readers.by_transaction, readers.by_snapshot, dozers=4)
    assert outcome.faults("settled") == NO_FAULTS
    assert outcome.faults("by_transaction").swapped > 0
    assert outcome.faults("by_snapshot").missed > 0


def test_a_reader_that_goes_by_transaction_ids_waits_for_strangers(database, neighbor):
    execute(readers.NUMBERED)
    with strangers(neighbor):
        outcome = run(BRIEFEST, readers.settled, readers.by_transaction)
    assert outcome.faults("settled") == NO_FAULTS
    assert outcome.tails["by_transaction"].seen == []


def test_positions_must_not_be_drawn_in_advance(database):
    execute(b"ALTER TABLE eventstore_event ALTER COLUMN position SET CACHE 20")
    outcome = run(BRIEFEST, readers.settled)
    assert outcome.faults("settled").missed > 0
