"""The door of the API: behind it there are no cookies, whoever asks is known by a token, and errors are JSON."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from accounts import tokens
from eventstore.api import BY_A_BODY, BY_ANYTHING, JSON, refused, sent_token

WITHOUT_A_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
OF_THE_API = re.compile(r"/api(/|$)")
SAID: dict[int, dict[str, list[str]]] = {
    HTTPStatus.BAD_REQUEST: {"request": ["is not valid"]},
    HTTPStatus.FORBIDDEN: {"request": ["is forbidden"]},
    HTTPStatus.NOT_FOUND: {"path": ["not found"]},
    HTTPStatus.METHOD_NOT_ALLOWED: {"method": ["is not allowed"]},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: BY_A_BODY[413],
    HTTPStatus.INTERNAL_SERVER_ERROR: {"server": ["made a mistake"]},
    HTTPStatus.SERVICE_UNAVAILABLE: BY_ANYTHING[503],
}


class ApiDoor:
    """Middleware, the first of all: whoever answers further inside, the answer leaves here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not OF_THE_API.match(request.path_info):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        method = request.method
        if method == "HEAD":
            request.method = "GET"
        response = _in_json(request, method, self.get_response(request))
        if "HTTP_AUTHORIZATION" in request.META:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Authorization"])
        if method == "HEAD" and not response.streaming:
            response.content = b""
        if response.status_code in WITHOUT_A_BODY:
            response.headers.pop("Content-Length", None)
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Just before the view, and after Django's own idea of who asks."""
        if OF_THE_API.match(request.path_info):
            request.user = SimpleLazyObject(lambda: _owner(sent_token(request)))  # type: ignore[assignment]


def _owner(token: str) -> Any:
    return (tokens.owner(token) if token else None) or AnonymousUser()


def _in_json(request: HttpRequest, method: str | None, response: HttpResponse) -> HttpResponse:
    """An error that is none of the API's own words, in the one form of errors, with the headers that it has."""
    if response.status_code < HTTPStatus.BAD_REQUEST or response.headers.get("Content-Type") == JSON:
        return response
    if method == "OPTIONS" and response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.status_code, response.content = HTTPStatus.NO_CONTENT, b""
        del response.headers["Content-Type"]
        del response.headers["Content-Length"]
        return response
    status = response.status_code
    said = refused(status, _reasons(request, status))
    response.content = said.content
    response.headers["Content-Type"] = JSON
    response.headers["Content-Length"] = str(len(said.content))
    return response


def _reasons(request: HttpRequest, status: int) -> dict[str, list[str]]:
    """What was said of this request; else what is said of all that end so."""
    if status == HTTPStatus.BAD_REQUEST and (words := request.META.get("conduit.said")):
        return {"request": [words]}
    return SAID.get(status, SAID[HTTPStatus.BAD_REQUEST])
