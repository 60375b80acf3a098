"""What a stream amounts to: its facts, folded. Of long streams a process remembers that, and reads only what is newer.

What is remembered counts only if the log still holds its last fact: a transaction that was rolled back, or a
database that was restored, is noticed by the very query that reads on.
"""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

from eventstore import log
from eventstore.decider import Decider
from eventstore.log import Fact

LONG = 32
"""Facts from which on a stream is worth remembering: reading fewer costs no more than looking for one."""

REMEMBERED = 1000
"""Streams; those that were asked for last."""


Mark = tuple[int, int, UUID]


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


_memory = _Memory(REMEMBERED)


def load(decider: Decider, stream: str) -> Folded:
    """The stream as the log has it now, in bounded memory however long it is."""
    folded = _go_on(decider, stream, _memory.get(stream)) or _fold(
        decider, Folded(decider.initial), log.read_stream(stream)
    )
    if folded.version >= LONG:
        _memory.keep(stream, folded)
    return folded


def _go_on(decider: Decider, stream: str, known: Folded | None) -> Folded | None:
    """What is known, and what came after it; None if its last fact is not where it was."""
    if known is None:
        return None
    facts = log.read_stream(stream, known.version - 1)
    last = next(facts, None)
    return _fold(decider, known, facts) if last and _mark(last) == known.mark else None


def _fold(decider: Decider, start: Folded, facts: Iterable[Fact]) -> Folded:
    state, last, evolve = start.state, None, decider.evolve
    for fact in facts:
        state, last = evolve(state, fact.event), fact
    return Folded(state, last.version, _mark(last)) if last else start


def _mark(fact: Fact) -> Mark:
    return fact.position, fact.version, fact.command_id
