"""The audit: every command that was tried, what came of it and why; failed sign-ins and looks at personal data too."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from eventstore.admin import paging, people, values
from eventstore.admin.records import Sight, sight, wanted
from eventstore.admin.site import UNPROCESSABLE, respond
from eventstore.database import rows
from eventstore.inspection import commands
from eventstore.inspection.commands import Asked, Attempt
from eventstore.inspection.limits import bounded
from eventstore.messages import BadInput

UNASKED = "is personal data: it is looked for where addresses are shown, and that is recorded"
FORBIDDEN = "needs the permissions to see payloads and personal data"

Led = list[tuple[int, str]]
"""Positions and types of the facts that a command led to."""


def command_list(request: HttpRequest) -> HttpResponse:
    """A page of the attempts that a filter finds.

    Addresses are personal data: they are shown, and looked for, on request only, and whoever does is on record,
    with what was understood of the filter and nothing else that was sent.
    """
    allowed = wanted(request)
    try:
        asked, where = Asked.from_query(request.GET), _where(request)
        _check(asked, allowed)
        sight(request, f"addresses on the Commands page ({urlencode(asked.as_query()) or 'all'})")
        found = commands.page(asked, **where, limit=paging.SIZE)
    except BadInput as bad:
        return _respond(request, Asked(), commands.Page((), None, None), bad.problems, allowed)
    return _respond(request, asked, found, {}, allowed)


def _respond(
    request: HttpRequest, asked: Asked, found: commands.Page, problems: dict[str, list[str]], allowed: Sight
) -> HttpResponse:
    query = asked.as_query()
    return respond(
        request,
        "commands.html",
        "Commands",
        status=UNPROCESSABLE if problems else 200,
        attempts=found.attempts,
        led=led_to(found.attempts),
        names=people.names(attempt.actor_id for attempt in found.attempts),
        steps=paging.steps(query, found.newer, found.older, oldest=""),
        asked=request.GET if problems else query,
        problems=problems,
        outcomes=commands.OUTCOMES,
        known=commands.names(),
        sight=allowed,
        may_see_addresses=allowed.personal or allowed.offered,
    )


def _check(asked: Asked, allowed: Sight) -> None:
    """Who finds attempts by an address learns whose it is, as one to whom addresses are shown."""
    if asked.address and not allowed.personal:
        raise BadInput({"address": [UNASKED if allowed.offered else FORBIDDEN]})


def _where(request: HttpRequest) -> dict[str, Any]:
    given = {
        "before": paging.cursor(request.GET, paging.OLDER),
        "after": paging.cursor(request.GET, paging.NEWER),
    }
    return {name: text for name, text in given.items() if text is not None}


def command(request: HttpRequest, command_id: str) -> HttpResponse:
    """One attempt, what it asked for, and what it led to."""
    whole = commands.attempt(_uuid(command_id))
    if whole is None:
        raise Http404
    attempt = whole.attempt
    # What operators did is not about people.
    private = frozenset() if attempt.name.startswith("eventstore.") else whole.private
    allowed = sight(request, f"command {attempt.id}", attempt.stream).about(private or attempt.address)
    hidden = frozenset() if allowed.personal else private
    return respond(
        request,
        "command.html",
        attempt.name,
        crumbs=[(reverse("admin:eventstore_command_changelist"), "Commands")],
        attempt=attempt,
        led=led_to([attempt])[attempt.id],
        names=people.names([attempt.actor_id]),
        tree=values.tree(whole.payload, hidden, allowed.instead) if allowed.payloads else None,
        sight=allowed,
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def led_to(attempts: Any) -> dict[UUID, Led]:
    """What each of these led to. One statement, for all of them."""
    found: dict[UUID, Led] = {attempt.id: [] for attempt in attempts}
    by_place = {
        (attempt.stream, attempt.first_version): attempt for attempt in attempts if attempt.first_version
    }
    if by_place:
        for nth, position, name in _facts(list(by_place.values())):
            found[list(by_place.values())[nth - 1].id].append((position, name))
    return found


def _facts(attempts: list[Attempt]) -> list[tuple[Any, ...]]:
    places = [
        [attempt.stream for attempt in attempts],
        [attempt.first_version for attempt in attempts],
        [attempt.last_version for attempt in attempts],
    ]
    with bounded():
        return rows(
            b"SELECT place.nth, event.position, event.type "
            b"FROM unnest(%s::text[], %s::int[], %s::int[]) WITH ORDINALITY AS place (stream, first, last, nth) "
            b"CROSS JOIN LATERAL (SELECT position, type FROM eventstore_event AS event "
            b"WHERE event.stream = place.stream AND event.version BETWEEN place.first AND place.last "
            b"ORDER BY event.version LIMIT 20) AS event ORDER BY place.nth, event.position",
            places,
        )
