"""A read that asks for it shows at least a position: `Conduit-After: 17`, and `Prefer: wait=2` to wait for it.

Without the preference, or when the time is over, the answer is 503: what was asked for is not shown yet. Reading
appends nothing; it may do the projectors' work, as every write does.
"""

import re
from functools import wraps
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Any

from django.http import HttpRequest, HttpResponse

from conduit.api_extras.operations import READING, Run
from eventstore.api import refused
from eventstore.freshness import await_shown
from eventstore.log import head

LONGEST_S = 5
"""However much longer a client would wait."""

AT_ONCE = 4
"""Waiting takes a thread; the others have readers who do not wait."""

_turns = BoundedSemaphore(AT_ONCE)
POSITION = re.compile(r"[0-9]{1,18}")
WAIT = re.compile(r'wait *= *(?:"([0-9]{1,9})"|([0-9]{1,9})) *(?:;.*)?', re.IGNORECASE)


def fresh(run: Run) -> Run:
    @wraps(run)
    def respond(request: HttpRequest, **steps: Any) -> HttpResponse:
        asked = request.headers.get("Conduit-After")
        if request.method not in READING or asked is None:
            return run(request, **steps)
        seconds = _patience(request.headers.get("Prefer", ""))
        if stale := _stale(asked, seconds or 0):
            return stale
        response = run(request, **steps)
        if seconds is not None:
            response.headers["Preference-Applied"] = f"wait={seconds}"
        return response

    return respond


def _patience(prefer: str) -> int | None:
    """The seconds of the first `wait` (RFC 7240); what is no preference of that kind is ignored."""
    found = next(filter(None, (WAIT.fullmatch(each.strip()) for each in prefer.split(","))), None)
    return min(int(found[1] or found[2]), LONGEST_S) if found else None


def _stale(asked: str, seconds: int) -> HttpResponse | None:
    """Why the position can't be shown; None if it is."""
    if not POSITION.fullmatch(asked):
        return refused(HTTPStatus.UNPROCESSABLE_ENTITY, {"conduit-after": ["must be a whole number"]})
    if await_shown(int(asked), 0):
        return None
    if int(asked) > head():
        return refused(HTTPStatus.UNPROCESSABLE_ENTITY, {"conduit-after": ["is beyond the end of the log"]})
    return None if seconds and _awaited(int(asked), seconds) else _not_yet()


def _awaited(position: int, seconds: int) -> bool:
    if not _turns.acquire(blocking=False):
        return False
    try:
        return await_shown(position, seconds)
    finally:
        _turns.release()


def _not_yet() -> HttpResponse:
    response = refused(HTTPStatus.SERVICE_UNAVAILABLE, {"conduit-after": ["is not shown yet"]})
    response.headers["Retry-After"] = "1"
    return response
