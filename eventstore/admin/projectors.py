"""Projectors and policies, and what an operator can do to them: pause, resume, rebuild, check."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from eventstore import health, operating
from eventstore.admin.acting import Act, Why, confirm
from eventstore.admin.dashboard import told
from eventstore.admin.permissions import OPERATE, may_hold_back
from eventstore.admin.site import Crumb, page, respond
from eventstore.database import is_trouble
from eventstore.estimate import estimate
from eventstore.projector import Projector
from eventstore.status import standing


class WhyRebuild(Why):
    """Why, and whether what is parked shall stay so."""

    keep_parked = forms.BooleanField(
        required=False,
        label="Leave parked facts aside",
        help_text="Otherwise they are tried again, and the rebuild fails at the first that still can't be applied.",
    )


@page("projectors/", name="projectors", needs=OPERATE, title="Projectors")
def projectors(request: HttpRequest) -> HttpResponse:
    """All of them, what can be done to each, and the rebuilds and checks that were asked for."""
    found = told(request, health.condition())
    names = [reader.standing.name for reader in found["readers"]]
    kept = [name for name in names if not may_hold_back(request, name)]
    return respond(request, "projectors.html", "Projectors", **found, kept=kept)


@page("projectors/<str:name>/<str:verb>/", name="operate", needs=OPERATE, posts=True)
def operate(request: HttpRequest, name: str, verb: str) -> HttpResponse:
    """Asks whether it shall be done, and does it. `PermissionDenied` for who may not hold this one back."""
    try:
        subscriber = operating.known(name)
    except operating.Unknown as unknown:
        raise Http404 from unknown
    if verb not in ACTS or (verb in REPLAYS and not isinstance(subscriber, Projector)):
        raise Http404
    if verb == "pause" and not may_hold_back(request, name):
        raise PermissionDenied
    back, form = reverse("admin:eventstore_projectors"), WhyRebuild if verb == "rebuild" else Why
    context: dict[str, Any] = {"standing": standing(subscriber)}
    if verb in REPLAYS and isinstance(subscriber, Projector):
        context |= _dry_run(subscriber)
    return confirm(request, ACTS[verb](name), back, _crumb(), form, **context)


@page("replays/<uuid:replay_id>/stop/", name="stop_replay", needs=OPERATE, posts=True)
def stop_replay(request: HttpRequest, replay_id: UUID) -> HttpResponse:
    """Ends a rebuild or a check that is under way, or that nobody has begun."""

    def work(form: Why, by: str) -> str:
        operating.stop_replay(replay_id, form.cleaned_data["reason"], by)
        return "It ends where it stands; nothing is changed by it."

    act = Act(
        "Stop the rebuild",
        "Stop it",
        ("What it has done so far is thrown away. The live tables stay as they are.",),
        work,
        needs_reason=False,
    )
    return confirm(request, act, reverse("admin:eventstore_projectors"), _crumb())


def _crumb() -> Crumb:
    return reverse("admin:eventstore_projectors"), "Projectors"


def _dry_run(projector: Projector) -> dict[str, Any]:
    """What it would take, measured now; or why it can't be measured."""
    try:
        return {"estimate": estimate(projector)}
    except DatabaseError as error:
        if is_trouble(error):
            raise
        return {"unmeasured": str(error).partition("\n")[0]}


def _pause(name: str) -> Act:
    def work(form: Why, by: str) -> str:
        operating.pause(name, form.cleaned_data["reason"], by)
        return f"Paused: {name}."

    consequences = (
        "It stays where it is until somebody resumes it, whatever is written meanwhile.",
        "Writing goes on. Whoever writes what it follows is told: saved, still updating.",
    )
    return Act(f"Pause {name}", "Pause it", consequences, work)


def _resume(name: str) -> Act:
    def work(form: Why, by: str) -> str:
        operating.resume(name, form.cleaned_data["reason"], by)
        return f"Resumed: {name}."

    consequences = ("It follows the log again from where it stands, and leaves nothing out.",)
    return Act(f"Resume {name}", "Resume it", consequences, work, needs_reason=False)


def _rebuild(name: str) -> Act:
    def work(form: Why, by: str) -> str:
        reason, aside = form.cleaned_data["reason"], form.cleaned_data["keep_parked"]
        operating.order_replay(name, reason, by, keep_parked=aside)
        return f"A rebuild of {name} is asked for. The next worker that looks takes it."

    consequences = (
        "The log is replayed into tables of its own, which are compared with the live ones, row by row.",
        "Only rows that differ are touched, at the end and all at once. Readers and writers go on.",
    )
    return Act(f"Rebuild {name}", "Rebuild it", consequences, work)


def _check(name: str) -> Act:
    def work(form: Why, by: str) -> str:
        operating.order_replay(name, form.cleaned_data["reason"], by, check_only=True)
        return f"A check of {name} is asked for. The next worker that looks takes it."

    consequences = ("As a rebuild, but nothing is repaired: it says how many rows of which table differ.",)
    return Act(f"Check {name}", "Check it", consequences, work, needs_reason=False)


ACTS: dict[str, Callable[[str], Act]] = {
    "pause": _pause,
    "resume": _resume,
    "rebuild": _rebuild,
    "check": _check,
}
REPLAYS = {"rebuild", "check"}
