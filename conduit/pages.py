"""What every page is furnished with, and the pages for what went wrong."""

import sys
from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string

from eventstore.budgets import TooMany
from eventstore.database import is_trouble
from eventstore.dispatch import TooBusy
from eventstore.log import LogBusy
from eventstore.messages import Forbidden, Missing, Rejection
from eventstore.web import later

RETRY_AFTER_S = 5
UNFIT: dict[type[object], tuple[int, str]] = {
    RequestDataTooBig: (413, "That is more than this site takes in one go."),
    TooManyFieldsSent: (400, "That has more fields than any form of this site has."),
    TooManyFilesSent: (413, "This site takes no files."),
    MultiPartParserError: (400, "The form did not arrive as it was sent. Please try again."),
    DisallowedHost: (400, "This site does not go by that name."),
}
"""What Django refuses by itself: the status, and the words for it."""

UNWELL = (OperationalError, InterfaceError, TooBusy, LogBusy)


def furniture(request: HttpRequest) -> dict[str, Any]:
    """What the last page left to say on this one: a notice, or something that can be undone."""
    if not request.COOKIES.get("sessionid") or not hasattr(request, "session"):
        return {}
    if "Conduit-Live" in request.headers:  # an open page that reads itself again: nobody sees this one
        return {}
    return {"notice": request.session.pop("notice", None), "undo": request.session.pop("undo", None)}


def nowhere(request: HttpRequest, nowhere: str) -> HttpResponse:
    raise Http404


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What is said is noted on the request too, for a door that has no pages."""
    status, words = UNFIT.get(type(exception), (400, _said(exception)))
    request.META["conduit.said"] = words
    return render(request, "400.html", {"message": words}, status=status)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"message": _said(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", {"message": _said(exception)}, status=404)


def one_too_many(request: HttpRequest, refusal: TooMany) -> HttpResponse:
    return later(refusal, render(request, "429.html", {"message": str(refusal)}))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from elsewhere, or from too long ago."""
    return render(request, "403_csrf.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """Needs nothing that may be broken too: no session, no context. The database's troubles are no bug of ours."""
    if _unwell(sys.exc_info()[1]):
        return away(request)
    return HttpResponse(render_to_string("500.html"), status=500)


def away(request: HttpRequest) -> HttpResponse:
    """The database can't be asked just now."""
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_AFTER_S)})


def _unwell(error: BaseException | None) -> bool:
    return isinstance(error, UNWELL) or (error is not None and is_trouble(error))


def _said(exception: Exception | None) -> str:
    return str(exception) if isinstance(exception, Rejection) else ""


class Refusals:
    """A refusal that no view has answered becomes the page that says so; a missing thing has one in DEBUG too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match exception:
            case Http404() | Missing():
                return not_found(request, exception)
            case Forbidden():
                return forbidden(request, exception)
            case TooMany():
                return one_too_many(request, exception)
            case Rejection():
                return bad_request(request, exception)
            case _:
                return away(request) if _unwell(exception) else None
