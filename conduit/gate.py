"""The gate in front of every page: no address, query or header goes further with a character that no text may have."""

from collections.abc import Callable, Iterator
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse

from conduit.pages import bad_request
from eventstore.messages import BadInput
from eventstore.text import NEVER, character_name

LOOKED_AT = ("HTTP_COOKIE", "HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_ACCEPT", "HTTP_X_REQUEST_ID")


class InputGate:
    """Answers 400, in words, what could never be stored or found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for text in _texts(request):
            if found := NEVER.search(text):
                problem = f"contains a character that is never valid ({character_name(found[0])})"
                return bad_request(request, BadInput({"This address": [problem]}))
        request.encoding = "utf-8"  # whatever was claimed: Python knows charsets that are none
        return self.get_response(request)


def _texts(request: HttpRequest) -> Iterator[str]:
    """As they are sent, and as they will be read: a quoted cookie may spell any character in octal digits."""
    yield request.path_info
    yield unquote(request.META.get("QUERY_STRING", ""), errors="surrogateescape")
    yield from (request.META.get(header, "") for header in LOOKED_AT)
    yield from request.COOKIES.values()
