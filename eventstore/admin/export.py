"""Taking facts along: what a filter finds as lines of JSON, or as the specification that its streams amount to.

An export is asked for by POST, is on record before its first byte, ends at a cap and says so, and holds what is
personal only if that was asked for by who may.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse

from eventstore.admin.fixtures import Fixtures
from eventstore.admin.permissions import METADATA, PAYLOADS, PERSONAL_DATA, demand
from eventstore.admin.records import ExportFacts, record
from eventstore.admin.site import UNPROCESSABLE, page, respond
from eventstore.database import rows, sql
from eventstore.inspection import events
from eventstore.inspection.events import Line
from eventstore.inspection.filters import Filter
from eventstore.inspection.limits import TooMuch
from eventstore.inspection.privacy import private_in_fact
from eventstore.log import Fact
from eventstore.messages import BadInput

MOST = {"ndjson": 10_000, "fixture": 1_000}
"""Facts that an export of each form holds at most."""

PAGE = 500
TYPES = {
    "ndjson": ("application/x-ndjson", "events.ndjson"),
    "fixture": ("text/x-python; charset=utf-8", "test_events.py"),
}

Pages = Iterator[tuple[Line, ...]]


@page("export/", name="export", needs=PAYLOADS, posts=True)
def export(request: HttpRequest) -> Any:
    """The facts of the filter in the query string, in the form that was chosen, oldest first."""
    demand(request, METADATA)
    form, personal = request.POST.get("form", ""), "personal" in request.POST
    if request.method != "POST" or form not in MOST:
        raise PermissionDenied
    if personal:
        demand(request, PERSONAL_DATA)
    try:
        chosen = Filter.from_query(request.GET)
    except BadInput as bad:
        return _refused(request, bad)
    pages = _pages(chosen, MOST[form])
    first = next(
        pages, ()
    )  # what can't be looked up in time has its page; later it would have broken the file
    act = ExportFacts(
        facts=urlencode(chosen.as_query(), doseq=True) or "all",
        form=form,
        personal_data=personal,
        most=MOST[form],
    )
    record(act, chosen.stream or None)
    return _file(form, chain([first], pages), personal=personal)


def _refused(request: HttpRequest, bad: BadInput) -> HttpResponse:
    back = [(reverse("admin:eventstore_event_changelist"), "Events")]
    return respond(
        request, "refused.html", "Export", crumbs=back, status=UNPROCESSABLE, problems=bad.problems
    )


def _file(form: str, pages: Pages, *, personal: bool) -> StreamingHttpResponse:
    lines = _lines(pages, personal=personal) if form == "ndjson" else _fixture(pages, personal=personal)
    content_type, name = TYPES[form]
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(lines, content_type=content_type, headers=headers)


def _pages(chosen: Filter, most: int) -> Pages:
    """What the filter finds, oldest first, in pages; at most so many, and one more if there are more."""
    after, left = 0, most + 1
    while left > 0:
        found = events.page(chosen, after=after, limit=min(PAGE, left))
        if not found.lines:
            return
        yield tuple(reversed(found.lines))
        left -= len(found.lines)
        if found.newer is None:
            return
        after = found.newer


def _lines(pages: Pages, *, personal: bool) -> Iterator[str]:
    """One line for each fact, and a last one that says whether these are all."""
    count, end = 0, ""
    try:
        for lines in pages:
            room = lines[: MOST["ndjson"] - count]
            yield from _told(room, personal=personal)
            count += len(room)
            end = f"cut at {count:,} facts" if len(room) < len(lines) else ""
    except TooMuch as too_much:
        end = str(too_much)
    yield json.dumps({"end": {"facts": count, "all": not end, "why": end or "these are all"}}) + "\n"


def _told(lines: Iterable[Line], *, personal: bool) -> Iterator[str]:
    by_position = {line.position: line for line in lines}
    found = rows(sql("facts_at"), {"positions": list(by_position)})
    for fact in map(Fact._make, found):
        yield json.dumps(
            _as_data(fact, by_position[fact.position], personal=personal), default=str, ensure_ascii=False
        )
        yield "\n"


def _as_data(fact: Fact, line: Line, *, personal: bool) -> dict[str, Any]:
    data = json.loads(fact.data)
    hidden = frozenset() if personal else private_in_fact(fact.type, data)
    return {
        "position": fact.position,
        "recorded_at": fact.recorded_at.isoformat(),
        "type": fact.type,
        "schema": fact.schema,
        "stream": fact.stream,
        "version": fact.version,
        "data": {name: value for name, value in data.items() if name not in hidden},
        "hidden": sorted(hidden),
        "command_id": fact.command_id,
        "command": line.command_name,
        "actor_id": line.actor_id,
        "correlation_id": line.correlation_id,
    }


def _fixture(pages: Pages, *, personal: bool) -> Iterator[str]:
    found = [line for lines in pages for line in lines]
    chosen = found[: MOST["fixture"]]
    return iter(Fixtures(chosen, cut=len(found) > len(chosen), personal=personal))
