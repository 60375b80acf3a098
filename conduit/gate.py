"""The gate in front of every page: no address, query or header goes further with a character that no text may have."""

from collections.abc import Callable
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
        texts = (request.path_info, unquote(request.META.get("QUERY_STRING", ""), errors="surrogateescape"))
        for text in (*texts, *(request.META.get(header, "") for header in LOOKED_AT)):
            if found := NEVER.search(text):
                problem = f"contains a character that is never valid ({character_name(found[0])})"
                return bad_request(request, BadInput({"This address": [problem]}))
        return self.get_response(request)
