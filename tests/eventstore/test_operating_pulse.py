"""A worker's pulse: who lives shows it, who is dead or frozen is seen, and what operators ask for is done."""

import signal
import threading
import time

import pytest
from django.db import connection

from accounts.commands import RegisterUser
from accounts.projectors import users
from eventstore import health, heartbeat, replays, status
from eventstore.carry_out import carry_out
from eventstore.dispatch import dispatch
from eventstore.health import Light
from eventstore.heartbeat import heartbeats
from eventstore.ids import uuid7
from eventstore.operating import NothingToStop, ReplayAsked, order_replay, stop_replay
from eventstore.projector import Put
from eventstore.rebuild import Rebuild, _alone
from eventstore.worker import Worker
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans, Shelf
from tests.eventstore.test_rebuild import clumsy, nothing_is_left_behind
from tests.eventstore.tools import add, another, at_once, manage, one, start

RED_WITHIN_S = 5


@pytest.fixture(autouse=True)
def _jars(shelf, monkeypatch):
    monkeypatch.setattr(heartbeat, "EVERY_S", 0.05)
    for jar in "abc":
        dispatch(AddBeans(jar=jar, count=5))


@pytest.fixture
def working():
    """Starts a worker in a thread beside the test, and ends it."""
    here = Worker(every_s=0.02)

    def run():
        here.run()
        connection.close()

    thread = threading.Thread(target=run)

    def begin():
        thread.start()
        return here

    yield begin
    here.stop()
    if thread.ident:
        thread.join()


def until(condition, within_s=10.0):
    """What the condition comes to when it first holds."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def said(about):
    return next(finding for finding in health.condition().findings if finding.about == about)


def the_replay():
    [found] = replays.replays()
    return found


def ended():
    return None if the_replay().open else the_replay()


def plant(statement="UPDATE beans_shelf SET beans = 99 WHERE id = 'a'"):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def beans_in(jar):
    return Shelf.objects.get(id=jar).beans


# Signs of life


def test_a_worker_shows_that_it_lives_and_takes_its_sign_away_when_it_ends(working):
    worker = working()
    [beat] = until(heartbeats)
    assert (beat.who, beat.what, beat.alive) == (heartbeat.who(), "following the log", True)
    assert said("workers") == (Light.GOOD, "workers", "1 at work")
    worker.stop()
    until(lambda: not heartbeats())


def test_who_has_been_silent_is_told_from_who_is_at_work_and_is_forgotten_in_the_end(working):
    working()
    until(heartbeats)
    plant("INSERT INTO eventstore_heartbeat SELECT 'elsewhere:1', '', now(), now() - interval '30 s'")
    assert said("workers").light is Light.WATCH
    assert "elsewhere:1 has been silent for 30 s" in said("workers").words
    plant("UPDATE eventstore_heartbeat SET at = now() - interval '11 min' WHERE who = 'elsewhere:1'")
    until(lambda: said("workers").light is Light.GOOD)


def test_a_worker_at_a_long_look_says_so(monkeypatch):
    busy = Worker()
    busy._busy_since = time.monotonic() - 12
    assert busy.doing() == "at one look for 12 s"


def test_a_database_that_is_away_ends_no_pulse(working, monkeypatch, caplog):
    worker = working()
    until(heartbeats)
    beat, failures = heartbeat.beat, []

    def fail(*arguments):
        failures.append(arguments)
        raise ZeroDivisionError("away")

    monkeypatch.setattr(heartbeat, "beat", fail)
    until(lambda: len(failures) > 2)
    monkeypatch.setattr(heartbeat, "beat", beat)
    plant("DELETE FROM eventstore_heartbeat")
    until(heartbeats)
    assert [record.message for record in caplog.records] == ["no sign of life could be left: away"]
    worker.stop()


def test_a_frozen_worker_and_its_projector_are_red_within_five_seconds_and_green_when_it_thaws(follow):
    follow(users)
    with manage("run_projectors") as process:
        until(lambda: heartbeats() and health.condition().light is Light.GOOD, 30)
        process.send_signal(signal.SIGSTOP)
        carry_out(RegisterUser(user_id=uuid7(), username="jake", email="jake@conduit.example"))
        until(lambda: said("workers").light is said("accounts.users").light is Light.BAD, RED_WITHIN_S)
        assert "no worker is alive: the last sign of life was" in said("workers").words
        assert "stuck: it has not moved for" in said("accounts.users").words
        process.send_signal(signal.SIGCONT)
        until(lambda: health.condition().light is Light.GOOD)
        process.terminate()
        process.communicate(timeout=10)
    assert heartbeats() == []


def test_a_projector_that_stands_still_is_seen_though_its_worker_lives(working, monkeypatch):
    monkeypatch.setattr(status, "STUCK_S", 0.3)
    working()
    until(heartbeats)
    with another(autocommit=False) as raw:
        raw.execute("SELECT FROM eventstore_checkpoint WHERE name = 'beans.shelf' FOR UPDATE")
        add("a", 1)
        until(lambda: said("beans.shelf").light is Light.BAD)
        assert said("workers").light is Light.GOOD
    until(lambda: said("beans.shelf").light is Light.GOOD)


def test_whoever_keeps_the_log_open_is_named():
    with another(autocommit=False, application_name="a long import") as raw:
        raw.execute("LOCK TABLE eventstore_event IN ROW EXCLUSIVE MODE")
        assert health.condition().writer.application == "a long import"
        assert said("log").light is Light.GOOD
        late = health.of_log(health.condition().writer._replace(seconds=9.0))
        assert late.light is Light.WATCH
        assert f"process {raw.info.backend_pid} (a long import) has been writing for 9 s" in late.words
    assert health.condition().writer is None


# Rebuilds and checks that somebody asks for


def test_a_worker_takes_the_rebuild_that_was_asked_for_and_tells_what_it_found(working):
    plant()
    wish = order_replay("beans.shelf", "the beans look odd", by="jane")
    assert the_replay().state == "asked"
    working()
    done = until(ended)
    assert (done.id, done.status, done.asked_by, done.kind) == (wish, "done", "jane", "rebuild")
    assert (done.differences, done.events, done.rows, done.percent) == ({"beans_shelf": 1}, 3, 3, 100)
    assert done.worker == heartbeat.who()
    assert beans_in("a") == 5
    assert nothing_is_left_behind()
    assert one("SELECT name FROM eventstore_command WHERE id = %s", wish) == "eventstore.rebuild"


def test_a_check_tells_what_differs_and_repairs_nothing(working):
    plant()
    order_replay("beans.shelf", "", check_only=True)
    working()
    done = until(ended)
    assert (done.status, done.kind, done.differing) == ("done", "check", 1)
    assert beans_in("a") == 99


def test_while_it_is_at_work_its_progress_is_told_and_the_worker_goes_on(working, monkeypatch):
    go_on, project = threading.Event(), beans.shelf.project

    def slowly(fact):
        if threading.current_thread().name.startswith("replay"):
            assert go_on.wait(10)
        return project(fact)

    monkeypatch.setattr(beans.shelf, "project", slowly)
    order_replay("beans.shelf", "")
    working()
    until(lambda: the_replay().state == "running")
    assert until(lambda: [beat for beat in heartbeats() if "rebuilding beans.shelf" in beat.what])
    assert said("rebuild beans.shelf").light is Light.WATCH
    add("a", 1)
    until(lambda: beans_in("a") == 6)
    go_on.set()
    assert until(ended).status == "done"


def test_what_goes_wrong_is_told_and_changes_nothing(working, monkeypatch):
    plant()
    monkeypatch.setitem(beans.shelf._handlers, "beans.added", [clumsy])
    order_replay("beans.shelf", "")
    working()
    failed = until(ended)
    assert (failed.status, beans_in("a")) == ("failed", 99)
    assert "ZeroDivisionError: no beans" in failed.error


def test_what_the_database_quotes_of_a_row_that_does_not_fit_is_not_told(working, monkeypatch):
    handler = lambda event, fact: [Put(Shelf, id=event.jar, label=None)]  # noqa: E731
    monkeypatch.setitem(beans.shelf._handlers, "beans.added", [handler])
    order_replay("beans.shelf", "")
    working()
    error = until(ended).error
    assert error.startswith('can\'t apply 1 to 3: IntegrityError: null value in column "label"')
    assert "DETAIL" not in error


def test_one_that_runs_already_elsewhere_is_not_run_beside_it(working):
    order_replay("beans.shelf", "")
    with _alone(beans.shelf):
        working()
        assert until(ended).error == "it is being rebuilt or checked already"


def test_only_one_can_be_asked_for_at_a_time_and_of_many_at_once_one_is():
    outcomes = at_once(4, lambda nth: order_replay("beans.shelf", f"{nth}"))
    assert sum(isinstance(outcome, ReplayAsked) for outcome in outcomes) == 3
    assert one("SELECT count(*) FROM eventstore_command WHERE name = 'eventstore.rebuild'") == 1
    assert len(replays.replays()) == 1


def test_one_that_nobody_takes_is_told_and_can_be_taken_back():
    wish = order_replay("beans.shelf", "")
    plant("UPDATE eventstore_replay SET asked_at = asked_at - interval '11 s'")
    assert said("rebuild beans.shelf") == (
        Light.BAD,
        "rebuild beans.shelf",
        "no worker has taken it for 11 s",
    )
    stop_replay(wish, "it can wait", by="jane")
    assert ended().status == "stopped"
    with pytest.raises(NothingToStop):
        stop_replay(wish, "once more")
    assert order_replay("beans.shelf", "") != wish


def test_one_that_is_stopped_leaves_everything_as_it_was(working, monkeypatch):
    plant()
    tell, wish = replays.tell, order_replay("beans.shelf", "")
    stopped, slow = threading.Event(), beans.shelf.project

    def slowly(fact):
        assert stopped.wait(10)
        return slow(fact)

    def stop_first(*arguments):
        if not stopped.is_set():
            stop_replay(wish, "not now")
        going_on = tell(*arguments)
        threading.Timer(0.05, stopped.set).start()
        return going_on

    monkeypatch.setattr(beans.shelf, "project", slowly)
    monkeypatch.setattr(replays, "tell", stop_first)
    working()
    assert until(ended).status == "stopped"
    assert beans_in("a") == 99
    assert nothing_is_left_behind()


def test_a_worker_that_ends_stops_its_rebuild_in_order(working, monkeypatch):
    project, ending = beans.shelf.project, threading.Event()

    def slowly(fact):
        ending.wait(0.2)
        return project(fact)

    monkeypatch.setattr(beans.shelf, "project", slowly)
    order_replay("beans.shelf", "")
    worker = working()
    until(lambda: the_replay().state == "running")
    worker.stop()
    assert until(ended).status == "stopped"


SLOW = """
import threading, time, django
django.setup()
from accounts.commands import RegisterUser
from accounts.projectors import users
from eventstore.rebuild import Rebuild
from eventstore.worker import Worker
Rebuild._prove = lambda self, **_: time.sleep(60)
Worker().run()
"""


def test_the_rebuild_of_a_dead_worker_is_dead_and_another_one_can_be_asked_for(follow, monkeypatch):
    monkeypatch.setattr(replays, "SILENT_S", 1.0)
    follow(beans.shelf, users)
    wish = order_replay("accounts.users", "")
    with start("-c", SLOW) as process:
        until(lambda: the_replay().state == "running", 30)
        with pytest.raises(ReplayAsked):
            order_replay("accounts.users", "")
        process.kill()
        process.communicate()
    until(lambda: said("rebuild accounts.users").light is Light.BAD)
    assert the_replay().state == "dead"
    stop_replay(wish, "its machine is gone")
    assert ended().status == "stopped"
    again = order_replay("accounts.users", "")
    plant(
        "UPDATE eventstore_replay SET status = 'running', beat_at = now() - interval '2 min' WHERE ended_at IS NULL"
    )
    assert order_replay("accounts.users", "") != again
    assert [replay.status for replay in replays.replays()] == ["asked", "dead", "stopped"]
    assert not Rebuild(users).run(check=True).differing
