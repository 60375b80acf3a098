"""How a filter is answered: which index drives the statement, and between which positions it looks.

A stream, a command, a correlation and an actor are looked up by themselves; types (and a kind: those that occur
in it) one by one, merged; all else is the log in its own order.
"""

from datetime import datetime
from typing import Any

from eventstore.database import rows, sql
from eventstore.inspection.filters import Filter
from eventstore.log import END


class Picking:
    """One filter, made ready within `limits.bounded`: what it costs to find out is paid once."""

    def __init__(self, wanted: Filter) -> None:
        self._wanted = wanted
        self._types = types(wanted)
        self._bounds = bounds(wanted)
        self._in_time = bool(wanted.actor) and not (wanted.stream or wanted.command or wanted.correlation)
        """Whether the order is that of the commands' times."""

    @property
    def impossible(self) -> bool:
        """Whether the filter contradicts itself or names a kind that there is not."""
        kind, _, name = self._wanted.stream.partition("-")
        return self._types == [] or (bool(name) and self._wanted.kind not in ("", kind))

    def pick(
        self, limit: int, *, before: int | None = None, after: int | None = None
    ) -> list[tuple[Any, ...]]:
        """The latest so many lines before a cursor, the latest first; after one, the earliest, in order."""
        told = ["lines", "told_in_time"] if self._in_time else ["lines"]
        statement = sql("inspect_page", *told, *self._parts())
        if after is not None:
            statement = statement.replace(b" DESC", b" ASC")
        return [] if self.impossible else rows(statement, self._params(limit, before, after))

    def count(self, most: int) -> int:
        """How many facts there are, counted as far as `most`."""
        if self.impossible:
            return 0
        return int(rows(sql("inspect_page", "number", *self._parts()), self._params(most, None, None))[0][0])

    def _parts(self) -> list[str]:
        """Of the statement: where it begins, what it leaves out, and its order."""
        named = [name for name in ("kind", "command", "correlation", "actor") if getattr(self._wanted, name)]
        order = ["in_time"] if self._in_time else ["cursor", "in_stream" if self._wanted.stream else "in_log"]
        return [*self._sources(), *named, *order]

    def _sources(self) -> list[str]:
        """What drives it: a stream, the commands that led to the facts, each type by itself, or the log."""
        wanted, typed = self._wanted, ["types"] if self._types else []
        through = wanted.command or wanted.correlation or wanted.actor
        if wanted.stream:
            return ["any_type", "stream", *typed, *(["by_command"] if through else [])]
        if through:
            return ["of_commands", *typed]
        if not typed:
            return ["any_type"]
        return ["each_type", "kind_of_each"] if wanted.kind else ["each_type"]

    def _params(self, limit: int, before: int | None, after: int | None) -> dict[str, Any]:
        (low, high), wanted = self._bounds, self._wanted
        names = ("kind", "stream", "command", "correlation", "actor")
        params = {name: getattr(wanted, name) for name in names} | {"types": self._types, "limit": limit}
        params |= {"after": low, "before": high, "newer_than": after or 0}
        params |= {"older_than": END if before is None else before}
        if self._in_time:
            params |= {"since": _time_of(after, "-infinity"), "until": _time_of(before, "infinity")}
        return params


def types(wanted: Filter) -> list[str] | None:
    """The types that are meant; None for any."""
    if not wanted.kind:
        return list(wanted.types) or None
    return [name for name in types_of(wanted.kind) if not wanted.types or name in wanted.types]


def kinds() -> dict[str, set[str]]:
    """The kinds of stream that each type of fact occurs in, as its first and its last fact tell."""
    return {name: {first, last} for name, first, last in rows(sql("inspect_kinds"))}


def types_of(kind: str) -> list[str]:
    return [name for name, occurs_in in kinds().items() if kind in occurs_in]


def bounds(wanted: Filter) -> tuple[int, int]:
    """The positions between which the filter looks, both exclusive."""
    low, high = [wanted.after or 0], [END if wanted.before is None else wanted.before]
    times = [time for time in (wanted.since, wanted.until) if time]
    found = dict(zip(times, positions(times), strict=True)) if times else {}
    low += [found[wanted.since] - 1] if wanted.since else []
    high += [found[wanted.until]] if wanted.until else []
    return max(low), min(high)


def positions(times: list[datetime]) -> list[int]:
    return [int(position) for (position,) in rows(sql("inspect_positions"), {"times": times})]


def _time_of(position: int | None, otherwise: str) -> str:
    """When the command of the fact at a cursor was recorded."""
    found = rows(sql("inspect_cursor"), (position,)) if position else []
    return found[0][0].isoformat() if found else otherwise
