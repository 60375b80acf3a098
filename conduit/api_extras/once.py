"""Idempotency-Key: a write that is sent again is answered again, and done once.

The key, with whose it is, makes the command's id, so the log itself refuses a second time even if the answer was
lost in a crash, or not kept. Answers are kept for a day, without tokens, so many of each person and none that refuses
a stranger; who asks in between waits for the first to end.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from psycopg.types.json import Jsonb

from accounts.tokens import repeatable
from conduit.api_extras.operations import WRITING, Run
from eventstore.api import refused, sent_token
from eventstore.api_headers import COMMAND_ID, command_id
from eventstore.budgets import HOUR, Counter, Limit, TooMany, spend
from eventstore.database import execute, rows
from eventstore.ids import derived
from eventstore.seldom import Seldom

HEADER = "Idempotency-Key"
SANE = re.compile(r"[!-~]{1,255}")
UNFIT = "must be 1 to 255 visible ASCII characters"
OTHER = "was sent before with something else"

NOBODY = "nobody"
KEPT_A_DAY = Limit(1_000, 24 * HOUR)
"""So many answers to one person."""

REGISTER, LOGIN = "/api/users", "/api/users/login"
"""Nobody's write that is done once, whoever's token comes along; and one that is never answered from memory: what
was the right password may be it no longer."""

WITH_PASSWORDS = "/api/user"
FINAL = {200, 201, 204, 403, 404, 409, 412, 422}
"""What stays true of the request; the rest is of the moment, or not about what was asked."""

KEPT = ("Content-Type", "Cache-Control", "ETag", "Conduit-Position")
SECRET = b"\0"
"""Stands for the token in an answer: no JSON has this byte."""

tidy = Seldom(60.0)


class Given(NamedTuple):
    asked: str
    status: int
    headers: dict[str, str]
    body: bytes


def once(run: Run) -> Run:
    @wraps(run)
    def respond(request: HttpRequest, **steps: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        whose = None if key is None else _whose(request)
        if key is None or whose is None:
            return run(request, **steps)
        if not SANE.fullmatch(key):
            return _refused(UNFIT)
        request.META[COMMAND_ID] = its_id = derived("idempotency", whose, key)
        return _again(request, its_id) or _first(run, request, its_id, whose, steps)

    return respond


def _whose(request: HttpRequest) -> str | None:
    """Under whose keys a write is sent; None: it is not one, or will be refused anyway."""
    if request.method not in WRITING or request.path_info == LOGIN or not _is_readable(request):
        return None
    if request.path_info == REGISTER:
        return NOBODY
    return str(request.user.pk) if request.user.is_authenticated else None


def _is_readable(request: HttpRequest) -> bool:
    with suppress(RequestDataTooBig):
        return request.body is not None
    return False


def _refused(why: str) -> HttpResponse:
    return refused(HTTPStatus.UNPROCESSABLE_ENTITY, {HEADER.lower(): [why]})


def reused() -> HttpResponse:
    """For a key whose answer is not kept, but whose command the log knows with another content."""
    return _refused(OTHER)


def _first(run: Run, request: HttpRequest, its_id: UUID, whose: str, steps: dict[str, Any]) -> HttpResponse:
    """Whoever comes first does it; the others find the answer when their turn comes."""
    with _turn(its_id):
        if given := _again(request, its_id):
            return given
        response = run(request, **steps)
        if response.status_code in FINAL and _may_be_kept(response.status_code, whose):
            _keep(request, its_id, response)
        return response


@contextmanager
def _turn(its_id: UUID) -> Iterator[None]:
    """One at a time, in all processes; an OperationalError after the session's patience with locks."""
    lock = (int.from_bytes(its_id.bytes[:8], signed=True),)
    rows(b"SELECT pg_advisory_lock(%s::bigint)::text", lock)
    try:
        yield
    finally:
        rows(b"SELECT pg_advisory_unlock(%s::bigint)", lock)


def _again(request: HttpRequest, its_id: UUID) -> HttpResponse | None:
    """The answer that was given to the same request; a refusal if it was another one."""
    found = rows(
        b"SELECT asked, status, headers, body FROM conduit_givenanswer "
        b"WHERE id = %s AND given_at > now() - interval '1 day'",
        (its_id,),
    )
    if not found:
        return None
    given = Given(*found[0])
    if not _same(request, given.asked):
        return _refused(OTHER)
    body = bytes(given.body).replace(SECRET, _secret(request))
    response = HttpResponse(
        body, status=given.status, headers={**given.headers, "Idempotent-Replayed": "true"}
    )
    if "Content-Type" not in given.headers:
        del response.headers["Content-Type"]
    return response


def _may_be_kept(status: int, whose: str) -> bool:
    """A stranger's refusal costs them nothing, so they could fill the table with it; that of a person is counted."""
    if whose == NOBODY:
        return status < HTTPStatus.BAD_REQUEST
    with suppress(TooMany):
        spend(Counter("kept answers", whose, KEPT_A_DAY))
        return True
    return False


def _keep(request: HttpRequest, its_id: UUID, response: HttpResponse) -> None:
    headers = {name: response.headers[name] for name in KEPT if name in response.headers}
    body = response.content.replace(_secret(request), SECRET)
    execute(
        b"INSERT INTO conduit_givenanswer (id, asked, status, headers, body, given_at) "
        b"VALUES (%s, %s, %s, %s, %s, now()) ON CONFLICT (id) DO UPDATE SET asked = excluded.asked, "
        b"status = excluded.status, headers = excluded.headers, body = excluded.body, given_at = excluded.given_at",
        (its_id, _asked(request), response.status_code, Jsonb(headers), body),
    )
    if tidy.is_due():
        execute(b"DELETE FROM conduit_givenanswer WHERE given_at < now() - interval '1 day'")


def _secret(request: HttpRequest) -> bytes:
    """The token that an answer may hold: the one in use, or the new one, which is made of the request itself."""
    if request.path_info == REGISTER:
        return repeatable(command_id(request), request.body).encode()
    return sent_token(request).encode()


def _asked(request: HttpRequest) -> str:
    """What was asked, as a hash; with a password in it, hashed as slowly as one."""
    return make_password(_digest(request)) if _has_password(request) else _digest(request)


def _same(request: HttpRequest, asked: str) -> bool:
    digest = _digest(request)
    return check_password(digest, asked) if _has_password(request) else digest == asked


def _has_password(request: HttpRequest) -> bool:
    return request.path_info.startswith(WITH_PASSWORDS)


def _digest(request: HttpRequest) -> str:
    condition = request.headers.get("If-Match", "")
    said = f"{request.method} {request.get_full_path()}\n{condition}\n".encode() + request.body
    return blake2b(said, digest_size=32).hexdigest()
