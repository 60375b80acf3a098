"""What every page is furnished with, and the pages for what went wrong."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from eventstore.messages import BadInput, Forbidden, Missing, Rejection


def furniture(request: HttpRequest) -> dict[str, Any]:
    """What the last page left to say on this one: a notice, or something that can be undone."""
    if not request.COOKIES.get("sessionid") or not hasattr(request, "session"):
        return {}
    return {"notice": request.session.pop("notice", None), "undo": request.session.pop("undo", None)}


def nowhere(request: HttpRequest, nowhere: str) -> HttpResponse:
    raise Http404


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", {"message": _said(exception)}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"message": _said(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", {"message": _said(exception)}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "This form is not valid any more. Please go back, load the page again and send it once more."
    return render(request, "403.html", {"message": message}, status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """Needs nothing that may be broken too: no database, no session, no context."""
    return HttpResponse(render_to_string("500.html"), status=500)


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
            case BadInput() | Rejection():
                return bad_request(request, exception)
            case _:
                return None
