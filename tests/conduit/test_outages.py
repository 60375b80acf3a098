"""The database may go away and come back: no request fails for longer than it must."""

import threading

import pytest
from django.db.utils import ConnectionHandler

from conduit import databases, embedded


@pytest.fixture
def database(place, start, django_db_blocker):
    """A pooled connection of Django to a server of its own, in whichever thread asks."""
    server = start(place / "postgres", database="conduit")
    embedded.server.cache_clear()
    settings = databases.from_environment(place / "postgres", durable=False, environ={})
    handler = ConnectionHandler({"default": settings})
    with django_db_blocker.unblock():
        yield server, handler
        handler["default"].close()
        handler["default"].close_pool()
    embedded.server(place / "postgres", durable=False).release()


def ask(handler, statement="SELECT 1"):
    """What a request does: connect, ask, hand the connection back."""
    try:
        with handler["default"].cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]
    finally:
        handler["default"].close()


def fill_the_pool(handler):
    """Ten requests at once leave ten connections behind."""
    requests = [threading.Thread(target=ask, args=(handler, "SELECT pg_sleep(0.2)")) for _ in range(10)]
    for request in requests:
        request.start()
    for request in requests:
        request.join()


def kill(server):
    postmaster = server.cluster.postmaster()
    postmaster.kill()
    postmaster.wait(10)


def test_the_first_request_after_a_crash_wakes_the_server_and_succeeds(database):
    server, handler = database
    fill_the_pool(handler)
    kill(server)
    assert ask(handler) == 1


def test_a_pool_of_dead_connections_costs_no_request(database):
    server, handler = database
    fill_the_pool(handler)
    server.cluster.stop()
    server.cluster.start()
    assert [ask(handler) for _ in range(12)] == [1] * 12


def test_sessions_are_bounded_and_read_committed_and_plan_once(database):
    _, handler = database
    shown = {name: ask(handler, f"SHOW {name}") for name in databases.SESSION}
    assert shown == {
        "default_transaction_isolation": "read committed",
        "statement_timeout": "30s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "1min",
        "plan_cache_mode": "force_generic_plan",
    }
