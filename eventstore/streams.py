"""What a stream amounts to: its facts, folded. Of long streams a process remembers that, and reads only what is newer.

What is remembered counts only if the log still holds its last fact: a transaction that was rolled back, or a
database that was restored, is noticed by the very query that reads on.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any, NamedTuple

from eventstore import measures
from eventstore.codec import decoder
from eventstore.database import rows, sql
from eventstore.decider import Decider
from eventstore.log import BATCH

LONG = 32
"""Facts from which on a stream is worth remembering: reading fewer costs no more than looking for one."""

REMEMBERED = 1000
"""Streams; those that were asked for last."""


Mark = tuple[Any, ...]
"""A fact's version, position and command: no other fact has the same."""

Stored = tuple[Any, ...]
"""A mark, and the type, schema and data of the fact."""


class Folded(NamedTuple):
    """A stream's state, its version (0: empty), and what tells its last fact from any other."""

    state: Any
    version: int = 0
    mark: Mark | None = None


class _Memory:
    """The streams that were folded last, safe for threads."""

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, Lock()
        self._folded: OrderedDict[str, Folded] = OrderedDict()

    def get(self, stream: str) -> Folded | None:
        with self._lock:
            folded = self._folded.get(stream)
            if folded:
                self._folded.move_to_end(stream)
            return folded

    def keep(self, stream: str, folded: Folded) -> None:
        with self._lock:
            self._folded[stream] = folded
            self._folded.move_to_end(stream)
            if len(self._folded) > self._size:
                self._folded.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._folded.clear()


_memory = _Memory(REMEMBERED)


def forget() -> None:
    """Lets go of all that is remembered: every stream is read whole the next time."""
    _memory.clear()


def load(decider: Decider, stream: str) -> Folded:
    """The stream as the log has it now, in bounded memory however long it is."""
    start = Folded(decider.initial)
    folded = _go_on(decider, stream, _memory.get(stream)) or _fold(decider, start, _read(stream, 0))
    if folded.version >= LONG:
        _memory.keep(stream, folded)
    return folded


def _go_on(decider: Decider, stream: str, known: Folded | None) -> Folded | None:
    """What is known, and what came after it; None if its last fact is not where it was."""
    if known is None:
        return None
    facts = _read(stream, known.version - 1)
    last = next(facts, None)
    return _fold(decider, known, facts) if last and last[:3] == known.mark else None


def _read(stream: str, after: int) -> Iterator[Stored]:
    while page := rows(sql("stream_to_fold"), (stream, after, BATCH)):
        yield from page
        if len(page) < BATCH:
            return
        after = page[-1][0]


def _fold(decider: Decider, start: Folded, facts: Iterable[Stored]) -> Folded:
    state, fact, evolve = start.state, None, decider.evolve
    for fact in facts:
        _, _, _, name, schema, data = fact
        state = evolve(state, decoder(name, schema)(data))
    folded = Folded(state, fact[0], fact[:3]) if fact else start
    measures.folded(folded.version - start.version)
    return folded
