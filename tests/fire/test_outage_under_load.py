"""PostgreSQL stops as if the power had failed, sessions are ended, clients are killed, while clients write and a
worker projects: what the clients were told is what the log says, and the worker never needs help."""

import logging
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from uuid import uuid4

import pytest

from accounts.commands import RegisterUser
from accounts.models import Credential
from blog.models import Author
from eventstore.carry_out import carry_out
from eventstore.dispatch import dispatch
from eventstore.status import standings
from tests.eventstore.tools import ROOT, environ, one
from tests.fire.agreement import all_is_done
from tests.fire.crashing import until
from tests.fire.ledger import ARTICLE, UNKNOWN, Clients, discrepancies, published, stored
from tests.fire.outage import end_all_sessions, own_server

CLIENTS = 3

logger = logging.getLogger(__name__)


@pytest.fixture
def power(django_db_blocker):
    with django_db_blocker.unblock(), own_server() as power:
        dispatch(published(ARTICLE, "The fire"))
        yield power


@contextmanager
def process(log, *command):
    """A management command that says what worries it in a file."""
    with log.open("w") as errors:
        command = [sys.executable, "manage.py", *command]
        with subprocess.Popen(command, cwd=ROOT, env=environ(), stdout=errors, stderr=errors) as running:
            try:
                yield running
            finally:
                running.terminate()


def storm(power, clients, seconds):
    """Again and again, at moments that nobody foresees: every session ends, the power fails, a client is killed."""
    happened, deadline = Counter(), time.monotonic() + seconds
    while time.monotonic() < deadline:
        for _ in range(3):
            time.sleep(random.uniform(0.2, 0.5))
            end_all_sessions()
        time.sleep(random.uniform(0.2, 0.5))
        power.fail()
        time.sleep(random.uniform(0, 0.5))
        power.return_()
        clients.kill_the_eldest()
        clients.start()
        happened.update({"all sessions ended": 3, "power failed": 1, "client killed": 1})
    time.sleep(0.5)
    return happened


def test_what_clients_were_told_is_what_the_log_says_whatever_happens(power, long, tmp_path):
    with (
        process(tmp_path / "worker", "run_projectors", "--every", "0.1") as worker,
        Clients(tmp_path) as clients,
    ):
        for _ in range(CLIENTS):
            clients.start()
        happened = storm(power, clients, 180 if long else 6)
        clients.stop()
        until(nobody_lags, within_s=10)
        told = clients.ledger()
        assert discrepancies(told) == {}
        stood = sum(stored()[0][errand.id] for errand, what in told.items() if what == UNKNOWN)
        assert {each: what for each, what in told.items() if what not in (each.fate, UNKNOWN)} == {}
        again = {errand: errand.run() for errand, what in told.items() if what == UNKNOWN}
        assert {each: what for each, what in again.items() if what != each.fate} == {}
        assert discrepancies(told | again) == {}
        nothing_else_happened(told)
        somebody_whom_only_the_worker_shows()
        assert worker.poll() is None
    logger.info("%s; told %s; %s unknown stood", dict(happened), dict(Counter(told.values())), stood)
    assert worker.returncode == 0
    with process(tmp_path / "rebuild", "rebuild_projections", "--check") as rebuild:
        assert rebuild.wait(60) == 0
    assert all_is_done()


def nobody_lags():
    return all(standing.up_to_date for standing in standings())


def nothing_else_happened(told):
    """Besides the errands and the article there are only the reactions to registrations; all of those have a
    password."""
    _, facts = stored()
    others = facts.keys() - {errand.id for errand in told}
    people = one("SELECT count(*) FROM eventstore_event WHERE type = 'accounts.user_registered'")
    assert len(others) - 1 == people == Credential.objects.count() == Author.objects.count()


def somebody_whom_only_the_worker_shows():
    person = uuid4()
    carry_out(RegisterUser(user_id=person, username="late", email="late@conduit.example"))
    became_an_author = "SELECT count(*) FROM eventstore_event WHERE stream = %s"
    until(
        lambda: one(became_an_author, f"author-{person}") == 1 and Author.objects.filter(id=person).exists()
    )
