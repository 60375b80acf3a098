"""What an operation of the API hears and says in headers: under which id it tells, which version it means, where
its facts stand, where a list goes on. What all operations have in common is in `conduit.api_extras`.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from eventstore.dispatch import Receipt, dispatch

COMMAND_ID, POSITION = "conduit.command_id", "conduit.position"
"""Where a request carries them, out of any client's reach: headers are HTTP_…."""

VERSIONED = re.compile(r'"([1-9][0-9]{0,8})-[0-9a-f]+"')
NO_VERSION = 0
HASH_BYTES = 12


# Telling


def command_id(request: HttpRequest) -> UUID | None:
    """The id that the request's Idempotency-Key amounts to; None if it has no key."""
    found: UUID | None = request.META.get(COMMAND_ID)
    return found


def tell(request: HttpRequest, command: object) -> Receipt:
    """Dispatches a command; sent again under the same key, it is the same command."""
    return noted(request, dispatch(command, id=command_id(request)))


def noted(request: HttpRequest, receipt: Receipt) -> Receipt:
    """The receipt of what a request told, whose position its answer will say."""
    if receipt.position:
        request.META[POSITION] = receipt.position
    return receipt


# Versions


def etag(content: bytes, version: int | None = None) -> str:
    """A strong tag: another one whenever a byte of the answer differs, whatever made it differ."""
    digest = blake2b(content, digest_size=HASH_BYTES).hexdigest()
    return f'"{digest}"' if version is None else f'"{version}-{digest}"'


def versioned(response: HttpResponse, version: int) -> HttpResponse:
    """An answer that shows a thing in this version of its stream."""
    response.headers["ETag"] = etag(response.content, version)
    return response


def expected_version(request: HttpRequest, present: int) -> int | None:
    """The version that If-Match asks for, for the command to insist on; None if any will do.

    Only the version in front of a tag counts: it is what a write replaces, and a heart given meanwhile is no reason
    to refuse it. Of several tags the one that fits; a tag that is weak, or none of ours, fits nothing.
    """
    asked = request.headers.get("If-Match")
    if asked is None or asked.strip() == "*":
        return None
    found = [VERSIONED.fullmatch(tag.strip()) for tag in asked.split(",")]
    versions = {int(tag[1]) for tag in found if tag}
    return present if present in versions else max(versions, default=NO_VERSION)


# Lists


def paged(request: HttpRequest, response: HttpResponse, part: slice, total: int) -> HttpResponse:
    """A part of a list, with links to the other parts (RFC 8288) that keep what else was asked for."""
    size = part.stop - part.start
    links = (
        f'<{_path(request, size, offset)}>; rel="{rel}"' for rel, offset in _parts(part.start, size, total)
    )
    response.headers["Link"] = ", ".join(links)
    return response


def _parts(start: int, size: int, total: int) -> Iterator[tuple[str, int]]:
    yield "first", 0
    if start > 0:
        yield "prev", max(0, min(start, total) - size)
    if start + size < total:
        yield "next", start + size
    yield "last", max(0, total - 1) // size * size


def _path(request: HttpRequest, limit: int, offset: int) -> str:
    asked = request.GET.copy()
    asked["limit"], asked["offset"] = str(limit), str(offset)
    return f"{request.path}?{asked.urlencode()}"
