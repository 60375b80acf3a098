"""One event, with all that belongs to it: what it says, the command behind it, what came of it, what is beside it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from eventstore import telling
from eventstore.admin import people, values
from eventstore.admin.records import Sight, sight
from eventstore.admin.rows import Part, parts_of, row_url
from eventstore.admin.site import respond
from eventstore.codec import FutureEvent
from eventstore.inspection import events
from eventstore.inspection.asking import position
from eventstore.inspection.events import Seen
from eventstore.inspection.privacy import masked
from eventstore.log import Fact
from eventstore.projector import projectors


def event(request: HttpRequest, at: str) -> HttpResponse:
    """The event at a position."""
    seen = events.fact(_position(at))
    if seen is None:
        raise Http404
    line = seen.line
    allowed = sight(request, f"event {line.position}", line.stream).about(seen.private)
    about = [line.actor_id, *(attempt.actor_id for attempt in seen.caused)]
    return respond(
        request,
        "event.html",
        f"Event {line.position}",
        crumbs=[(reverse("admin:eventstore_event_changelist"), "Events")],
        seen=seen,
        line=line,
        names=people.names(about),
        sight=allowed,
        words=telling.in_words(line.type, _said(seen, allowed)),
        shapes=_shapes(seen, allowed) if allowed.payloads else [],
        link=_page(seen) if allowed.payloads else None,
        effects=[effect if allowed.payloads else effect.nameless() for effect in _effects(seen)],
    )


def _position(text: str) -> int:
    try:
        return position(text)
    except ValueError:
        raise Http404 from None


def _said(seen: Seen, allowed: Sight) -> dict[str, Any] | None:
    """The data that the sentence may be made of."""
    if not allowed.payloads or seen.upcast is None:
        return None
    return masked(seen.upcast, _hidden(seen, allowed))


def _hidden(seen: Seen, allowed: Sight) -> frozenset[str]:
    return frozenset() if allowed.personal else seen.private


class Shape(NamedTuple):
    """The data of an event in one of its schemas."""

    title: str
    tree: tuple[values.Node, ...]
    raw: str


def _shapes(seen: Seen, allowed: Sight) -> list[Shape]:
    """As it was stored, and as it is read today, if that is not the same."""
    older = seen.present is not None and seen.present != seen.schema
    title = f"As it was stored, in schema {seen.schema}" if older else f"Schema {seen.schema}"
    hidden = _hidden(seen, allowed)
    shapes = [(title, seen.stored)]
    if older and seen.upcast is not None:
        shapes.append((f"As it is read today, in schema {seen.present}", seen.upcast))
    return [
        Shape(title, values.tree(data, hidden, allowed.instead), values.raw(data, hidden))
        for title, data in shapes
    ]


def as_fact(seen: Seen) -> Fact:
    line = seen.line
    return Fact(
        line.position,
        line.stream,
        line.version,
        line.type,
        seen.schema,
        seen.raw,
        line.command_id,
        line.recorded_at,
    )


def _page(seen: Seen) -> telling.Link | None:
    try:
        return telling.page_of(as_fact(seen).event)
    except FutureEvent:
        return None


class Effect(NamedTuple):
    """What a projector makes of the event: a row, and the columns that it changes there."""

    projector: str
    what: str
    table: str
    key: str
    columns: str
    url: str

    def nameless(self) -> "Effect":
        """Without the row's key, which may be a text that somebody wrote: a tag, a slug."""
        return self._replace(key="", url="")


WORDS = {"Put": "writes", "Set": "changes", "Add": "counts in", "Drop": "removes"}


def _effects(seen: Seen) -> Iterator[Effect]:
    """No values: these are for who may see payloads, and stand there."""
    fact = as_fact(seen)
    return (_effect(projector.name, part) for projector in projectors for part in parts_of(projector, fact))


def _effect(projector: str, part: Part) -> Effect:
    (table, key), what = part.place, WORDS[type(part.change).__name__]
    name = str(table.model._meta.verbose_name)
    return Effect(
        projector, what, name, ", ".join(map(str, key)), ", ".join(part.columns), row_url(table.model, key)
    )
