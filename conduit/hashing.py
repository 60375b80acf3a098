"""Passwords are hashed by few threads at a time, so that many who sign in at once keep nobody from reading.

Under ASGI the requests that hash have a hall: threads and a queue of their own. Under WSGI, where threads are for
everybody, a room lets few of them in, a few more wait for a while, and everybody else is told at once to come again.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore, local

from django.urls import reverse

from conduit.guards import Application, Receive, Scope, Send
from eventstore.dispatch import TooBusy

AT_ONCE = min(4, os.cpu_count() or 1)
"""As many as there are cores: more would only take turns."""

QUEUE = 400
"""Requests that wait in the hall; whoever comes later is told at once to come again."""

DOORS = (
    *("login", "register", "settings", "close-account", "password-reset-new", "admin:login"),
    *("api:register_person", "api:log_in", "api:update_user"),
)
SENDING = {"POST", "PUT"}


def in_its_hall(pages: Application, hall: Application) -> Application:
    """ASGI: what may hash a password is answered in the hall, everything else among the pages."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await (hall if hashes(scope["method"], scope["path"]) else pages)(scope, receive, send)

    return respond


def hashes(method: str | None, path: str) -> bool:
    return method in SENDING and path in doors()


@cache
def doors() -> frozenset[str]:
    return frozenset(map(reverse, DOORS))


class Room:
    """So many threads are inside at once; so many others wait for their turn, for so many seconds."""

    def __init__(self, inside: int, waiting: int, patience_s: float) -> None:
        self._turns, self._places = BoundedSemaphore(inside), BoundedSemaphore(inside + waiting)
        self._patience_s, self._here = patience_s, local()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """`TooBusy` for whoever finds no place, or waits too long. Whoever is inside may enter again."""
        if getattr(self._here, "inside", False):
            yield
            return
        with self._place(), self._turn():
            self._here.inside = True
            try:
                yield
            finally:
                self._here.inside = False

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise TooBusy
        try:
            yield
        finally:
            self._places.release()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._patience_s):
            raise TooBusy
        try:
            yield
        finally:
            self._turns.release()


HELD = 5
"""Of a WSGI server's eight threads at most these are ever kept from reading."""

room = Room(inside=AT_ONCE, waiting=HELD - AT_ONCE, patience_s=5.0)
