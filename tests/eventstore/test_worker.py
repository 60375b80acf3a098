"""The worker, and the commands that run it and look after it."""

import json
import signal
import threading
import time
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from eventstore import worker
from eventstore.status import standing
from eventstore.worker import Worker
from tests.eventstore import beans
from tests.eventstore.beans import JarBroken, Shelf
from tests.eventstore.tools import INSERT, add, another, append, manage, one, open_writer


@pytest.fixture(autouse=True)
def _shelf(shelf, follow):
    follow(beans.shelf, beans.replacing)


@pytest.fixture
def working():
    """A worker in a thread beside the test."""
    here = Worker(every_s=0.02)

    def run():
        here.run()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield here
    here.stop()
    thread.join()


def soon(condition, within_s=5.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def status(*arguments):
    out = StringIO()
    try:
        call_command("projection_status", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


# In a thread


def test_the_worker_projects_and_reacts_to_what_nobody_showed(working):
    add("1", 5)
    soon(lambda: Shelf.objects.filter(id="1", beans=5).exists())
    append("jar-2", events=[JarBroken(jar="2")])
    soon(lambda: Shelf.objects.filter(id="spare-2", beans=7).exists())


def test_an_idle_look_is_one_statement(monkeypatch):
    add("1", 5)
    idle = Worker()
    idle.look()
    statements, execute = [], psycopg.Cursor.execute
    monkeypatch.setattr(
        psycopg.Cursor, "execute", lambda *a, **k: (statements.append(a[1]), execute(*a, **k))[1]
    )
    assert not idle._survive(always=False)
    assert len(statements) == 1


def test_the_worker_survives_whatever_goes_wrong(working, monkeypatch):
    for error in (OperationalError("away"), ZeroDivisionError("a mistake")):
        with monkeypatch.context() as patch:
            failures = []

            def fail(*_, error=error, failures=failures, **__):
                failures.append(error)
                raise error

            patch.setattr(worker, "catch_up", fail)
            add("1", 1)
            soon(lambda failures=failures: failures)
    soon(lambda: Shelf.objects.filter(id="1", beans=2).exists())


def test_the_worker_is_not_stopped_by_a_writer_who_does_not_end(working):
    with open_writer():
        add("1", 5)
        began = time.monotonic()
        time.sleep(0.1)
        working.stop()
        assert time.monotonic() - began < 1


# run_projectors


def test_once_catches_up_and_ends():
    for nth in range(1_200):
        if nth % 300 == 0:
            add("1", *range(300))
    call_command("run_projectors", "--once", stderr=StringIO())
    assert standing(beans.shelf).lag_events == 0


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["terminate", "Ctrl-C"]
)
def test_as_a_process_it_works_until_it_is_told_to_end(sent, code):
    with manage("run_projectors", "--every", "0.05") as process:
        soon(
            lambda: one("SELECT count(*) FROM eventstore_checkpoint WHERE name = 'blog.pages'") == 1,
            within_s=30,
        )
        with another() as raw:
            insert = INSERT.replace("beans.added", "soup.cooked")
            [position] = raw.execute(insert, ("soup-1", 1, 1)).fetchone()
        reached = "SELECT position FROM eventstore_checkpoint WHERE name = 'blog.pages'"
        soon(lambda: one(reached) == position)
        process.send_signal(sent)
        _, errors = process.communicate(timeout=10)
        assert (process.returncode, errors) == (code, "following the log; Ctrl-C ends it\n")


# projection_status


def test_the_status_shows_how_far_everybody_has_come():
    add("1", 5)
    Worker().look()
    add("1", 1, 1)
    code, out = status()
    assert code == 0
    head, titles, policy, projector = out.splitlines()
    assert head == "head of the log: 3"
    assert titles.split() == ["name", "kind", "position", "lag", "(events)", "lag", "(s)", "status", "parked"]
    assert policy.split() == ["beans.replacing", "policy", "1", "0", "0.0", "running", "0"]
    assert projector.split()[:4] == ["beans.shelf", "projector", "1", "2"]


def test_the_status_in_json_is_for_programs():
    add("1", 5)
    code, out = status("--json")
    assert code == 0
    found = json.loads(out)
    assert (found["schema"], found["head"]) == (1, 1)
    [policy, projector] = found["subscribers"]
    assert (policy["name"], policy["lag_events"], policy["status"]) == ("beans.replacing", 0, "new")
    assert (projector["name"], projector["lag_events"], projector["parked"]) == ("beans.shelf", 1, 0)


def test_the_status_says_in_its_exit_code_that_somebody_is_stopped_and_why():
    with another() as raw:
        raw.execute(INSERT.replace("beans.added", "beans.exploded"), ("jar-x", 1, 1))
    Worker().look()
    code, out = status()
    assert code == 1
    assert "stopped" in out
    assert "beans.shelf: this code can't read beans.exploded in schema 1" in out


def test_the_status_says_in_its_exit_code_that_something_is_parked():
    append("jar-x", events=[beans.JarLabelled(jar="x", label="far too long a label")])
    Worker().look()
    code, out = status()
    assert code == 1
    assert out.splitlines()[-1].split()[-2:] == ["running", "1"]
