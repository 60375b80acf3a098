"""The audit: every attempt to change something, the latest first, whatever came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from eventstore.database import rows, sql
from eventstore.inspection.asking import Query
from eventstore.inspection.filters import texts
from eventstore.inspection.limits import bounded
from eventstore.inspection.privacy import private_in_context
from eventstore.messages import BadInput

OUTCOMES = ("accepted", "refused", "failed")
IN_VAIN = OUTCOMES[1:]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Attempt(NamedTuple):
    """A row of the audit, without its payload."""

    id: UUID
    recorded_at: datetime
    name: str
    outcome: str
    reason: str
    stream: str | None
    first_version: int | None
    last_version: int | None
    actor_id: UUID | None
    address: str
    correlation_id: UUID
    caused_by: int | None
    duration_us: int
    retries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Attempts that are all of this; what is empty does not matter. A stream means those that led to its facts."""

    outcome: str = ""
    name: str = ""
    actor: UUID | None = None
    address: str = ""
    stream: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> "Asked":
        """Reads outcome, name, actor, address, stream, since, until; like `Filter.from_query`."""
        asked = Query(query)
        found = cls(
            outcome=asked.text("outcome", OUTCOMES),
            name=asked.text("name"),
            actor=asked.uuid("actor"),
            address=asked.text("address"),
            stream=asked.text("stream"),
            since=asked.time("since"),
            until=asked.time("until"),
        )
        asked.finish()
        return found

    def as_query(self) -> dict[str, str]:
        """What `from_query` reads as the same."""
        return texts(self)


class Page(NamedTuple):
    """Some attempts, the latest first, and the cursors to what is newer and older; None: there is none."""

    attempts: tuple[Attempt, ...]
    newer: str | None
    older: str | None


def page(asked: Asked, *, before: str | None = None, after: str | None = None, limit: int = 50) -> Page:
    """Attempts before a cursor, or after one (`after=""`: the oldest); the latest of all without one.

    Cursors are opaque texts; `BadInput` for what is none. Raises `TooMuch`.
    """
    with bounded():
        found = _pick(asked, limit + 1, before=before, after=after)
        more, found = len(found) > limit, found[:limit]
        if after is not None:
            older = _cursor(found[0]) if found and _pick(asked, 1, before=_cursor(found[0])) else None
            return Page(tuple(found[::-1]), _cursor(found[-1]) if more else None, older)
        newer = _cursor(found[0]) if before and found and _pick(asked, 1, after=_cursor(found[0])) else None
        return Page(tuple(found), newer, _cursor(found[-1]) if more else None)


def _pick(asked: Asked, limit: int, *, before: str | None = None, after: str | None = None) -> list[Attempt]:
    """The latest so many before a cursor, the latest first; after one, the earliest, in order."""
    statement = sql(
        "inspect_attempts", *_parts(asked), *(["before"] if before else ["after"] if after else [])
    )
    if after is not None:
        statement = statement.replace(b" DESC", b" ASC")
    at, id_ = _place(before or after or "")
    params = {name: getattr(asked, name) for name in ("outcome", "name", "actor", "address", "stream")}
    params |= {"names": [asked.name] if asked.name else names(), "at": at, "id": id_, "limit": limit}
    params |= {"since": _bound(asked.since, "-infinity"), "until": _bound(asked.until, "infinity")}
    return list(map(Attempt._make, rows(statement, params)))


def _parts(asked: Asked) -> Iterator[str]:
    """Whose index is read: an actor's, that of those in vain, else the names' one by one."""
    if asked.actor or asked.stream or asked.outcome in IN_VAIN:
        yield "any_name"
        yield from ("in_vain",) if asked.outcome in IN_VAIN else ()
    else:
        yield "each_name"
    yield from (name for name in ("outcome", "name", "actor", "address", "stream") if getattr(asked, name))


def _bound(time: datetime | None, otherwise: str) -> str:
    return time.isoformat() if time else otherwise


def _cursor(attempt: Attempt) -> str:
    return f"{(attempt.recorded_at - BEGINNING) // timedelta(microseconds=1)}-{attempt.id.hex}"


def _place(cursor: str) -> tuple[datetime | None, UUID | None]:
    if not cursor:
        return None, None
    number, _, id_ = cursor.partition("-")
    try:
        return BEGINNING + timedelta(microseconds=int(number)), UUID(id_)
    except (ValueError, OverflowError):
        raise BadInput({"cursor": ["is none of this page's"]}) from None


class Whole(NamedTuple):
    """An attempt with what the audit has kept of the command, and the names of what is private in it."""

    attempt: Attempt
    payload: dict[str, Any]
    private: frozenset[str]


def attempt(id: UUID) -> Whole | None:  # noqa: A002
    """The attempt with this id, if there is one."""
    with bounded():
        found = rows(sql("inspect_attempt"), (id,))
    if not found:
        return None
    *columns, text = found[0]
    one, payload = Attempt._make(columns), msgspec.json.decode(text)
    return Whole(one, payload, private_in_context(one.name, payload))


def of_correlation(correlation_id: UUID, limit: int, because_of: int | None = None) -> list[Attempt]:
    """The attempts of a correlation, the first one first; only those that a policy made because of a fact."""
    statement = sql("inspect_correlation", *(["because_of"] if because_of else []))
    params = {"correlation": correlation_id, "position": because_of, "limit": limit}
    return list(map(Attempt._make, rows(statement, params)))


def names() -> list[str]:
    """Every name of a command in the audit, in order; looks into the index once for each."""
    return [name for (name,) in rows(sql("inspect_names"))]
