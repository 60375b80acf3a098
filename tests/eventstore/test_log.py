"""Reading the log: in order, without gaps, past nothing that may still come."""

import threading
import time
import tracemalloc
from functools import partial

import psycopg
import pytest
from django.db import connection, transaction

from eventstore import log
from eventstore.log import Fact, LogBusy
from tests.eventstore.beans import BeansAdded, JarBroken
from tests.eventstore.tools import INSERT, another, append, open_writer, place

pytestmark = pytest.mark.usefixtures("database")

BRIEFLY = 0.05


def positions(facts):
    return [fact.position for fact in facts]


def settled(after=0, limit=1000, patience_s=BRIEFLY):
    return positions(log.settled(after, limit, patience_s=patience_s))


def a_mixed_log(streams=7, rounds=9):
    for nth in range(rounds):
        for jar in range(streams):
            events = [BeansAdded(jar="1", count=nth), JarBroken(jar="1")]
            append(f"jar-{jar}", after=2 * nth, events=events)


def burn_positions():
    with transaction.atomic():
        append("jar-burnt", events=[BeansAdded(jar="1", count=1)] * 3)
        transaction.set_rollback(True)


def test_the_reader_stops_before_a_hole_that_may_still_be_filled():
    append("jar-1")
    with open_writer() as writer:
        append("jar-2")
        assert settled() == [1]
        assert settled(1) == []
        writer.commit()
        assert settled(1) == [2, 3]


def test_the_reader_waits_until_the_hole_is_filled():
    with open_writer() as writer:
        append("jar-2")
        later = threading.Timer(0.2, writer.commit)
        later.start()
        assert settled(patience_s=5) == [1, 2]
        later.join()


def test_the_reader_passes_what_was_rolled_back_for_good():
    with open_writer(versions=3) as writer:
        append("jar-2")
        later = threading.Timer(0.2, writer.rollback)
        later.start()
        assert settled(patience_s=5) == [4]
        later.join()
    burn_positions()
    append("jar-2", after=1)
    assert settled() == [4, 8]
    assert settled(4) == [8]
    assert settled(limit=1) == [4]


def test_the_patience_of_the_reader_has_an_end():
    with open_writer():
        append("jar-2")
        began = time.monotonic()
        assert settled(patience_s=0.3) == []
        assert 0.3 <= time.monotonic() - began < 0.6


def test_the_reader_waits_for_those_who_were_writing_and_for_nobody_who_came_later():
    """Writers without end, each overlapping the next: one that waited for all of them would wait for ever."""
    stop, overlapping = threading.Event(), []

    def keep_writing():
        while not stop.is_set():
            overlapping.append(psycopg.connect(**place()))
            overlapping[-1].execute(INSERT, (f"jar-{len(overlapping)}", 1, 1))
            if len(overlapping) > 2:
                overlapping[-3].rollback()
                overlapping[-3].close()
            time.sleep(0.02)

    with open_writer() as first:
        append("jar-committed")
        writing = threading.Thread(target=keep_writing)
        writing.start()
        time.sleep(0.1)
        threading.Timer(0.2, first.commit).start()
        began = time.monotonic()
        assert settled(patience_s=5)[:2] == [1, 2]
        assert time.monotonic() - began < 2
        stop.set()
        writing.join()
    for raw in overlapping:
        raw.close()


def test_other_transactions_that_are_open_delay_nobody(template):
    """One of them as if writing, but in another database, where the table even has the same number."""
    with open_writer() as burnt:
        append("jar-1")
        burnt.rollback()
    with (
        another(autocommit=False) as elsewhere,
        another(autocommit=False, dbname=template) as in_another_database,
        another(autocommit=False) as reading,
    ):
        elsewhere.execute("CREATE TABLE unrelated (id int)")
        elsewhere.execute("SELECT txid_current()")
        in_another_database.execute("LOCK eventstore_event IN ROW EXCLUSIVE MODE")
        reading.execute("SELECT count(*) FROM eventstore_event")
        began = time.monotonic()
        assert settled(patience_s=5) == [2]
        assert log.settled_position(patience_s=5) == 2
        assert time.monotonic() - began < 0.5


def test_a_savepoint_that_was_rolled_back_holds_nobody_up():
    with psycopg.connect(**place()) as raw:
        raw.execute("SAVEPOINT before")
        raw.execute(INSERT, ("jar-gone", 1, 2))
        raw.execute("ROLLBACK TO before")
        append("jar-2")
        assert settled(patience_s=5) == [3]


def test_a_transaction_reads_what_it_has_written_itself():
    with transaction.atomic():
        append("jar-1")
        with open_writer():
            append("jar-2")
            assert settled() == [1]
        assert settled(1) == [3]


def test_nothing_is_passed_before_it_is_visible_even_if_nothing_follows_it():
    with open_writer() as writer:
        assert settled() == []
        writer.commit()
    assert settled() == [1]


def test_the_settled_position_has_nothing_open_below_it():
    append("jar-1")
    with open_writer() as writer:
        append("jar-2")
        with pytest.raises(LogBusy):
            log.settled_position(BRIEFLY)
        later = threading.Timer(0.1, writer.commit)
        later.start()
        assert log.settled_position(5) == 3
        later.join()


def test_what_filters_reads_only_what_is_settled():
    append("jar-1")
    with open_writer() as writer:
        append("jar-2")
        later = threading.Timer(0.1, writer.commit)
        later.start()
        assert positions(log.read_types(["beans.added"])) == [1, 2, 3]
        later.join()


def test_an_empty_log_reads_as_nothing():
    assert settled() == []
    assert log.settled_position() == 0
    assert log.types() == []
    assert list(log.read_all()) == list(log.read_all_backwards()) == []
    assert list(log.read_types(["beans.added"])) == list(log.read_stream("jar-1")) == []


def test_the_log_reads_the_same_in_every_direction_and_from_every_position():
    burn_positions()
    a_mixed_log(streams=3, rounds=5)
    burn_positions()
    append("jar-last", events=[BeansAdded(jar="1", count=1)])
    everything = list(log.read_all())
    assert len(everything) == 31
    for batch in (1, 2, 3, 7, 31, 1000):
        for after in (0, 1, 3, 4, 17, everything[-1].position, 10**12):
            rest = [fact for fact in everything if fact.position > after]
            assert list(log.read_all(after, batch)) == rest
            broken = [fact for fact in rest if fact.type == "beans.broken"]
            assert list(log.read_types(["beans.broken"], after, batch)) == broken
            assert list(log.read_types(["beans.broken", "beans.added", "none"], after, batch)) == rest
            before = [fact for fact in reversed(everything) if fact.position < after]
            assert list(log.read_all_backwards(after, batch)) == before
        assert list(log.read_all_backwards(batch=batch)) == everything[::-1]


def test_a_stream_reads_the_same_in_both_directions_and_from_every_version():
    a_mixed_log(streams=3, rounds=5)
    stream = [fact for fact in log.read_all() if fact.stream == "jar-1"]
    assert [fact.version for fact in stream] == list(range(1, 11))
    for batch in (1, 3, 10, 1000):
        for version in (0, 1, 5, 10, 11, 10**12):
            newer = [fact for fact in stream if fact.version > version]
            assert list(log.read_stream("jar-1", version, batch)) == newer
            older = [fact for fact in reversed(stream) if fact.version < version]
            assert list(log.read_stream_backwards("jar-1", version, batch)) == older


def test_the_types_in_the_log_are_known_without_reading_it():
    a_mixed_log(streams=1, rounds=2)
    with open_writer() as writer:
        writer.execute(INSERT.replace("beans.added", "beans.open"), ("jar-x", 1, 1))
        assert log.types() == ["beans.added", "beans.broken"]


def test_a_long_log_is_read_in_little_memory():
    with another() as raw:
        raw.execute(INSERT.replace('"1"', f'"{"x" * 2000}"'), ("jar-1", 1, 5_000))
    by_type, one_stream = partial(log.read_types, ["beans.added"]), partial(log.read_stream, "jar-1")
    for read in (log.read_all, log.read_all_backwards, by_type, one_stream):
        next(read())
        tracemalloc.start()
        assert sum(1 for _ in read()) == 5_000
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 6 * 1024 * 1024  # the whole log is twice that


def test_a_fact_knows_where_when_and_by_whom_it_was_recorded():
    append("jar-1")
    [fact] = log.read_all()
    assert isinstance(fact, Fact)
    assert (fact.position, fact.stream, fact.version, fact.type, fact.schema) == (
        1,
        "jar-1",
        1,
        "beans.added",
        1,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, recorded_at FROM eventstore_command")
        [(command_id, recorded_at)] = cursor.fetchall()
    assert fact.command_id == command_id
    assert abs((fact.recorded_at - recorded_at).total_seconds()) < 1
