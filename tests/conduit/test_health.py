"""Whoever asks whether this process lives, or is ready for readers, is answered: in time, whatever the database does."""

import asyncio
import json
import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client, RequestFactory

from conduit import in_time, vital_signs
from conduit.in_time import InTime
from conduit.probes import apart, may_read
from eventstore import operating
from eventstore.database import execute, rows
from tests.conduit.test_serve import free_port, serve, wait_for_line
from tests.eventstore.tools import open_writer

SOON_S = 10.0
"""Generous, for a machine with much else to do; what hangs takes 30."""


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch):
    monkeypatch.setattr(vital_signs.signs, "_fresh_s", 0.0)


def ask(path="/readyz", **headers):
    response = Client().get(path, **headers)
    return response.status_code, response.json()


# Alive


def test_alive_needs_no_database():
    """No fixture lets this test near one."""
    assert ask("/healthz") == (200, {"alive": True})


def test_probes_come_by_any_name_and_without_tls(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/", HTTP_HOST="testserver").status_code == 301
    assert ask("/healthz", HTTP_HOST="10.1.2.3:8000") == (200, {"alive": True})


def test_probes_are_kept_by_nobody_and_have_an_id():
    response = Client().get("/healthz")
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Request-Id"]


def test_probes_are_looked_at_and_nothing_else():
    assert Client().post("/healthz").status_code == 405
    assert Client().head("/healthz").status_code == 200


# Ready


def test_ready_with_a_database_that_is_up_to_date(database):
    assert ask() == (200, {"ready": True, "reasons": []})


def test_not_ready_before_its_migrations(database):
    execute(
        b"DELETE FROM django_migrations WHERE app = 'eventstore' AND name LIKE '0003%%'", (), prepare=False
    )
    status, said = ask()
    assert status == 503
    assert said == {"ready": False, "reasons": ["migrations are missing: eventstore.0003_skipped"]}


def test_not_ready_while_a_projector_is_far_behind(database, cast, monkeypatch):
    cast.jake.publishes()
    monkeypatch.setattr("conduit.health.MOST_LAG_S", -1.0)
    execute(b"UPDATE eventstore_checkpoint SET position = 0 WHERE name = 'blog.pages'")
    status, said = ask()
    assert status == 503
    assert any(reason.startswith("blog.pages is running, 2 events and ") for reason in said["reasons"])


def test_a_projector_that_was_paused_turns_nobody_away(database, cast, monkeypatch):
    cast.jake.publishes()
    monkeypatch.setattr("conduit.health.MOST_LAG_S", -1.0)
    for name in ("accounts.users", "blog.pages", "blog.create_author"):
        operating.pause(name, "for the test")
    assert ask()[0] == 200


def test_not_ready_while_the_head_is_stuck(database, monkeypatch):
    monkeypatch.setattr("conduit.health.STUCK_S", 0.0)
    with open_writer():
        status, said = ask()
    assert status == 503
    [reason] = said["reasons"]
    assert reason.startswith("the head of the log is stuck: a transaction has been writing for ")
    assert ask()[0] == 200


def test_who_is_not_ready_says_when_to_ask_again_and_nothing_of_where_the_database_is(database, monkeypatch):
    with monkeypatch.context() as moved:
        moved.setitem(connection.settings_dict, "HOST", "/nowhere")
        response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["reasons"] == ["the database can't be asked"]
    assert int(response["Retry-After"]) > 0


# In time


def test_a_question_is_asked_once_for_everybody_who_asks_at_once(database):
    begun, go_on = [], threading.Event()

    def question():
        begun.append(1)
        go_on.wait(SOON_S)
        return rows(b"SELECT 42")[0][0]

    shared, answers = InTime(question, patience_s=SOON_S), []
    askers = [threading.Thread(target=lambda: answers.append(shared.ask())) for _ in range(5)]
    for asker in askers:
        asker.start()
    go_on.set()
    for asker in askers:
        asker.join()
    assert (answers, begun) == ([42] * 5, [1])


def test_a_late_answer_keeps_nobody_waiting_twice():
    never = threading.Event()
    slow = InTime(lambda: never.wait(SOON_S), patience_s=0.05)
    with pytest.raises(TimeoutError):
        slow.ask()
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(TimeoutError):
            slow.ask()
    assert time.monotonic() - began < 0.05 * 20
    never.set()


def test_a_question_takes_no_connection_of_the_pool(database):
    [(ours,)] = rows(b"SELECT pg_backend_pid()")
    before = connection.pool.get_stats()["requests_num"]
    asked = InTime(lambda: rows(b"SELECT pg_backend_pid(), current_setting('statement_timeout')"))
    [(theirs, timeout)] = asked.ask()
    assert connection.pool.get_stats()["requests_num"] == before
    assert theirs != ours
    assert timeout == f"{in_time.PATIENCE_S:.0f}s"
    [(left,)] = rows(b"SELECT count(*) FROM pg_stat_activity WHERE pid = %s", (theirs,))
    assert left in {0, 1}  # it may be on its way out


def test_a_server_that_lets_nobody_in_is_late_as_well(database, monkeypatch):
    """Whichever patience ends first, the connection's or the question's, it is told in the same words."""

    def hangs(*_):
        raise psycopg.errors.ConnectionTimeout("connection timeout expired")

    with monkeypatch.context() as frozen:
        frozen.setattr(type(connections["default"]), "get_new_connection", hangs)
        with pytest.raises(TimeoutError):
            InTime(lambda: rows(b"SELECT 1")).ask()
        assert ask()[1]["reasons"] == ["the database does not answer"]


def test_what_a_question_raised_is_raised_for_whoever_asked(database):
    broken = InTime(lambda: rows(b"SELECT 1 / 0"))
    with pytest.raises(Exception, match="division by zero"):
        broken.ask()


# Served


def test_probes_have_threads_of_their_own():
    told = []

    async def pages(scope, receive, send):
        await asyncio.sleep(SOON_S)

    async def watched(scope, receive, send):
        told.append(scope["path"])

    async def ask_both():
        application = apart(pages, watched)
        page = asyncio.create_task(application({"path": "/"}, None, None))
        await asyncio.wait_for(application({"path": "/healthz"}, None, None), SOON_S / 2)
        page.cancel()

    asyncio.run(ask_both())
    assert told == ["/healthz"]


@contextmanager
def frozen(server):
    """The whole server stands still, as on a machine that swaps, or behind a network that swallows everything."""
    postmaster = server.cluster.postmaster()
    everyone = [postmaster, *postmaster.children(recursive=True)]
    for process in everyone:
        process.suspend()
    try:
        yield
    finally:
        for process in everyone:
            process.resume()


def look(port):
    """Sees a page, or not: the site may stop first."""
    with suppress(OSError, HTTPException):
        get(port, "/")


def get(port, path):
    client = HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.monotonic()
    client.request("GET", path)
    response = client.getresponse()
    said = response.read()
    client.close()
    return response.status, said, time.monotonic() - began


def test_a_database_that_hangs_is_told_in_time_while_every_page_waits_for_it(shared_server):
    url = f"postgres://postgres@/conduit?host={quote(str(shared_server.socket_dir), safe='')}"
    ours = {
        "DATABASE_URL": url,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "conduit.settings",
        "PYTHONUNBUFFERED": "1",
    }
    port = free_port()
    with serve(os.environ | ours, port) as process:
        try:
            wait_for_line(process, f"http://localhost:{port}")
            assert get(port, "/readyz")[0] == 200
            with frozen(shared_server):
                waiting = [threading.Thread(target=look, args=(port,), daemon=True) for _ in range(12)]
                for page in waiting:
                    page.start()
                time.sleep(in_time.FRESH_S + 0.2)  # the last answer is still good for that long
                status, said, took_s = get(port, "/readyz")
                assert (status, json.loads(said)["reasons"]) == (503, ["the database does not answer"])
                assert took_s < SOON_S
                assert get(port, "/healthz")[0] == 200
                assert b"conduit_database_up 0.0" in get(port, "/metrics")[1]
            back = time.monotonic()
            while get(port, "/readyz")[0] != 200:
                assert time.monotonic() < back + 3 * SOON_S
                time.sleep(0.1)
            for page in waiting:
                page.join(SOON_S)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


# Who may read the metrics


def asking(**meta):
    return RequestFactory().get(
        "/metrics", **{"HTTP_HOST": "localhost:8000", "REMOTE_ADDR": "127.0.0.1"} | meta
    )


@pytest.fixture
def for_this_machine(settings):
    settings.ALLOWED_HOSTS, settings.ALLOWED_ORIGINS = ["localhost", "127.0.0.1", "[::1]"], []
    return settings


@pytest.mark.parametrize(
    ("meta", "may"),
    [
        ({}, True),
        ({"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8000"}, True),
        ({"REMOTE_ADDR": "10.0.0.7"}, False),
        ({"REMOTE_ADDR": ""}, False),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
        ({"HTTP_X_FORWARDED_PROTO": "https"}, False),
        ({"HTTP_FORWARDED": "for=127.0.0.1"}, False),
        ({"HTTP_HOST": "rebound.example"}, False),
        ({"HTTP_HOST": ""}, False),
        ({"HTTP_HOST": "]["}, False),
    ],
)
def test_without_a_token_metrics_are_for_this_machine(for_this_machine, meta, may):
    assert may_read(asking(**meta)) is may


def test_without_a_token_nobody_reads_the_metrics_of_a_site_for_others(for_this_machine):
    for_this_machine.ALLOWED_ORIGINS = ["https://conduit.example"]
    assert not may_read(asking())
    for_this_machine.ALLOWED_ORIGINS, for_this_machine.ALLOWED_HOSTS = [], ["conduit.example"]
    assert not may_read(asking())


@pytest.mark.parametrize(
    ("sent", "may"),
    [
        ("Bearer a-token", True),
        ("Bearer another", False),
        ("a-token", False),
        ("", False),
        ("Bearer å", False),
    ],
)
def test_with_a_token_it_alone_counts(for_this_machine, sent, may):
    for_this_machine.METRICS_TOKEN = "a-token"
    assert may_read(asking(HTTP_AUTHORIZATION=sent)) is may
    assert may_read(asking(HTTP_AUTHORIZATION=sent, REMOTE_ADDR="10.0.0.7", HTTP_HOST="a.example")) is may


def test_to_everybody_else_there_is_nothing():
    response = Client().get("/metrics", REMOTE_ADDR="10.0.0.7")
    assert (response.status_code, response.content) == (404, b"There is nothing here.\n")
