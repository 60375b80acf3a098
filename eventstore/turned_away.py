"""Who is turned away at a door, before any command was sent, leaves a row in the audit as well: a knock.

Of acts only, never of looking, and of people who are signed in; strangers stand in the log's lines. Middleware, behind
the one that says who asks.
"""

import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from eventstore import audit, store
from eventstore.carry_out import order
from eventstore.codec import storable
from eventstore.messages import command

logger = logging.getLogger(__name__)

SAFE = {"GET", "HEAD", "OPTIONS"}
AWAY = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
TELLABLE = frozenset(
    ["slug", "number", "username", "name", "verb", "subscriber", "position", "replay_id", "object_id"]
)
"""What an address may say of itself in the audit; whatever else is in one may be a secret."""

LONGEST = 300
STEP = re.compile(r"<(?:\w+:)?(\w+)>|\{(?:\w+:)?(\w+)\}")


@command("eventstore.knock", audit="method door")
class Knock:
    """An act that was asked for at a door, and got no further."""

    method: str
    door: str


class TurnedAway:
    """Notes who was refused an act with 403 or 404, unless the command that refused it has noted it already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE:
            return self.get_response(request)
        token = audit.noted.set(False)
        try:
            response = self.get_response(request)
            if response.status_code in AWAY and not audit.noted.get():
                _note(request, response.status_code)
        finally:
            audit.noted.reset(token)
        return response


def _note(request: HttpRequest, status: int) -> None:
    """Who is away with the database keeps the answer that they got; the log's line is all that tells of it."""
    user: Any = request.user
    if not user.is_authenticated:
        return
    knock = Knock(method=str(request.method)[:LONGEST], door=door(request))
    try:
        store.record(order(knock), None, "refused", f"{status} {HTTPStatus(status).phrase}")
    except DatabaseError:
        logger.exception("a knock left no row in the audit")


def door(request: HttpRequest) -> str:
    """The address, with those of its parts that may be told."""
    match = request.resolver_match
    if match is None:
        return "nowhere"
    said = {name: str(value) for name, value in match.kwargs.items() if name in TELLABLE}

    def step(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return said.get(name, f"<{name}>")

    return storable("/" + STEP.sub(step, match.route))[:LONGEST]
