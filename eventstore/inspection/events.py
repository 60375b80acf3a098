"""Facts for people: a page of them without their payloads, or one with all that belongs to it.

A page costs as much as it shows, however long the log is: it is read from an index, in the order of that index.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.utils import timezone

from eventstore import codec
from eventstore.database import rows, sql
from eventstore.inspection import commands, picking
from eventstore.inspection.commands import Attempt
from eventstore.inspection.filters import Filter
from eventstore.inspection.limits import bounded
from eventstore.inspection.picking import Picking
from eventstore.inspection.privacy import private_in_fact
from eventstore.messages import EVENT_NAMES

ENOUGH = 1000
"""As far as facts are counted."""

EXACTLY = 10_000
"""Positions of which each is looked at for a count by minutes."""

REACTIONS = 100
"""Commands that are shown as caused by one fact."""


class Line(NamedTuple):
    """A fact without its payload; what its command's row says is None should there be no such row."""

    position: int
    recorded_at: datetime
    type: str
    stream: str
    version: int
    actor_id: UUID | None
    command_id: UUID
    command_name: str | None
    correlation_id: UUID | None


class Page(NamedTuple):
    """Some facts, the latest first, and the cursors to what is newer and older; None: there is none."""

    lines: tuple[Line, ...]
    newer: int | None
    older: int | None


def page(filter: Filter, *, before: int | None = None, after: int | None = None, limit: int = 50) -> Page:  # noqa: A002
    """Facts before a position (the next older page is `before=page.older`), or after one (`after=page.newer`;
    `after=0`: the oldest); the latest of all without one.

    An actor's facts come in the order of their commands' times, all others by position. Raises `TooMuch`.
    """
    with bounded():
        picking = Picking(filter)
        found = list(map(Line._make, picking.pick(limit + 1, before=before, after=after)))
        more, found = len(found) > limit, found[:limit]
        if after is not None:
            older = found[0].position if found and picking.pick(1, before=found[0].position) else None
            return Page(tuple(found[::-1]), found[-1].position if more else None, older)
        newer = found[0].position if before and found and picking.pick(1, after=found[0].position) else None
        return Page(tuple(found), newer, found[-1].position if more else None)


class Seen(NamedTuple):
    """A fact with its payload, and what is around it.

    `stored` is its data as it was written, `upcast` in the present schema of its type; None, and `trouble` says
    why, if this code can't read it. `private` are the fields that need the permission to see personal data.
    `cause` is the fact whose policy asked for its command; `caused` are the commands that policies asked for
    because of this one. `previous` and `next` are positions in its stream.
    """

    line: Line
    schema: int
    present: int | None
    raw: str
    stored: dict[str, Any]
    upcast: dict[str, Any] | None
    trouble: str
    private: frozenset[str]
    command: Attempt | None
    cause: Line | None
    caused: tuple[Attempt, ...]
    previous: int | None
    next: int | None


def fact(position: int) -> Seen | None:
    """The fact at a position, if there is one."""
    with bounded():
        found = rows(sql("inspect_fact"), (position,))
        if not found:
            return None
        line = Line._make(found[0][:9])
        command = commands.attempt(line.command_id)
        caused = (
            commands.of_correlation(line.correlation_id, REACTIONS, position) if line.correlation_id else []
        )
        attempt = command.attempt if command else None
        cause = _line(attempt.caused_by) if attempt and attempt.caused_by else None
        return _seen(line, found[0][9:], attempt, cause, tuple(caused))


def _line(position: int) -> Line | None:
    found = Picking(Filter(after=position - 1, before=position + 1)).pick(1)
    return Line._make(found[0]) if found else None


def _seen(
    line: Line, rest: Any, command: Attempt | None, cause: Line | None, caused: tuple[Attempt, ...]
) -> Seen:
    schema, raw, previous, following = rest
    kind, stored = EVENT_NAMES.get(line.type), msgspec.json.decode(raw)
    upcast, trouble = _upcast(line.type, schema, raw)
    private = private_in_fact(line.type, {**stored, **(upcast or {})})
    present = kind.schema if kind else None
    return Seen(
        line,
        schema,
        present,
        raw,
        stored,
        upcast,
        trouble,
        private,
        command,
        cause,
        caused,
        previous,
        following,
    )


def _upcast(name: str, schema: int, raw: str) -> tuple[dict[str, Any] | None, str]:
    """The data in the present schema, as far as it says anything; or why this code can't read it."""
    try:
        event = codec.decode(name, schema, raw)
    except Exception as error:  # noqa: BLE001 - whatever an upcaster makes of it
        return None, str(error)
    return msgspec.json.decode(codec.encode(event)[2]), ""


class About(NamedTuple):
    """A number of facts: exactly, at least ("1,000+"), or about."""

    number: int
    how: str  # "exactly" | "at least" | "about"

    def __str__(self) -> str:
        number = f"{self.number:,}"
        return {"exactly": number, "at least": f"{number}+", "about": f"about {number}"}[self.how]


def about(filter: Filter) -> About:  # noqa: A002
    """How many facts there are: the planner's estimate of all of them, else counted as far as 1,000.

    Raises `TooMuch`.
    """
    with bounded():
        if filter.everything and (guess := _guess()) > ENOUGH:
            return About(guess, "about")
        found = Picking(filter).count(ENOUGH + 1)
    return About(ENOUGH, "at least") if found > ENOUGH else About(found, "exactly")


def _guess() -> int:
    """What the planner takes the number of all facts to be; -1 before it was ever told."""
    return int(rows(b"SELECT reltuples::bigint FROM pg_class WHERE oid = 'eventstore_event'::regclass")[0][0])


class Minute(NamedTuple):
    """A minute, and how many facts were recorded in it."""

    began: datetime
    facts: int


def per_minute(minutes: int = 60) -> list[Minute]:
    """The last minutes, the oldest first, the present one last.

    Exact while they come to no more than 10,000 positions; beyond, positions are counted: an append that was
    rolled back counts as well.
    """
    last = timezone.now().replace(second=0, microsecond=0)
    times = [last - timedelta(minutes=ago) for ago in reversed(range(-1, minutes))]
    with bounded():
        at = picking.positions(times)
        exact = dict(rows(sql("inspect_minutes"), (at[0], at[-1]))) if at[-1] - at[0] <= EXACTLY else None
    if exact is not None:
        return [Minute(time, exact.get(time, 0)) for time in times[:-1]]
    return [Minute(time, at[nth + 1] - at[nth]) for nth, time in enumerate(times[:-1])]


def positions_at(*times: datetime) -> list[int]:
    """For each time the position of the first fact that was not recorded before it; past the head if none is."""
    with bounded():
        return picking.positions(list(times))


def kinds() -> list[str]:
    """The kinds of stream that there are facts of, in order."""
    with bounded():
        return sorted(set[str]().union(*picking.kinds().values()))
