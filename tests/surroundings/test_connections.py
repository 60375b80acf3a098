"""Strangers hold every connection that the database has: whoever asks the site is told to come again, soon and in its
door's form; what is wrong can be read; and when they let go, all is as before.

Here a role may have no connection at all, which PostgreSQL refuses as it does when `max_connections` are used up.
"""

import json
import threading
import time
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from conduit import databases
from conduit.doctor import server
from tests.cast import Cast
from tests.eventstore.tools import another, one
from tests.fire.crashing import until
from tests.fire.outage import leave
from tests.live.listening import cookie
from tests.live.wire import a_site, answer, broken
from tests.surroundings.two_roles import two_roles

CROWD = 60
ANSWERED_WITHIN_S = 15
BACK_WITHIN_S = 10
"""What the product promises."""


@pytest.fixture(scope="module")
def role(fresh_database):
    with fresh_database("connections"), two_roles() as role:
        call_command("grant_app_role", role.app, stdout=StringIO())
        yield role


@contextmanager
def nobody_gets_in(role):
    """Nor stays."""
    role.run("ALTER ROLE {app} CONNECTION LIMIT 0")
    with another(user=role.superuser) as raw:
        raw.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (role.app,))
    try:
        yield
    finally:
        role.run("ALTER ROLE {app} CONNECTION LIMIT -1")


def at_once(port, asked):
    """What each was answered, and after how many seconds."""
    answers = []

    def ask(path, headers):
        began = time.monotonic()
        status, said, body = answer(port, path, **headers)
        answers.append((path, status, said["Retry-After"], body, time.monotonic() - began))

    threads = [threading.Thread(target=ask, args=each) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_whoever_asks_is_told_soon_and_what_is_wrong_can_be_read(role):
    cast = Cast()
    article, signed_in = cast.jake.publishes(), {"cookie": cookie(cast.jake)}
    paths = [("/", {}), (article.path, {}), ("/", signed_in), ("/api/articles", {}), ("/admin/", signed_in)]
    with a_site() as (port, process):
        assert {status for _, status, *_ in at_once(port, paths[:4])} == {200}
        leave()
        with nobody_gets_in(role):
            answers = at_once(port, paths * (CROWD // len(paths)))
            assert [each for each in answers if each[1] != 503 or not each[2]] == []
            assert max(took for *_, took in answers) < ANSWERED_WITHIN_S
            assert {
                json.loads(body)["errors"]["server"][0] for path, _, _, body, _ in answers if "api" in path
            }
            status, _, body = answer(port, "/readyz")
            assert (status, json.loads(body)["reasons"]) == (503, ["the database takes no more connections"])
            assert answer(port, "/healthz")[0] == 200
            assert "-> Somebody holds all of its connections" in doctors_words()
            leave()
        until(lambda: {status for _, status, *_ in at_once(port, paths[:4])} == {200}, within_s=BACK_WITHIN_S)
        assert broken(process) == []


def doctors_words():
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    return out.getvalue()


def test_the_doctor_counts_strangers_as_well(role):
    [before] = [int(found.said.split()[0]) for found in server.connections()]
    with another(user=role.superuser), another(user=role.owner):
        [held] = [int(found.said.split()[0]) for found in server.connections()]
        assert held >= before + 2
        assert one("SELECT current_user::text") == role.app


def test_patience_comes_back_with_the_first_connection(role):
    one("SELECT 1")
    connection.pool.timeout = 0.01
    connection.close()
    connection.ensure_connection()
    assert connection.pool.timeout == databases.POOL["timeout"]


def test_who_gave_up_waiting_keeps_nobody_else_from_asking(role):
    """Else the pool, full of them, would never connect again."""
    leave()
    connection.pool.timeout = 0.01
    with nobody_gets_in(role):
        for _ in range(databases.POOL["max_waiting"] + 10):
            with pytest.raises(OperationalError, match="couldn't get a connection"):
                connection.ensure_connection()
            connection.pool.timeout = 0.01
    connection.pool.timeout = databases.POOL["timeout"]
    until(lambda: one("SELECT 1") == 1, within_s=BACK_WITHIN_S)
