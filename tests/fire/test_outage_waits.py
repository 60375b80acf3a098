"""Whoever waits for the database waits for seconds, and is told that there is trouble: every wait has an end.

How long a command waits for the read models is told in tests/eventstore.
"""

import socket
import time
from contextlib import closing, contextmanager

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import ConnectionHandler
from django.test import Client

from blog import queries
from conduit import databases
from eventstore import log
from eventstore.database import is_trouble
from tests.eventstore.tools import environ, place

SLACK_S = 5
SHORT = {"statement_timeout": "2s", "lock_timeout": "1s", "idle_in_transaction_session_timeout": "1s"}


@pytest.fixture
def seconds(long, monkeypatch):
    """How long each wait may be: as the product has it, or less, for whoever has no time."""
    if not long:
        monkeypatch.setitem(databases.POOL, "timeout", 1)
        for name, limit in SHORT.items():
            monkeypatch.setitem(databases.SESSION, name, limit)
    session = {name: int(value[:-1]) for name, value in databases.SESSION.items() if value.endswith("s")}
    return session | {"connection": databases.POOL["timeout"]}


@pytest.fixture
def opened():
    """Opens connections as the settings have them, to the test's database or to another place."""
    made = []

    def opened(alias, **changes):
        settings = databases.from_environment(None, environ={"DATABASE_URL": environ()["DATABASE_URL"]})
        made.append(ConnectionHandler({"default": {}, alias: settings | changes})[alias])
        return made[-1]

    yield opened
    for each in made:
        each.close()
        each.close_pool()


@pytest.fixture
def deaf(tmp_path_factory):
    """A server that takes connections and never says a word."""
    folder = tmp_path_factory.mktemp("deaf")
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(f"{folder}/.s.PGSQL.5432")
        listener.listen()
        yield str(folder)


def ends_in_trouble(within_s, wait):
    began = time.monotonic()
    with pytest.raises(DatabaseError) as trouble:
        wait()
    assert is_trouble(trouble.value)
    assert time.monotonic() - began < within_s + SLACK_S
    return str(trouble.value)


def ask(using, statement):
    with using.cursor() as cursor:
        cursor.execute(statement)


def test_nobody_waits_for_ever_to_connect(database, seconds, opened, deaf):
    waiting = opened("connect", HOST=deaf, PORT="5432")
    said = ends_in_trouble(seconds["connection"], waiting.ensure_connection)
    assert "couldn't get a connection" in said


@contextmanager
def full(pool):
    """All places taken."""
    taken = [pool.getconn() for _ in range(databases.POOL["max_size"])]
    try:
        yield
    finally:
        for each in taken:
            pool.putconn(each)


@pytest.fixture
def crowded(seconds, opened):
    crowded = opened("pool")
    ask(crowded, "SELECT 1")
    crowded.close()
    return crowded


def test_nobody_waits_for_ever_for_a_place_in_the_pool(database, seconds, crowded):
    with full(crowded.pool):
        said = ends_in_trouble(seconds["connection"], crowded.ensure_connection)
        assert "couldn't get a connection" in said
    ask(crowded, "SELECT 1")


def test_nobody_waits_for_ever_for_a_lock(database, seconds, opened):
    waiting = opened("lock")
    with psycopg.connect(**place()) as other:
        other.execute("LOCK eventstore_claim")
        assert "lock timeout" in ends_in_trouble(
            seconds["lock_timeout"], lambda: ask(waiting, "TABLE eventstore_claim")
        )


def test_nobody_waits_for_ever_for_a_statement(database, seconds, opened):
    waiting = opened("statement")
    said = ends_in_trouble(seconds["statement_timeout"], lambda: ask(waiting, "SELECT pg_sleep(300)"))
    assert "statement timeout" in said


def test_nobody_waits_for_ever_for_a_transaction_that_does_nothing(database, seconds, opened):
    """Readers of the log wait for whoever is writing to it."""
    idle = opened("idle")
    idle.set_autocommit(False)
    ask(idle, "LOCK eventstore_event IN ROW EXCLUSIVE MODE")
    began = time.monotonic()
    assert log.settled_position(patience_s=120) == 0
    assert time.monotonic() - began < seconds["idle_in_transaction_session_timeout"] + SLACK_S
    assert "idle-in-transaction timeout" in ends_in_trouble(0, lambda: ask(idle, "SELECT 1"))


def test_whoever_did_nothing_for_too_long_in_a_transaction_is_told_to_come_again(database, monkeypatch):
    def dawdle():
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '10ms'")
            time.sleep(0.1)
            cursor.execute("SELECT 1")

    monkeypatch.setattr(queries, "tags", lambda *_, **__: dawdle())
    response = Client(raise_request_exception=False).get("/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
