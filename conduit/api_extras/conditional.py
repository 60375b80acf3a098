"""What has not changed is not sent again: every answer to GET has a strong ETag, and If-None-Match gets 304."""

from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

from conduit.api_extras.operations import READING, Run
from eventstore.api_headers import etag


def conditional(run: Run) -> Run:
    @wraps(run)
    def respond(request: HttpRequest, **steps: Any) -> HttpResponse:
        response = run(request, **steps)
        if request.method not in READING or not _has_tag(response):
            return response
        response.headers.setdefault("ETag", etag(response.content))
        return _unchanged(response) if _knows(request, response.headers["ETag"]) else response

    return respond


def _has_tag(response: HttpResponse) -> bool:
    """Not what nobody may keep: it has a token in it."""
    return response.status_code == HTTPStatus.OK and response.headers.get("Cache-Control") != "no-store"


def _knows(request: HttpRequest, tag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return known == ["*"] or tag in (each.removeprefix("W/") for each in known)


def _unchanged(response: HttpResponse) -> HttpResponse:
    response.status_code, response.content = HTTPStatus.NOT_MODIFIED, b""
    del response.headers["Content-Type"]
    return response
