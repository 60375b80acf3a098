"""For pages without a WebSocket: what has come since, or 304; the same things, by the same ticket and position."""

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from conduit.live.here import recent
from eventstore.live import pages
from eventstore.live.frames import NOTHING
from eventstore.live.missed import missed
from eventstore.live.pages import Listening
from eventstore.log import END
from eventstore.web import Request

NOT_MODIFIED, BAD, FORBIDDEN = 304, 400, 403


@require_safe
def ask(request: Request) -> HttpResponse:
    """News as JSON, with the position reached as ETag; 304 if there is none since `If-None-Match`."""
    try:
        listening = _asked(request)
    except (ValueError, BadSignature):
        return HttpResponse("This page can't be told anything.\n", status=BAD, content_type="text/plain")
    if (listening.reader or listening.needs) and listening.reader != str(request.user.pk):
        return HttpResponse("This page was for somebody else.\n", status=FORBIDDEN, content_type="text/plain")
    if not all(map(request.user.has_perm, listening.needs)):
        return HttpResponse(
            "This page is not for you any more.\n", status=FORBIDDEN, content_type="text/plain"
        )
    response = _answer(listening)
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked(request: HttpRequest) -> Listening:
    position = position_in(request.headers.get("If-None-Match", "").strip('"'))
    return pages.admitted(request.GET.get("page", ""), position)


def position_in(text: str) -> int:
    """Raises `ValueError` for what is no position."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(END)) or int(text) > END:
        raise ValueError
    return int(text)


def _answer(listening: Listening) -> HttpResponse:
    recent.advance()
    frame = missed(recent, listening)
    headers = {"ETag": f'"{frame.position}"'}
    if frame.outcome == NOTHING:
        return HttpResponse(status=NOT_MODIFIED, headers=headers)
    return HttpResponse(frame.json, content_type="application/json", headers=headers)
