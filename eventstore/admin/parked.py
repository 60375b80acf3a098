"""What projectors and policies have set aside, and the two ways out of it: try again, or give one fact up."""

from contextlib import suppress

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from eventstore import operating, parking
from eventstore.admin.acting import Act, Why, confirm
from eventstore.admin.permissions import OPERATE, may_hold_back
from eventstore.admin.site import page, respond
from eventstore.parking import ParkedStream, Retried

VERBS = ("retry", "skip")
MOST = 200


@page("parked/", name="parked", needs=OPERATE, title="Parked events")
def parked(request: HttpRequest) -> HttpResponse:
    """The streams that somebody has parked, each with the error that its first fact ended in."""
    found = list(map(_told, parking.parked_streams()))
    kept = [each.subscriber for each in found if not may_hold_back(request, each.subscriber)]
    return respond(
        request, "parked.html", "Parked events", parked=found[:MOST], more=len(found) - MOST, kept=kept
    )


@page("parked/<str:subscriber>/<int:position>/<str:verb>/", name="unpark", needs=OPERATE, posts=True)
def unpark(request: HttpRequest, subscriber: str, position: int, verb: str) -> HttpResponse:
    """Asks whether it shall be tried again or given up, and does it. `PermissionDenied` for who may not give it up."""
    found = next((each for each in parking.parked_streams(subscriber) if each.position == position), None)
    if found is None or verb not in VERBS:
        raise Http404
    if verb == "skip" and not may_hold_back(request, subscriber):
        raise PermissionDenied
    back = reverse("admin:eventstore_parked")
    act = _retry(found) if verb == "retry" else _skip(found)
    return confirm(request, act, back, (back, "Parked events"), parked=_told(found))


def _told(found: ParkedStream) -> ParkedStream:
    """With the first line of the error; in the others a database quotes what was said, and that is for few."""
    return found._replace(error=found.error.partition("\n")[0])


def _retry(found: ParkedStream) -> Act:
    def work(form: Why, by: str) -> str:
        tried = parking.retry(found.subscriber, found.stream, form.cleaned_data["reason"], by)
        return _outcome(tried, by)

    consequences = (
        "Its facts are applied in order, as far as it goes; what still fails stays parked.",
        "A rebuild is asked for afterwards, which makes up for what other streams said meanwhile.",
    )
    title = f"Retry {found.stream} for {found.subscriber}"
    return Act(title, "Try again", consequences, work, needs_reason=False)


def _skip(found: ParkedStream) -> Act:
    def work(form: Why, by: str) -> str:
        tried = parking.skip(found.subscriber, found.position, form.cleaned_data["reason"], by)
        return _outcome(tried, by)

    consequences = (
        f"{found.subscriber} will never apply fact {found.position:,}, not even in a rebuild. There is no way back.",
        "The facts that wait behind it are tried; the fact itself stays in the log.",
    )
    title = f"Skip {found.position:,} for {found.subscriber}"
    return Act(title, "Give it up", consequences, work, grave=True)


def _outcome(tried: Retried, by: str) -> str:
    """What came of it; a projector that went on gets a rebuild, unless one is asked for already."""
    if tried.applied:
        with suppress(operating.Unknown, operating.ReplayAsked):
            why = f"after {tried.stream} was unparked"
            operating.order_replay(tried.subscriber, why, by, keep_parked=True)
    return f"Of {tried.stream}, {tried.applied} applied, {tried.left} still parked."
