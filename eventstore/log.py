"""Reading the log, in order and without gaps, with bounded memory.

Positions come from a sequence, so a later one can become visible before an earlier one. The rule: a reader
that meets a hole looks for the transactions that may still fill it, waits until just those have ended, and
reads again; what is missing then was rolled back and is passed for good.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from time import monotonic, sleep
from typing import Any, NamedTuple
from uuid import UUID

from eventstore import codec
from eventstore.database import rows, sql

BATCH = 1000
PATIENCE_S = 2.0
LOOK_AGAIN_S = 0.0005
SELDOM_S = 0.02
END = 2**63 - 1


class LogBusy(Exception):
    """A transaction has been writing to the log for longer than the reader may wait."""

    def __str__(self) -> str:
        return self.__doc__ or ""


class Fact(NamedTuple):
    """An event as it was recorded: where it stands, when and by which command, and its stored data."""

    position: int
    stream: str
    version: int
    type: str
    schema: int
    data: str
    command_id: UUID
    recorded_at: datetime

    @property
    def event(self) -> Any:
        """The fact decoded; raises `codec.FutureEvent` if this code is too old for it."""
        return codec.decode(self.type, self.schema, self.data)


def settled(after: int, limit: int = BATCH, *, upto: int = END, patience_s: float = PATIENCE_S) -> list[Fact]:
    """The next facts after a position, in order; never past a hole that may still be filled.

    Each of its statements must have a snapshot of its own: autocommit, or READ COMMITTED. Waits at most
    `patience_s` seconds for transactions in flight; if they outlast it, the answer ends before the hole (and
    is empty if the hole comes first). Nobody is blocked by a reader.
    """
    facts = _everything(after, limit, upto)
    if not facts or facts[-1].position - after == len(facts):
        return facts
    whole = _before_first_hole(after, facts)
    if whole:
        return facts[:whole]
    # Positions up to the last one seen were all drawn by now: whoever may fill the hole is at work already.
    if not _await(_writers(), patience_s):
        return []
    return _everything(after, limit, facts[-1].position)


def settled_position(patience_s: float = PATIENCE_S) -> int:
    """The last position, once every fact up to it is committed or gone; `LogBusy` if that takes longer.

    What a query that filters (by type, stream, person) must stay below, since it can't see holes.
    """
    last = head()
    if not _await(_writers(), patience_s):
        raise LogBusy
    return last


def head() -> int:
    """The last position in the log, settled or not; 0 when it is empty."""
    return int(rows(sql("last_position"))[0][0])


def between(after: int, upto: int, limit: int = BATCH) -> list[Fact]:
    """The next facts after a position and up to one that is settled, such as one that a projector has passed."""
    return _everything(after, limit, upto)


def _everything(after: int, limit: int, upto: int) -> list[Fact]:
    return list(map(Fact._make, rows(sql("everything"), {"after": after, "limit": limit, "upto": upto})))


def _before_first_hole(after: int, facts: Sequence[Fact]) -> int:
    return next(nth for nth, fact in enumerate(facts) if fact.position != after + 1 + nth)


def _writers() -> set[str]:
    return {transaction for (transaction,) in rows(sql("writers"))}


def _await(writers: set[str], patience_s: float) -> bool:
    """Waits until these transactions (not newcomers) have ended; False if that takes too long."""
    deadline, pause = monotonic() + patience_s, LOOK_AGAIN_S
    while writers and monotonic() < deadline:
        sleep(pause)
        writers &= _writers()
        pause = min(2 * pause, SELDOM_S)
    return not writers


def types() -> list[str]:
    """Every type of fact in the log."""
    return [name for (name,) in rows(sql("types"))]


def of_types(types: Sequence[str], after: int, upto: int, limit: int) -> list[Fact]:
    """The next facts of some types after a position and up to a settled one."""
    return _facts("of_types", types=types, after=after, upto=upto, limit=limit)


def read_all(after: int = 0, batch: int = BATCH) -> Iterator[Fact]:
    """Every fact after a position, in the order of the log; ends at the head, or before a hole that outlasts
    the reader's patience."""
    return _pages(lambda at: settled(at, batch), after)


def read_all_backwards(before: int = END, batch: int = BATCH) -> Iterator[Fact]:
    """Every settled fact before a position, the latest first. Raises `LogBusy` like `read_types`."""
    start = min(before, settled_position() + 1)
    return _pages(lambda at: _facts("everything_backwards", before=at, limit=batch), start)


def read_types(types: Iterable[str], after: int = 0, batch: int = BATCH) -> Iterator[Fact]:
    """The facts of some types after a position, in the order of the log, as far as it is settled now.

    Raises `LogBusy` if a transaction has been writing for longer than a reader may wait.
    """
    names, upto = list(types), settled_position()
    return _pages(lambda at: of_types(names, at, upto, batch), after)


def read_stream(stream: str, after: int = 0, batch: int = BATCH) -> Iterator[Fact]:
    """The facts of one stream after a version, in order."""
    return _versions(lambda at: _facts("stream", stream=stream, after=at, limit=batch), after, batch)


def read_stream_backwards(stream: str, before: int = END, batch: int = BATCH) -> Iterator[Fact]:
    """The facts of one stream before a version, the latest first."""
    return _versions(
        lambda at: _facts("stream_backwards", stream=stream, before=at, limit=batch), before, batch
    )


def _facts(statement: str, **params: Any) -> list[Fact]:
    return list(map(Fact._make, rows(sql(statement), params)))


def _pages(page: Callable[[int], list[Fact]], at: int) -> Iterator[Fact]:
    while facts := page(at):
        yield from facts
        at = facts[-1].position


def _versions(page: Callable[[int], list[Fact]], at: int, batch: int) -> Iterator[Fact]:
    while facts := page(at):
        yield from facts
        if len(facts) < batch:
            return
        at = facts[-1].version
