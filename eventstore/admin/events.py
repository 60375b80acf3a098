"""The list of events: filtered, in pages, the latest first; and the box that leads anywhere in the log."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from eventstore import telling
from eventstore.admin import export, paging, people
from eventstore.admin.permissions import PAYLOADS, PERSONAL_DATA, may
from eventstore.admin.site import UNPROCESSABLE, page, respond
from eventstore.inspection import events
from eventstore.inspection.asking import position
from eventstore.inspection.filters import Filter
from eventstore.inspection.jump import Target, jump
from eventstore.inspection.limits import TooMuch
from eventstore.messages import BadInput


def event_list(request: HttpRequest) -> HttpResponse:
    """A page of the events that a filter finds."""
    try:
        chosen = Filter.from_query(request.GET)
        found = events.page(chosen, **_where(request), limit=paging.SIZE)
    except BadInput as bad:
        return _respond(request, Filter(), events.Page((), None, None), bad.problems)
    return _respond(request, chosen, found, {})


def _where(request: HttpRequest) -> dict[str, int]:
    """The place in the log that a page begins at."""
    given = {
        "before": paging.cursor(request.GET, paging.OLDER),
        "after": paging.cursor(request.GET, paging.NEWER),
    }
    try:
        return {name: position(text) for name, text in given.items() if text is not None}
    except ValueError:
        raise BadInput({"page": ["is no place in the log"]}) from None


def _respond(
    request: HttpRequest, chosen: Filter, found: events.Page, problems: dict[str, list[str]]
) -> HttpResponse:
    query = chosen.as_query()
    return respond(
        request,
        "events.html",
        "Events",
        status=UNPROCESSABLE if problems else 200,
        lines=found.lines,
        names=people.names(line.actor_id for line in found.lines),
        steps=paging.steps(query, found.newer, found.older, oldest=0),
        about=None if problems else _about(chosen),
        chosen=chosen,
        asked=request.GET if problems else query,
        problems=problems,
        kinds=_kinds(chosen),
        **_export(request, query),
    )


def _kinds(chosen: Filter) -> list[tuple[str, list[tuple[str, bool]]]]:
    """The types of events that this code knows, by context, and whether each is chosen."""
    return [
        (context, [(name, name in chosen.types) for name in names])
        for context, names in telling.kinds().items()
    ]


def _export(request: HttpRequest, query: dict[str, Any]) -> dict[str, Any]:
    """What the form for an export of the same filter needs."""
    return {
        "query": urlencode(query, doseq=True),
        "most": export.MOST,
        "may_export": may(request, PAYLOADS),
        "may_export_personal_data": may(request, PERSONAL_DATA),
    }


def _about(chosen: Filter) -> events.About | None:
    """How many there are, if that can be told in time."""
    try:
        return events.about(chosen)
    except TooMuch:
        return None


@page("jump/", name="jump")
def jump_to(request: HttpRequest) -> HttpResponse:
    """Wherever the text leads; or what it could have been."""
    asked = " ".join(request.GET.getlist("q")).strip()
    target = jump(asked) if asked else None
    if target is None:
        return respond(request, "jump.html", "Jump", status=404 if asked else 200, asked=asked)
    return redirect(_url(target))


def _url(target: Target) -> str:
    match target.kind:
        case "event":
            return reverse("admin:eventstore_event_change", args=[target.key])
        case "command":
            return reverse("admin:eventstore_command_change", args=[target.key])
        case "actor":
            return f"{reverse('admin:eventstore_event_changelist')}?actor={target.key}"
        case _:
            return reverse(f"admin:eventstore_{target.kind}", args=[target.key])
