"""Catching up: whoever acted sees it, what can't be applied is set aside, and nobody is held up for ever."""

import threading
import time
from itertools import count

import pytest
from django.db import OperationalError, connection, transaction

from eventstore import catch_up as catching_up
from eventstore import checkpoints, codec, log
from eventstore.catch_up import catch_up
from eventstore.changes import Buffer
from eventstore.dispatch import dispatch
from eventstore.messages import EVENT_NAMES, EventType
from eventstore.status import standing
from tests.eventstore import beans
from tests.eventstore.beans import (
    AddBeans,
    BeansAdded,
    Bowl,
    BreakJar,
    JarBroken,
    JarLabelled,
    LabelJar,
    PeasCounted,
    Shard,
    Shelf,
)
from tests.eventstore.tools import INSERT, add, another, append, ask, at_once, one, open_writer

pytestmark = pytest.mark.usefixtures("shelf")


def on_the_shelf():
    return dict(Shelf.objects.values_list("id", "beans"))


def parked(name="beans.shelf"):
    return ask(
        "SELECT position, stream, tries FROM eventstore_parked WHERE projector = %s ORDER BY position", name
    )


def an_event_of_the_future(type="beans.exploded", schema=1, stream="jar-x"):
    with another() as raw:
        insert = INSERT.replace("'beans.added', 1", f"'{type}', {schema}")
        return raw.execute(insert, (stream, 1, 1)).fetchone()[0]


def in_a_new_process():
    checkpoints._unreadable.clear()


def learn(monkeypatch, name="beans.exploded"):
    """The code can read such events from now on."""
    monkeypatch.setitem(EVENT_NAMES, name, EventType(name, 1, BeansAdded))
    codec.decoder.cache_clear()


def somehow(fail_at, monkeypatch, error=ZeroDivisionError("no beans")):
    """The projector fails at the facts of one jar."""
    handler = beans.fill

    def fill(event, fact):
        if event.jar == fail_at:
            raise error
        return handler(event, fact)

    monkeypatch.setitem(beans.shelf._handlers, "beans.added", [fill])


# Whoever acted sees it


def test_whoever_acts_sees_it_at_once_whatever_others_do():
    def act(nth):
        for round_ in range(1, 6):
            assert dispatch(AddBeans(jar=f"{nth}")).shown
            assert Shelf.objects.get(id=f"{nth}").beans == round_

    assert at_once(8, act) == [None] * 8
    assert parked() == []


def test_in_every_batch_size_it_comes_to_the_same_rows(follow):
    follow(beans.shelf, beans.shards)
    for nth in range(20):
        add(f"{nth % 3}", nth, nth + 1, note=f"note {nth}")
        append(f"label-{nth}", events=[JarLabelled(jar=f"{nth % 3}", label=f"label {nth}")])
        append(f"broken-{nth}", events=[JarBroken(jar=f"{nth % 4}")])
    results = []
    for batch in (1, 2, 3, 7, 80, 500):
        with transaction.atomic():
            catch_up(batch=batch)
            results.append(
                (list(Shelf.objects.order_by("id").values()), list(Shard.objects.order_by("jar").values()))
            )
            transaction.set_rollback(True)
    assert len(results[0][0]) > 1
    assert results.count(results[0]) == len(results)


def test_rows_and_checkpoint_stand_or_fall_together(monkeypatch):
    add("1", 5)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(checkpoints, "move", _interrupted)
        catch_up()
    assert (on_the_shelf(), standing(beans.shelf).position) == ({}, 0)
    catch_up()
    assert on_the_shelf() == {"1": 5}


def _interrupted(*_):
    raise KeyboardInterrupt


def test_many_who_catch_up_at_once_apply_each_fact_once():
    for _ in range(50):
        add("1", 1, 1, 1, 1)
    assert not any(isinstance(outcome, Exception) for outcome in at_once(8, lambda nth: catch_up(batch=7)))
    assert on_the_shelf() == {"1": 200}


def test_who_finds_the_work_done_reads_nothing(monkeypatch):
    add("1", 5)
    catch_up()
    monkeypatch.setattr(log, "settled", _interrupted)
    [follower] = catch_up(1)
    assert follower.position == 1


def test_inside_a_transaction_it_goes_back_with_it():
    with transaction.atomic():
        add("1", 5)
        catch_up()
        assert on_the_shelf() == {"1": 5}
        transaction.set_rollback(True)
    add("2", 1)
    catch_up()
    assert on_the_shelf() == {"2": 1}


def test_without_projectors_there_is_nothing_to_do(follow):
    follow()
    assert catch_up() == []
    assert dispatch(AddBeans(jar="1")).shown


# Facts that are not there yet


def test_it_waits_for_an_earlier_fact_that_is_being_written():
    with open_writer() as writer:
        later = threading.Timer(0.2, writer.commit)
        later.start()
        assert dispatch(AddBeans(jar="2")).shown
        later.join()
    assert on_the_shelf() == {"1": 1, "2": 1}


def test_its_patience_has_an_end_and_it_does_not_spin_meanwhile(monkeypatch):
    monkeypatch.setattr(catching_up, "PATIENCE_S", 0.3)
    looks, settled = [], log.settled
    monkeypatch.setattr(log, "settled", lambda *a, **k: (looks.append(a), settled(*a, **k))[1])
    with open_writer():
        began = time.monotonic()
        assert not dispatch(AddBeans(jar="2")).shown
        assert 0.25 < time.monotonic() - began < 1
        assert len(looks) < 4
    assert dispatch(AddBeans(jar="3")).shown
    assert on_the_shelf() == {"2": 1, "3": 1}


def test_it_does_not_wait_for_a_position_that_nobody_has_drawn():
    add("1", 5)
    began = time.monotonic()
    [follower] = catch_up(1_000_000, time.monotonic() + 5)
    assert follower.position == 1
    assert time.monotonic() - began < 1


# Facts that can't be applied


def test_a_stream_that_can_not_be_applied_is_parked_in_order_and_the_others_go_on():
    add("1", 1)
    append(
        "jar-bad",
        events=[JarLabelled(jar="bad", label="far too long a label"), BeansAdded(jar="bad", count=1)],
    )
    add("2", 2)
    catch_up()
    add("bad-too", 3)
    append("jar-bad", after=2, events=[BeansAdded(jar="bad", count=1)])
    catch_up()
    assert on_the_shelf() == {"1": 1, "2": 2, "bad-too": 3}
    assert parked() == [(2, "jar-bad", 2), (3, "jar-bad", 0), (6, "jar-bad", 0)]
    assert standing(beans.shelf)[2:8] == (6, 0, 0.0, "running", 3, "")


def test_what_is_parked_says_why(monkeypatch):
    somehow("bad", monkeypatch)
    add("bad", 1, 1)
    catch_up()
    reasons = ask("SELECT error FROM eventstore_parked ORDER BY position")
    assert reasons == [("ZeroDivisionError: no beans",), ("an earlier fact of this stream is parked",)]


@pytest.mark.parametrize("words", ["nul \0", "half \ud800", "long " * 10_000], ids=["nul", "half", "long"])
def test_an_error_whose_words_can_not_be_stored_is_parked_all_the_same(words, monkeypatch):
    somehow("bad", monkeypatch, ValueError(words))
    add("bad", 1)
    add("1", 1)
    catch_up()
    assert on_the_shelf() == {"1": 1}
    assert one("SELECT length(error) FROM eventstore_parked") <= 1000


def test_a_projector_parks_what_another_one_can_apply(follow, monkeypatch):
    follow(beans.shelf, beans.shards)
    monkeypatch.setitem(beans.shards._handlers, "beans.broken", [lambda event, fact: 1 / 0])
    dispatch(AddBeans(jar="1"))
    assert not dispatch(BreakJar(jar="1")).shown
    assert on_the_shelf() == {}
    assert (len(parked("beans.shelf")), len(parked("beans.shards"))) == (0, 1)


def test_a_row_that_no_index_can_hold_is_the_facts_fault_not_the_databases(monkeypatch):
    noise = "".join(chr(0x4E00 + nth * 7919 % 20_000) for nth in range(5_000))
    append("jar-noise", events=[BeansAdded(jar=noise, count=1)])
    add("1", 1)
    catch_up()
    assert on_the_shelf() == {"1": 1}
    assert [stream for _, stream, _ in parked()] == ["jar-noise"]


# Trouble that is nobody's fault


def test_trouble_of_the_database_parks_nothing(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Buffer, "flush", _away)
        assert not dispatch(AddBeans(jar="1")).shown
    assert parked() == []
    assert dispatch(AddBeans(jar="2")).shown
    assert on_the_shelf() == {"1": 1, "2": 1}


def test_trouble_while_going_fact_by_fact_parks_nothing_either(monkeypatch):
    troubles = iter([ValueError("one of these facts is bad"), OperationalError("and now this")])

    def fail(buffer):
        raise next(troubles)

    with monkeypatch.context() as patch:
        patch.setattr(Buffer, "flush", fail)
        assert not dispatch(AddBeans(jar="1")).shown
    assert parked() == []
    assert dispatch(AddBeans(jar="1")).shown


def _away(buffer):
    raise OperationalError("server closed the connection unexpectedly")


def test_a_table_that_is_locked_parks_nothing(monkeypatch):
    monkeypatch.setattr(catching_up, "PATIENCE_S", 0.3)
    dispatch(AddBeans(jar="1"))
    with another(autocommit=False) as raw:
        raw.execute("LOCK beans_shelf")
        assert not dispatch(AddBeans(jar="1")).shown
    assert parked() == []
    catch_up()
    assert on_the_shelf() == {"1": 2}


def test_a_connection_that_is_cut_parks_nothing(monkeypatch):
    flush = Buffer.flush

    def cut(buffer):
        with another() as raw:
            raw.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        return flush(buffer)

    with monkeypatch.context() as patch:
        patch.setattr(Buffer, "flush", cut)
        assert not dispatch(AddBeans(jar="1")).shown
    connection.close()
    assert parked() == []
    catch_up()
    assert on_the_shelf() == {"1": 1}


# Facts from the future


@pytest.mark.parametrize(
    "future", [{"type": "beans.exploded"}, {"type": "beans.added", "schema": 2}], ids=str
)
def test_a_fact_from_the_future_stops_the_projectors_that_follow_its_context_and_no_others(future, follow):
    follow(beans.shelf, beans.bowls)
    add("1", 1)
    position = an_event_of_the_future(**future)
    append("bowl-1", events=[PeasCounted(bowl="1", peas=4)])
    assert not dispatch(AddBeans(jar="1")).shown
    stopped = standing(beans.shelf)
    assert (stopped.position, stopped.status, stopped.parked) == (position - 1, "stopped", 0)
    assert stopped.lag_events == 2
    assert f"{future['type']} in schema {future.get('schema', 1)}" in stopped.last_error
    assert standing(beans.bowls).status == "running"
    assert Bowl.objects.get().peas == 4
    assert on_the_shelf() == {"1": 1}


def test_what_is_stopped_makes_only_its_own_facts_late(follow):
    follow(beans.shelf, beans.bowls)
    an_event_of_the_future(type="peas.cooked")
    assert dispatch(AddBeans(jar="1")).shown
    assert dispatch(LabelJar(jar="1", label="red")).shown


def test_newer_code_goes_on_where_older_code_stopped(monkeypatch):
    an_event_of_the_future()
    dispatch(AddBeans(jar="1"))
    in_a_new_process()
    assert not dispatch(AddBeans(jar="1")).shown
    learn(monkeypatch)
    assert not dispatch(AddBeans(jar="1")).shown
    in_a_new_process()
    assert dispatch(AddBeans(jar="1")).shown
    assert on_the_shelf() == {"1": 4}
    assert standing(beans.shelf).status == "running"


def test_newer_code_goes_on_as_often_as_older_code_stops_beside_it():
    """While a deployment rolls on, older processes stop what newer ones can read, again and again."""
    for _ in range(3):
        assert dispatch(AddBeans(jar="1")).shown
        with connection.cursor() as cursor:
            cursor.execute("UPDATE eventstore_checkpoint SET status = 'stopped', last_error = 'too old'")
    assert dispatch(AddBeans(jar="1")).shown
    assert standing(beans.shelf).status == "running"


def test_a_process_that_is_too_old_stops_once_and_does_not_try_for_ever(monkeypatch):
    attempts, project = count(), beans.shelf.project
    monkeypatch.setattr(beans.shelf, "project", lambda fact: (next(attempts), project(fact))[1])
    an_event_of_the_future()
    for _ in range(5):
        dispatch(AddBeans(jar="1"))
    assert next(attempts) == 1


def test_an_unknown_fact_of_a_context_that_nobody_follows_is_passed():
    an_event_of_the_future(type="soup.cooked")
    assert dispatch(AddBeans(jar="1")).shown


def test_when_all_projectors_are_stopped_it_ends(follow):
    follow(beans.shelf, beans.shards)
    an_event_of_the_future()
    assert not dispatch(BreakJar(jar="1")).shown
    assert [follower.stopped for follower in catch_up()] == [True, True]
    assert not dispatch(BreakJar(jar="2")).shown


# New projectors


def test_a_new_projector_starts_at_the_beginning(follow):
    for nth in range(10):
        dispatch(BreakJar(jar=f"{nth}"))
    follow(beans.shelf, beans.shards)
    catch_up(batch=3)
    assert Shard.objects.count() == 10


def test_a_new_projector_keeps_nobody_waiting(follow):
    for nth in range(10):
        dispatch(BreakJar(jar=f"{nth}"))
    add("1", 5)
    follow(beans.shelf, beans.shards)
    catch_up(11, deadline=time.monotonic() - 1, batch=1)
    assert on_the_shelf() == {"1": 5}
    assert Shard.objects.count() == 0
    catch_up(11, deadline=time.monotonic() + 5, batch=1)
    assert Shard.objects.count() == 10


def test_what_a_process_does_not_know_it_leaves_alone():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventstore_checkpoint (name, position, status, last_error) VALUES ('other', 7, 'running', '')"
        )
    dispatch(AddBeans(jar="1"))
    assert one("SELECT position FROM eventstore_checkpoint WHERE name = 'other'") == 7
