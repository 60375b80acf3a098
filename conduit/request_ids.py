"""Every request has an id: the client's own, if it is a sane one, or ours. The answer says it, and so do the logs.

Here as well it is found out where a request comes from. An id that is a UUID is the correlation id of the commands too,
so that an answer leads to its rows in the audit.
"""

import re
from collections.abc import Callable
from contextvars import ContextVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from conduit.peers import address
from eventstore.acting import Acting, act
from eventstore.ids import uuid7

HEADER = "X-Request-Id"
SANE = re.compile(r"[!-~]{1,128}")
UUID_LENGTH = 36

current: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id(request: object) -> str | None:
    """The id of a request that has passed here."""
    return getattr(request, "META", {}).get("conduit.request_id")


def request_ids(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, outside of all others: whatever is answered has the id."""

    def respond(request: HttpRequest) -> HttpResponse:
        sent = request.headers.get(HEADER, "")
        its_id = request.META["conduit.request_id"] = sent if SANE.fullmatch(sent) else str(uuid7())
        token = current.set(its_id)
        try:
            with act(Acting(address=address(request.META), correlation_id=_uuid(its_id) or uuid7())):
                response = get_response(request)
        finally:
            current.reset(token)
        response.headers[HEADER] = its_id
        return response

    return respond


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == UUID_LENGTH else None
    except ValueError:
        return None
