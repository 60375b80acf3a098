"""The gate in front of every page: no address, query, header or cookie goes further with a character that no text may
have, and whoever is refused without a word gets one."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conduit.pages import bad_request
from eventstore.messages import BadInput
from eventstore.text import NEVER, character_name


class InputGate:
    """Answers 400, in words, what could never be stored or found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for what, text in _texts(request):
            if found := NEVER.search(text):
                problem = f"contains a character that is never valid ({character_name(found[0])})"
                return bad_request(request, BadInput({what: [problem]}))
        request.encoding = "utf-8"  # whatever was claimed: Python knows charsets that are none
        return _in_words(request, self.get_response(request))


def _texts(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """As they are sent, and as they will be read: a quoted cookie may spell any character in octal digits."""
    yield "This address", request.path_info
    yield "This address", unquote(request.META.get("QUERY_STRING", ""), errors="surrogateescape")
    yield "A header", "\n".join(_headers(request))
    yield "A cookie", "\n".join(request.COOKIES.values())


def _headers(request: HttpRequest) -> Iterator[str]:
    for name, value in request.META.items():
        if name.startswith("HTTP_") or name == "CONTENT_TYPE":
            yield value if value.isascii() else _as_utf_8(value)


def _as_utf_8(value: str) -> str:
    """What Django takes for Latin-1, if it may be what browsers mostly mean."""
    try:
        return value.encode("latin1").decode()
    except UnicodeError:
        return value


def _in_words(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Django and WhiteNoise refuse a method by its number only."""
    if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or _has_words(response):
        return response
    response.close()
    page = render(request, "405.html", status=response.status_code)
    page.headers["Allow"] = response.headers.get("Allow", "GET, HEAD")
    return page


def _has_words(response: HttpResponse) -> bool:
    return not response.streaming and bool(response.content)
