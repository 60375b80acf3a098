"""What was confided with a request: what came in places for secrets, and whatever came under a name that nobody knows.

A list of what may be told, not of what may not: a misspelt password is one. The site's own secrets are among them.
"""

import json
from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

from django.conf import settings
from django.http import HttpRequest

FIELDS = frozenset((
    "username", "email", "bio", "image", "title", "description", "body", "tags", "tag", "tagList", "author", "favorited",
    "feed", "page", "limit", "offset", "after", "before", "types", "type", "kind", "stream", "q", "o", "p", "e", "next",
    "place", "version", "command_id", "user", "article", "comment", "show", "form", "reason",
))  # fmt: skip
HEADERS = frozenset((
    "HTTP_HOST", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE", "HTTP_CACHE_CONTROL", "HTTP_CONNECTION",
    "HTTP_ORIGIN", "HTTP_USER_AGENT", "HTTP_X_REQUEST_ID", "HTTP_HX_REQUEST", "HTTP_UPGRADE_INSECURE_REQUESTS",
))  # fmt: skip
SHORTEST = 6
"""What is shorter is no secret, and on every page."""


def secrets_of(request: HttpRequest | None) -> list[str]:
    """All that must not be shown, in every spelling, the longest first."""
    said = {*_of_the_site(), *(_sent(request) if request else ())}
    words = {each for value in said for each in (value, *value.split()) if len(each) >= SHORTEST}
    return sorted({spelled for word in words for spelled in _spellings(word)}, key=len, reverse=True)


def _of_the_site() -> Iterator[str]:
    yield from (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS, settings.METRICS_TOKEN)
    yield settings.EMAIL_HOST_PASSWORD
    for database in settings.DATABASES.values():
        yield from (database.get("PASSWORD") or "", database.get("MIGRATION", {}).get("PASSWORD") or "")


def _sent(request: HttpRequest) -> Iterator[str]:
    """What came in places that are for secrets, and under names that nobody knows."""
    for name, value in request.META.items():
        if name.startswith("HTTP_") and name not in HEADERS:
            yield str(value)
    yield from request.META.get("HTTP_HOST", "").rpartition("@")[0].split(":")
    yield from request.COOKIES.values()
    query = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    for name, value in (*query, *_fields(request)):
        if name not in FIELDS:
            yield value or name


def _fields(request: HttpRequest) -> Iterator[tuple[str, str]]:
    try:
        yield from ((name, value) for name in request.POST for value in request.POST.getlist(name))
        if body := request.body:
            yield from _leaves("", json.loads(body))
    except Exception:  # noqa: BLE001 - what can't be read was not read by us either, or was a form
        return


def _leaves(name: str, said: Any) -> Iterator[tuple[str, str]]:
    if isinstance(said, dict):
        for each, value in said.items():
            yield from _leaves(each, value)
    elif isinstance(said, list):
        for value in said:
            yield from _leaves(name, value)
    else:
        yield name, str(said)


def _spellings(secret: str) -> Iterator[str]:
    """As it is, as Python, JSON and addresses write it, and each of them as a page does."""
    encoded = secret.encode(errors="surrogatepass")
    written = {secret, repr(secret)[1:-1], repr(encoded)[2:-1], json.dumps(secret)[1:-1]}
    written |= {repr(each)[1:-1] for each in written}
    written |= {quote(encoded), quote(encoded, safe=""), quote_plus(encoded)}
    for each in written:
        yield from (each, escape(each), escape(each).replace("&#x27;", "&#39;"))
