"""The dashboard: whether all is well, at one look. It tells what is, as of when, and refreshes itself if asked."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse

from eventstore import health
from eventstore.admin.permissions import OPERATE, may
from eventstore.admin.site import page, respond
from eventstore.health import Condition, Finding, Light
from eventstore.inspection import events
from eventstore.inspection.limits import TooMuch
from eventstore.status import Standing

HEIGHT = 40

OVERALL = {
    Light.GOOD: "All is well",
    Light.WATCH: "Something is worth a look",
    Light.BAD: "Something needs you now",
}


class Bar(NamedTuple):
    """A minute of the sparkline."""

    x: int
    y: float
    height: float
    began: datetime
    facts: int


class Reader(NamedTuple):
    """A projector or policy, and what is to be said of it."""

    standing: Standing
    finding: Finding


@page("dashboard/", name="dashboard", title="Dashboard")
def dashboard(request: HttpRequest) -> HttpResponse:
    """The condition of the log and of everybody who follows it."""
    return respond(
        request,
        "dashboard.html",
        "Dashboard",
        **told(request, health.condition()),
        **_sparkline(),
        may_operate=may(request, OPERATE),
    )


def told(request: HttpRequest, found: Condition) -> dict[str, Any]:
    """A condition as pages show it; `live`: whether whoever asks wants it to go on being shown."""
    readers = [Reader(standing, health.of_standing(standing)) for standing in found.standings]
    return {
        "found": found,
        "overall": OVERALL[found.light],
        "readers": readers,
        "troubles": [finding for finding in found.findings if finding.light is not Light.GOOD],
        "as_of": datetime.now(UTC),
        "live": request.GET.get("live") == "1",
    }


def _sparkline() -> dict[str, Any]:
    """Facts of each of the last sixty minutes, as bars; none if counting them would take too long."""
    try:
        minutes = events.per_minute()
    except TooMuch:
        return {"bars": [], "peak": None, "hour": None}
    peak = max(minute.facts for minute in minutes)
    heights = [HEIGHT * minute.facts / (peak or 1) for minute in minutes]
    bars = [
        Bar(4 * nth, round(HEIGHT - height, 1), round(height, 1), *minute)
        for nth, (minute, height) in enumerate(zip(minutes, heights, strict=True))
    ]
    return {"bars": bars, "peak": peak, "hour": sum(minute.facts for minute in minutes)}
