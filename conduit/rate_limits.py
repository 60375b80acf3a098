"""So many requests a minute: reads are counted by each process, writes by the database, for all processes together.

A write costs a statement more, a read none. Who writes is known by a token that is good, else by the address that it
comes from (conduit/peers.py); nobody is counted by an address that is not known. What people send by pages counts with
it (conduit/page_writes.py). Read 6,000 and write 1,200 times a minute, or by the settings API_READS_A_MINUTE and
API_WRITES_A_MINUTE; API_RATE_LIMITS=0 turns it off.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from http import HTTPStatus
from threading import Lock
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from conduit.api_door import OF_THE_API
from eventstore.acting import acting
from eventstore.api import refused, sent_token
from eventstore.database import execute, rows
from eventstore.seldom import Seldom

MINUTE = 60
SAFE = {"GET", "HEAD", "OPTIONS"}
PEERS = 10
"""So many tokens may read from one address: there may be a house behind it, or somebody who makes tokens up."""

MOST_READERS = 100_000
SPENT = {"request": ["is one too many. Please try again later"]}

COUNT = b"""
INSERT INTO conduit_writecount AS known (who, minute, count) VALUES (%s, %s, 1)
ON CONFLICT (who) DO UPDATE SET (minute, count) = (
    SELECT CASE WHEN counts THEN known.minute ELSE excluded.minute END,
        CASE WHEN counts THEN known.count + 1 ELSE 1 END
    FROM (SELECT known.minute BETWEEN excluded.minute AND excluded.minute + 1 AS counts) AS judged)
RETURNING count
"""
"""Another process may be in the next minute already. A minute further ahead is from before a clock was put back."""

TIDY = b"""
DELETE FROM conduit_writecount WHERE who IN (
    SELECT who FROM conduit_writecount WHERE minute NOT BETWEEN %(now)s AND %(now)s + 1 FOR UPDATE SKIP LOCKED)
"""


def now() -> int:
    return int(time.time())


def until_next_minute() -> int:
    """In seconds."""
    return MINUTE - now() % MINUTE


class Budget(NamedTuple):
    """What somebody may do in this minute, and how often they have done it, this time included."""

    limit: int
    spent: int

    @property
    def left(self) -> int:
        return max(0, self.limit - self.spent)

    @property
    def overdrawn(self) -> bool:
        return self.spent > self.limit

    def say(self, response: HttpResponse) -> None:
        reset = str(until_next_minute())
        response.headers["RateLimit-Limit"] = str(self.limit)
        response.headers["RateLimit-Remaining"] = str(self.left)
        response.headers["RateLimit-Reset"] = reset
        if self.overdrawn:
            response.headers["Retry-After"] = reset


class Reads:
    """Counts of this minute, in this process: of the MOST_READERS who asked last."""

    def __init__(self) -> None:
        self._lock, self._minute = Lock(), 0
        self._counts: OrderedDict[str, int] = OrderedDict()

    def count(self, who: str) -> int:
        minute = now() // MINUTE
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._counts.clear()
            self._counts[who] = self._counts.pop(who, 0) + 1
            if len(self._counts) > MOST_READERS:
                self._counts.popitem(last=False)
            return self._counts[who]


reads, tidy = Reads(), Seldom(MINUTE)


class RateLimits:
    """Middleware, inside the door: it asks who asks, as the operation will."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if budget := request.META.get("conduit.budget"):
            budget.say(response)
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        if not settings.API_RATE_LIMITS or not OF_THE_API.match(request.path_info):
            return None
        budget = request.META["conduit.budget"] = _spend(request)
        return refused(HTTPStatus.TOO_MANY_REQUESTS, SPENT) if budget and budget.overdrawn else None


def _spend(request: HttpRequest) -> Budget | None:
    """None for nobody that can be told from others, and if the database is in trouble, as the operation will say."""
    if request.method in SAFE:
        return _read(request)
    try:
        who = str(request.user.pk or acting().peer)
        return write(who) if who else None
    except DatabaseError:
        return None


def _read(request: HttpRequest) -> Budget | None:
    """By address, and by token, good or not: whichever leaves less. A token that its address refuses is not counted."""
    limit, token, address = settings.API_READS_A_MINUTE, sent_token(request), acting().peer
    by_address = Budget(limit * PEERS if token else limit, reads.count(address)) if address else None
    if not token or (by_address and by_address.overdrawn):
        return by_address
    digest = blake2b(token.encode(errors="surrogatepass"), digest_size=16).hexdigest()
    by_token = Budget(limit, reads.count(digest))
    return min(by_address or by_token, by_token, key=lambda each: each.limit - each.spent)


def write(who: str) -> Budget:
    """What is left when this write is counted. Raises a `DatabaseError` if it can't be."""
    return Budget(settings.API_WRITES_A_MINUTE, _written(who))


def _written(who: str) -> int:
    """How often somebody has written in this minute, in any process. One statement."""
    minute = now() // MINUTE
    [(count,)] = rows(COUNT, (who, minute))
    if tidy.is_due():
        execute(TIDY, {"now": minute})
    return int(count)
