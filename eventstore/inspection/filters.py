"""What part of the log is meant: a filter, to and from the query string of a page, or the options of a command."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from eventstore.inspection.asking import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Facts that are all of this; what is empty does not matter.

    Positions are exclusive; times are aware, from `since` on and before `until`, and mean positions: those of
    the first facts that were not recorded before them. A kind is what a stream's name begins with, before the
    first "-"; a type of fact belongs to the kind of its first and of its last fact.
    """

    types: tuple[str, ...] = ()
    kind: str = ""
    stream: str = ""
    actor: UUID | None = None
    correlation: UUID | None = None
    command: UUID | None = None
    after: int | None = None
    before: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> "Filter":
        """Reads `type` (any number of them), kind, stream, actor, correlation, command, after, before, since, until.

        Takes a QueryDict or any mapping to texts or lists of texts. Other names are left alone, so that a page
        may keep its own beside them (its cursor: not `after` and `before`, these are part of the filter).
        Empty means absent. Raises `BadInput`, by name, for what can't be meant.
        """
        asked = Query(query)
        found = cls(
            types=asked.texts("type"),
            kind=asked.text("kind"),
            stream=asked.text("stream"),
            actor=asked.uuid("actor"),
            correlation=asked.uuid("correlation"),
            command=asked.uuid("command"),
            after=asked.position("after"),
            before=asked.position("before"),
            since=asked.time("since"),
            until=asked.time("until"),
        )
        asked.finish()
        return found

    def as_query(self) -> dict[str, str | list[str]]:
        """What `from_query` reads as this filter; for `urlencode(…, doseq=True)`."""
        types = {"type": list(self.types)} if self.types else {}
        return {**types, **texts(self, leaving_out="types")}

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Filter()


def texts(asked: Any, leaving_out: str = "") -> dict[str, str]:
    """What is said in the fields of a filter, as texts that are read as the same."""
    said = ((field.name, getattr(asked, field.name)) for field in fields(asked) if field.name != leaving_out)
    return {name: _text(value) for name, value in said if value not in (None, "")}


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
