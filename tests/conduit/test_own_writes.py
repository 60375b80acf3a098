"""A page waits for its reader's own writes, for a moment; whoever makes sessions up takes few threads from the others."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from time import monotonic, sleep

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from conduit import own_writes


@pytest.fixture
def site(monkeypatch):
    """Where a write takes as long as it is told to, and a page waits until somebody loses patience with the test."""
    monkeypatch.setattr(own_writes, "PATIENCE_S", 60.0)
    with ThreadPoolExecutor() as threads:
        yield Site(threads)


class Site:
    def __init__(self, threads):
        self._threads = threads
        self._respond = own_writes.own_writes_first(self._answer)
        self._begun, self._may_end = Event(), Event()

    def _answer(self, request):
        if request.method == "POST":
            self._begun.set()
            assert self._may_end.wait(60)
        return HttpResponse()

    def _ask(self, method, session):
        request = RequestFactory().generic(method, "/")
        request.COOKIES[settings.SESSION_COOKIE_NAME] = session
        return self._threads.submit(self._respond, request)

    @contextmanager
    def a_write_of(self, session):
        self._begun.clear()
        self._may_end.clear()
        written = self._ask("POST", session)
        try:
            assert self._begun.wait(10)
            yield
        finally:
            self._may_end.set()
            assert written.result(10).status_code == 200

    def read_by(self, session):
        return self._ask("GET", session)


def waits(number):
    """Until so many pages wait."""
    until = monotonic() + 10
    while len(own_writes._written._waiters) != number:
        assert monotonic() < until
        sleep(0.01)


def test_a_page_waits_for_its_readers_own_writes_and_for_nobody_elses(site):
    with site.a_write_of("jane"):
        mine = site.read_by("jane")
        waits(1)
        assert site.read_by("jake").result(10).status_code == 200
        assert not mine.done()
    assert mine.result(10).status_code == 200


def test_at_most_two_pages_wait_at_once_and_there_is_room_again_when_they_are_done(site):
    for _ in range(2):
        with site.a_write_of("mallory"):
            patient = [site.read_by("mallory") for _ in range(2)]
            waits(2)
            others = [site.read_by("mallory") for _ in range(5)]
            assert [page.result(10).status_code for page in others] == [200] * 5
            assert not any(page.done() for page in patient)
        assert [page.result(10).status_code for page in patient] == [200] * 2
