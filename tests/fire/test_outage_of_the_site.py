"""The database goes away under the site and comes back: a page says so at once and for how long, nothing breaks,
and within ten seconds of its return all is as before, without a restart."""

import logging
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from accounts.commands import RegisterUser
from accounts.registration import register
from eventstore.dispatch import dispatch
from tests.cast import PASSWORD
from tests.eventstore.tools import ROOT, environ
from tests.fire.crashing import until
from tests.fire.ledger import ARTICLE, AUTHOR, published
from tests.fire.outage import own_server

EVERY_S = 0.4
BACK_WITHIN_S = 10
"""What the product promises, after the database's return."""
ANSWERED_WITHIN_S = 15
AWAY_S = 6
"""Longer than anybody waits for a connection."""
TOKEN = "t" * 32
FORM = urlencode({"csrfmiddlewaretoken": TOKEN, "email": "nobody@conduit.example", "password": "a password"})

logger = logging.getLogger(__name__)


class Visit(NamedTuple):
    """What somebody asks for, and gets while all is well."""

    method: str
    path: str
    cookie: str
    status: int


VISITS = (
    Visit("GET", "/", "", 200),
    Visit("GET", "/article/the-fire", "", 200),
    Visit("GET", "/", f"sessionid={'s' * 32}", 200),
    Visit("POST", "/login", f"csrftoken={TOKEN}", 422),
    Visit("GET", "/profile/nobody", "", 404),
)


class Answer(NamedTuple):
    visit: Visit
    began: float
    took: float
    status: int
    retry_after: str
    body: str

    @property
    def well(self):
        return self.status == self.visit.status

    @property
    def away(self):
        """Our page, which says when to come again, and nothing about what is wrong."""
        return self.status == 503 and int(self.retry_after) > 0 and "<h1>Back in a moment</h1>" in self.body


class Visitors:
    """A trickle of people, none of whom waits for another."""

    def __init__(self, port):
        self.port, self.answers = port, []
        self._done, self._asking = threading.Event(), []
        self._door = threading.Thread(target=self._come_and_go)

    def __enter__(self):
        self._door.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        for thread in (self._door, *self._asking):
            thread.join()

    def since(self, moment):
        """Whoever came later and has been answered."""
        return [answer for answer in self.answers if answer.began >= moment]

    def _come_and_go(self):
        for visit in cycle(VISITS):
            if self._done.wait(EVERY_S):
                return
            person = threading.Thread(target=self._ask, args=(visit,))
            person.start()
            self._asking.append(person)

    def _ask(self, visit):
        began, answer = time.monotonic(), (0, "", "no answer")
        with suppress(OSError, HTTPException):
            answer = ask(self.port, visit)
        self.answers.append(Answer(visit, began, time.monotonic() - began, *answer))


def ask(port, visit):
    line = HTTPConnection("localhost", port, timeout=60)
    headers = {"Cookie": visit.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    line.request(visit.method, visit.path, FORM if visit.method == "POST" else None, headers)
    response = line.getresponse()
    body = response.read().decode()
    line.close()
    return response.status, response.headers.get("Retry-After", "0"), body


@pytest.fixture
def power(django_db_blocker):
    with django_db_blocker.unblock(), own_server() as power:
        register(RegisterUser(user_id=AUTHOR, username="jake", email="jake@conduit.example"), PASSWORD)
        dispatch(published(ARTICLE, "The fire"))
        yield power


@pytest.fixture
def site(power, tmp_path):
    """The port of the whole site, in one process, and the process."""
    ours = {"DJANGO_SETTINGS_MODULE": "tests.browser.site_settings", "STATIC_ROOT": str(tmp_path / "static")}
    log, port = tmp_path / "log", free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    env = environ() | ours | {"SECRET_KEY": "only for tests", "DEBUG": "0"}
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert any(f"http://localhost:{port}" in line for line in process.stdout), log.read_text()
        try:
            yield port, process
        finally:
            process.terminate()
            process.communicate(timeout=20)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_the_site_says_that_it_is_away_and_is_back_within_ten_seconds(power, site, long):
    port, process = site
    with Visitors(port) as visitors:
        for _ in range(5 if long else 1):
            until(lambda: visitors.answers)
            power.fail()
            gone = time.monotonic()
            time.sleep(AWAY_S)
            returning = time.monotonic()
            power.return_()
            back = time.monotonic()
            until(lambda back=back: all_well(visitors.since(back)), within_s=BACK_WITHIN_S)
            well = time.monotonic()
            time.sleep(BACK_WITHIN_S if long else 1)
            assert [answer for answer in visitors.since(well) if not answer.well] == []
            during = [answer for answer in visitors.since(gone) if answer.began + answer.took < returning]
            assert during
            assert [answer for answer in during if not answer.away] == []
            logger.info("away %.1f s, well %.1f s after the return", back - gone, well - back)
    assert [answer for answer in visitors.answers if not (answer.well or answer.away)] == []
    assert max(answer.took for answer in visitors.answers) < ANSWERED_WITHIN_S
    assert process.poll() is None


def all_well(answers):
    """Whoever came lately got what they asked for, each kind of visit once."""
    latest = answers[-len(VISITS) :]
    return len(latest) == len(VISITS) and all(answer.well for answer in latest)
