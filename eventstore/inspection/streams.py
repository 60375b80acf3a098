"""A stream's life: its facts, what they came to at any version, and how two versions differ."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import Any, NamedTuple

import msgspec

from eventstore.database import rows, sql
from eventstore.decider import deciders
from eventstore.inspection.limits import TooMuch, bounded
from eventstore.inspection.privacy import private_in_context
from eventstore.log import Fact, read_stream, read_stream_backwards

PATIENCE_S = 5.0
"""For folding one stream."""


class NoDecider(LookupError):
    """No aggregate of this code takes the commands of this stream: its facts can be read, not folded."""

    def __str__(self) -> str:
        return self.__doc__ or ""


class NoSuchVersion(LookupError):
    """The stream had no such version."""

    def __str__(self) -> str:
        return self.__doc__ or ""


class Life(NamedTuple):
    """Facts of a stream by version, the first one first; its last version, and whether it can be folded.

    `earlier` and `later` are versions for `before` and `after`; None: there are no more.
    """

    stream: str
    version: int
    foldable: bool
    facts: tuple[Fact, ...]
    earlier: int | None
    later: int | None


def life(stream: str, *, after: int | None = None, before: int | None = None, limit: int = 50) -> Life | None:
    """Facts after a version or before one (as a page, still in order); from the first one without either.

    None if there is no such stream.
    """
    with bounded():
        last, began_with = _last_version(stream), _began_with(stream)
        if before is None:
            facts = tuple(islice(read_stream(stream, after or 0, limit), limit))
        else:
            facts = tuple(islice(read_stream_backwards(stream, before, limit), limit))[::-1]
    if not last:
        return None
    earlier = facts[0].version if facts and facts[0].version > 1 else None
    later = facts[-1].version if facts and facts[-1].version < last else None
    return Life(stream, last, began_with in deciders.by_name(), facts, earlier, later)


class Folded(NamedTuple):
    """What a stream came to: the state itself, the name of its class, and its fields as plain data.

    `private` are the fields that need the permission to see personal data. Version 0 is before the first fact.
    """

    stream: str
    version: int
    position: int | None
    recorded_at: datetime | None
    state: Any
    name: str
    data: dict[str, Any]
    private: frozenset[str]


def at(
    stream: str, version: int | None = None, time: datetime | None = None, patience_s: float = PATIENCE_S
) -> Folded:
    """The state at a version, or after the last fact that was recorded until a time; the present one without either.

    Reads the stream from its beginning, in bounded memory. Raises `NoDecider`, `NoSuchVersion` (also for a stream
    that is not there), `codec.FutureEvent` for a fact that this code is too old for, and `TooMuch` after
    `patience_s` seconds.
    """
    with bounded():
        began_with = _began_with(stream)
        decider = deciders.by_name().get(began_with)
        if decider is None:
            raise NoDecider if _last_version(stream) else NoSuchVersion
        state, last = decider.initial, None
        for last in _until(stream, version, time, monotonic() + patience_s):
            state = decider.evolve(state, last.event)
    if version not in (None, last.version if last else 0):
        raise NoSuchVersion
    return _folded(stream, state, last, began_with)


class Change(NamedTuple):
    """A field that differs; None where it was not there."""

    field: str
    before: Any
    after: Any


class Difference(NamedTuple):
    """Two versions, the fields that differ, and those of them that are private."""

    before: Folded
    after: Folded
    changes: tuple[Change, ...]
    private: frozenset[str]


def difference(stream: str, a: int, b: int) -> Difference:
    """What lies between two versions, field by field ("state" if the state's class changed). Raises as `at` does."""
    before, after = at(stream, a), at(stream, b)
    changes = [Change("state", before.name, after.name)] if before.name != after.name else []
    for name in sorted({*before.data, *after.data}):
        values = before.data.get(name), after.data.get(name)
        if values[0] != values[1]:
            changes.append(Change(name, *values))
    return Difference(before, after, tuple(changes), before.private | after.private)


def _last_version(stream: str) -> int:
    found = rows(sql("inspect_versions"), (stream,))
    return int(found[0][0]) if found else 0


def _began_with(stream: str) -> str:
    """The name of the command that the stream began with: its aggregate is whoever takes it."""
    found = rows(sql("inspect_began_with"), (stream,))
    return str(found[0][0]) if found else ""


def _until(stream: str, version: int | None, time: datetime | None, deadline: float) -> Iterator[Fact]:
    for fact in read_stream(stream):
        if (version is not None and fact.version > version) or (time is not None and fact.recorded_at > time):
            return
        if monotonic() > deadline:
            raise TooMuch
        yield fact


def _folded(stream: str, state: Any, last: Fact | None, began_with: str) -> Folded:
    plain = msgspec.to_builtins(state, order="deterministic")
    data = plain if isinstance(plain, dict) else {"value": plain}
    version, position, recorded_at = (
        (last.version, last.position, last.recorded_at) if last else (0, None, None)
    )
    private = private_in_context(began_with, data)
    return Folded(stream, version, position, recorded_at, state, type(state).__name__, data, private)
