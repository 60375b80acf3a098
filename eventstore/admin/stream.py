"""A stream: its life in plain words, and what it came to at any version: the state, and the rows of read models.

All of it is folded again from the log for each request; nothing here is remembered, so nothing can be stale.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from eventstore import log, telling
from eventstore.admin import facts, paging, states
from eventstore.admin.comparing import compared
from eventstore.admin.records import Sight, sight
from eventstore.admin.rows import parts
from eventstore.admin.site import UNPROCESSABLE, page, respond
from eventstore.codec import FutureEvent
from eventstore.inspection import streams
from eventstore.inspection.asking import Query
from eventstore.inspection.limits import bounded
from eventstore.inspection.streams import Life
from eventstore.log import Fact
from eventstore.messages import BadInput

MOST = 1000
"""Facts that are folded into rows for one page."""


class Asked(NamedTuple):
    """What of a stream is asked for: its state at a version or a time, what lies between two versions, a page."""

    version: int | None = None
    time: datetime | None = None
    since: int | None = None
    older: int | None = None
    newer: int | None = None


class Place(NamedTuple):
    """A stream with a page of its life, its facts from the first one on, and the version that is looked at."""

    asked: Asked
    life: Life
    past: list[Fact]
    version: int
    problems: dict[str, list[str]]

    @property
    def too_long(self) -> bool:
        """Whether what is looked at is beyond what a page folds."""
        return max(self.version, self.asked.since or 0) > MOST


@page("stream/<path:stream>/", name="stream", posts=True)
def stream(request: HttpRequest, stream: str) -> HttpResponse:
    """A stream at a version, which is its last one unless another is asked for."""
    place = _place(request, stream)
    life, allowed = place.life, sight(request, f"stream {stream}", stream)
    behind = facts.behind([*life.facts, *place.past[:1]])
    return respond(
        request,
        "stream.html",
        stream,
        crumbs=[(reverse("admin:eventstore_event_changelist"), "Events")],
        status=UNPROCESSABLE if place.problems else 200,
        place=place,
        life=life,
        told=facts.told(life.facts, allowed, behind),
        steps=_steps(life),
        sight=allowed,
        link=_page(life.facts) if allowed.payloads else None,
        most=MOST,
        **_then(place, allowed, behind),
    )


def _place(request: HttpRequest, stream: str) -> Place:
    """What is asked for; the stream at its last version where that can't be meant, with what is wrong."""
    try:
        asked = _asked(request)
        life = _life(stream, asked)
        past = _past(life)
        return Place(asked, life, past, _version(life, asked, past), {})
    except BadInput as bad:
        problems = bad.problems
    life = _life(stream, Asked())
    return Place(Asked(), life, _past(life), life.version, problems)


def _then(place: Place, allowed: Sight, behind: facts.Behind) -> dict[str, Any]:
    """The state and the rows at the version, and what differs from the other one."""
    if not allowed.payloads:
        return {}
    (_, _, past, version, _), since = place, place.asked.since
    both = {version} if since is None else {version, since}
    if place.too_long:
        found, tables = states.far_along(place.life.stream, both), []
    else:
        found = states.along(past, behind.get(past[0].command_id, ("", None))[0], both)
        tables = compared(list(parts(past)), version, since, allowed)
    changes = [] if since is None else states.changes(found[since], found[version], allowed)
    return {
        "state": found[version],
        "tree": found[version].tree(allowed),
        "changes": changes,
        "tables": tables,
    }


def _asked(request: HttpRequest) -> Asked:
    """The slider moves from the version that is shown; the number beside it is as good, and what was changed counts."""
    query = Query(request.GET)
    version, slid, shown = (query.position(name) for name in ("version", "slide", "shown"))
    asked = Asked(
        slid if slid is not None and slid != shown and version in {None, shown} else version,
        query.time("time"),
        query.position("since"),
        query.position(paging.OLDER),
        query.position(paging.NEWER),
    )
    query.finish()
    return asked


def _life(stream: str, asked: Asked) -> Life:
    life = streams.life(stream, after=asked.newer, before=asked.older, limit=paging.SIZE)
    if life is None:
        raise Http404
    return life


def _past(life: Life) -> list[Fact]:
    """The stream from its beginning, as far as a page folds it; read but once where its page is all of it."""
    if len(life.facts) == life.version:
        return list(life.facts)
    with bounded():
        return list(islice(log.read_stream(life.stream, batch=MOST), MOST))


def _version(life: Life, asked: Asked, past: list[Fact]) -> int:
    """The version to show. Raises `BadInput` for one that the stream has not, and for a time that is too far on."""
    for name in ("version", "since"):
        version = getattr(asked, name)
        if version is not None and version > life.version:
            raise BadInput({name: [f"is none of this stream's, which has {life.version:,}"]})
    if asked.time is None:
        return life.version if asked.version is None else asked.version
    if past[-1].version < life.version and past[-1].recorded_at <= asked.time:
        raise BadInput({"time": [f"is beyond the first {MOST:,} versions: please ask for a version"]})
    return sum(fact.recorded_at <= asked.time for fact in past)


def _steps(life: Life) -> Iterator[paging.Step]:
    """A life is read from its beginning: what is older comes first."""
    yield paging.Step("⇤ First", "" if life.earlier is None else "?")
    yield paging.Step(
        "← Earlier", "" if life.earlier is None else paging.address({paging.OLDER: life.earlier})
    )
    yield paging.Step("Later →", "" if life.later is None else paging.address({paging.NEWER: life.later}))
    yield paging.Step(
        "Last ⇥", "" if life.later is None else paging.address({paging.OLDER: life.version + 1})
    )


def _page(found: tuple[Fact, ...]) -> telling.Link | None:
    for fact in found:
        try:
            return telling.page_of(fact.event)
        except FutureEvent:
            continue
    return None
