"""Policies: whenever a jar broke, a spare one is filled; once, whatever happens in between."""

import threading
import time

import pytest
from django.db import OperationalError, connection

from eventstore import checkpoints, codec, log, policy
from eventstore.acting import Acting, act
from eventstore.carry_out import CommandIdReused, TooBusy
from eventstore.catch_up import PATIENCE_S, catch_up
from eventstore.dispatch import dispatch
from eventstore.ids import derived
from eventstore.messages import EVENT_NAMES, EventType
from eventstore.policy import run_policies
from eventstore.status import standing
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans, BreakJar, JarBroken, Shelf
from tests.eventstore.tools import INSERT, another, append, ask, at_once, meanwhile, one


@pytest.fixture(autouse=True)
def _shelf(shelf, follow):
    follow(beans.shelf, beans.replacing)


def spares():
    return sorted(Shelf.objects.filter(id__startswith="spare").values_list("id", "beans"))


def broken(*jars):
    """Jars that broke, which nobody has reacted to yet."""
    for jar in jars:
        append(f"jar-{jar}", events=[JarBroken(jar=jar)])


def outcomes():
    return ask(
        "SELECT outcome, count(*)::int FROM eventstore_command WHERE caused_by IS NOT NULL GROUP BY 1 ORDER BY 1"
    )


def test_what_follows_from_a_command_has_happened_when_dispatch_returns():
    receipt = dispatch(BreakJar(jar="1"))
    assert receipt.shown
    assert spares() == [("spare-1", 7)]


def test_what_follows_says_from_which_fact_and_in_which_thread_of_causes():
    with act(Acting(address="203.0.113.7")) as _:
        receipt = dispatch(BreakJar(jar="1"))
    [(caused_by, same_thread, actor, address)] = ask(
        "SELECT reaction.caused_by, reaction.correlation_id = cause.correlation_id, reaction.actor_id, reaction.address "
        "FROM eventstore_command AS reaction, eventstore_command AS cause "
        "WHERE reaction.name = 'beans.add' AND cause.id = %s",
        receipt.command_id,
    )
    assert (caused_by, same_thread, actor, address) == (receipt.position, True, None, "")


def test_a_crash_before_the_checkpoint_takes_the_reaction_with_it(monkeypatch):
    broken("1")
    move = checkpoints.move

    def crash(followers):
        if followers[0].name == "beans.replacing":
            raise KeyboardInterrupt
        move(followers)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(checkpoints, "move", crash)
        catch_up()
    assert outcomes() == []
    catch_up()
    run_policies()
    catch_up()
    assert spares() == [("spare-1", 7)]


def test_a_reaction_that_is_asked_for_again_changes_nothing():
    dispatch(BreakJar(jar="1"))
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE eventstore_checkpoint SET position = 0 WHERE name = 'beans.replacing'")
        run_policies()
    catch_up()
    assert spares() == [("spare-1", 7)]
    assert outcomes() == [("accepted", 1)]


def test_many_who_react_at_once_react_once():
    for nth in range(60):
        broken(f"{nth}")
    follow_up = at_once(8, lambda nth: (catch_up(), run_policies(), catch_up()))
    assert not any(isinstance(outcome, Exception) for outcome in follow_up)
    run_policies()
    catch_up()
    assert len(spares()) == 60
    assert {beans for _, beans in spares()} == {7}
    assert outcomes() == [("accepted", 60)]


def test_a_refusal_is_an_answer():
    dispatch(BreakJar(jar="spare-1"))
    assert dispatch(BreakJar(jar="1")).shown
    assert outcomes() == [("accepted", 1), ("refused", 1)]
    assert standing(beans.replacing).up_to_date


def test_an_id_that_somebody_else_has_used_is_no_answer_and_is_parked():
    dispatch(AddBeans(jar="9"), id=derived(log.head() + 2, "beans.replacing", 0))
    broken = dispatch(BreakJar(jar="1"))
    assert ask("SELECT position, stream, error FROM eventstore_parked") == [
        (broken.position, "jar-1", f"CommandIdReused: {CommandIdReused()}")
    ]
    assert spares() == []


def test_a_reaction_that_fails_is_parked_with_its_stream_and_the_others_go_on(monkeypatch):
    handler = beans.put_another_there

    def clumsy(event, fact):
        yield from handler(event, fact)
        if event.jar == "bad":
            raise ZeroDivisionError("no spare")

    monkeypatch.setitem(beans.replacing._handlers, "beans.broken", [clumsy])
    assert dispatch(BreakJar(jar="bad")).shown
    append("jar-bad", after=1, events=[JarBroken(jar="better")])
    assert dispatch(BreakJar(jar="1")).shown
    assert spares() == [("spare-1", 7)]
    parked = ask(
        "SELECT position, stream, error FROM eventstore_parked WHERE projector = 'beans.replacing' ORDER BY 1"
    )
    assert [row[1:] for row in parked] == [
        ("jar-bad", "ZeroDivisionError: no spare"),
        ("jar-bad", "an earlier fact of this stream is parked"),
    ]
    assert standing(beans.replacing).parked == 2


@pytest.mark.parametrize("error", [TooBusy(), OperationalError("server closed the connection")], ids=type)
def test_a_policy_in_passing_trouble_reacts_later_and_whoever_acted_is_told_so(error, monkeypatch):
    def trouble(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(policy, "carry_out", trouble)
        assert not dispatch(BreakJar(jar="1")).shown
    assert one("SELECT count(*) FROM eventstore_parked") == 0
    assert standing(beans.replacing).lag_events == 1
    dispatch(BreakJar(jar="2"))
    assert spares() == [("spare-1", 7), ("spare-2", 7)]


def test_dispatch_waits_for_the_policy_that_another_process_is_at():
    broken("1")
    catch_up()
    with another(autocommit=False) as raw:
        raw.execute("SELECT FROM eventstore_checkpoint WHERE name = 'beans.replacing' FOR UPDATE")
        later = threading.Timer(0.3, raw.rollback)
        later.start()
        assert dispatch(BreakJar(jar="2")).shown
        assert len(spares()) == 2
        later.join()


def test_a_policy_that_another_process_holds_for_long_is_left_to_it():
    run_policies()
    with another(autocommit=False) as raw:
        raw.execute("SELECT FROM eventstore_checkpoint WHERE name = 'beans.replacing' FOR UPDATE")
        began = time.monotonic()
        assert not dispatch(BreakJar(jar="1")).shown
        assert time.monotonic() - began < 2 * PATIENCE_S
    run_policies()
    catch_up()
    assert len(spares()) == 1


def test_a_policy_that_others_keep_at_hides_its_reaction_from_nobody():
    """The others project and react as well: whoever of them came first, what followed is shown to who acted."""
    run_policies()
    with meanwhile(lambda: (catch_up(), run_policies())), meanwhile(catch_up):
        for nth in range(60):
            assert dispatch(BreakJar(jar=f"{nth}")).shown
            assert Shelf.objects.filter(id=f"spare-{nth}").exists()


def test_a_fact_from_the_future_stops_the_policy_before_it(monkeypatch):
    with another() as raw:
        [position] = raw.execute(INSERT.replace("beans.added", "beans.exploded"), ("jar-x", 1, 1)).fetchone()
    monkeypatch.setattr(beans.shelf, "follows", lambda name: name in EVENT_NAMES)
    dispatch(BreakJar(jar="1"))
    dispatch(BreakJar(jar="2"))
    stopped = standing(beans.replacing)
    assert (stopped.status, stopped.position, stopped.lag_events) == ("stopped", position - 1, 3)
    assert "beans.exploded" in stopped.last_error
    monkeypatch.setitem(EVENT_NAMES, "beans.exploded", EventType("beans.exploded", 1, JarBroken))
    codec.decoder.cache_clear()
    checkpoints._unreadable.clear()
    dispatch(AddBeans(jar="3"))
    run_policies()
    catch_up()
    assert spares() == [("spare-1", 7), ("spare-2", 7)]


def test_a_policy_reacts_to_everything_from_the_beginning_of_the_log(follow):
    follow(beans.shelf)
    for nth in range(2 * policy.REACTIONS + 1):
        broken(f"{nth}")
    catch_up()
    follow(beans.shelf, beans.replacing)
    run_policies()
    catch_up()
    assert len(spares()) == 2 * policy.REACTIONS + 1


def test_a_policy_waits_for_the_projectors(follow):
    broken("1")
    run_policies()
    assert outcomes() == []
    catch_up()
    assert outcomes() == [("accepted", 1)]


def test_a_policy_that_has_nothing_to_do_does_not_lag():
    dispatch(BreakJar(jar="1"))
    for _ in range(3):
        dispatch(AddBeans(jar="2"))
    assert standing(beans.replacing).up_to_date
