"""Rebuilding is the proof: a projector's tables are folded anew from the log, beside the live ones, and
compared with them row by row. Readers and writers go on; a rebuild that is cut short leaves the live tables
untouched.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from time import monotonic

from django.db import Error, transaction

from eventstore import checkpoints, log, parking
from eventstore.behind import Behind
from eventstore.changes import Buffer
from eventstore.database import execute, is_trouble, rows
from eventstore.log import END, Fact
from eventstore.progress import Progress, Result
from eventstore.projector import Projector
from eventstore.shadow import Shadow
from eventstore.status import standing

PAGE, BATCH, CHARACTERS = 1000, 10_000, 2**23
"""Facts that are read at once; facts, and characters of data, that are written at once: the more, the more of them
come to one row. Two batches are in memory at a time."""

PATIENCE_S = 5.0

__all__ = ["BATCH", "Progress", "Rebuild", "RebuildRunning", "ReplayFailed", "Result"]


class RebuildRunning(Exception):
    """This projector is being rebuilt already."""


class ReplayFailed(Exception):
    """A fact can't be applied; the read models are as they were."""


@dataclass(slots=True)
class _Folded:
    """What some facts come to, which ones they are, and how much they are."""

    buffer: Buffer = field(default_factory=Buffer)
    first: int = 0
    last: int = 0
    facts: int = 0
    characters: int = 0

    def add(self, fact: Fact) -> None:
        self.first, self.last = self.first or fact.position, fact.position
        self.facts, self.characters = self.facts + 1, self.characters + len(fact.data)


Watch = Callable[[Progress], None]


class Rebuild:
    """One rebuild of one projector."""

    def __init__(
        self,
        projector: Projector,
        watch: Watch = lambda progress: None,
        batch: int = BATCH,
        *,
        whole_process: bool = True,
        pace: Callable[[int], None] = lambda facts: None,
    ) -> None:
        """`whole_process`: this process does nothing else meanwhile, so no garbage need be looked for in it.
        `pace` hears how many facts there are before each batch of history, and may take its time."""
        self.projector, self.watch, self.batch = projector, watch, batch
        self.whole_process, self.pace = whole_process, pace
        self.shadow = Shadow(projector)
        self.position = self.events = 0
        self.phase, self.began, self.keep_parked = "replaying", monotonic(), False

    def run(self, *, check: bool = False, keep_parked: bool = False) -> Result:
        """Replays and compares; merges the differences unless `check`, and leaves the projector at the head.

        What is parked is tried again, and not parked any longer afterwards, unless `keep_parked`: then it is
        left out, as what was skipped always is. Raises `RebuildRunning`, `ReplayFailed` for a fact that can't
        be applied, and `LogBusy` when a transaction keeps writing to the log; nothing has changed then. A
        projector that is paused is compared and repaired where it stands, and stays there.
        """
        self.began, self.keep_parked = monotonic(), keep_parked
        with _alone(self.projector), _quiet_collector() if self.whole_process else nullcontext():
            self.shadow.create()
            try:
                return self._prove(repair=not check)
            finally:
                self._clear_away()

    def _prove(self, *, repair: bool) -> Result:
        self._replay_history(_live_position(self.projector))
        differences = self._compare()
        stands = standing(self.projector)
        if repair and (any(differences.values()) or not stands.up_to_date):
            if stands.status != "paused":
                self._replay_history(log.settled_position())
            self._merge()
            return self._result(differences, merged=True)
        return self._result(differences)

    def _replay_history(self, upto: int) -> None:
        """The bulk of it: one batch is written while the next one is folded."""
        self.phase = "replaying"
        with Behind(self._write) as behind:

            def write(folded: _Folded) -> None:
                self.pace(folded.facts)
                behind.give(folded)

            self._replay(upto, write)

    def _compare(self) -> dict[str, int]:
        """In one snapshot, where the live tables are exactly at their checkpoint; nobody is locked out."""
        with transaction.atomic():
            execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", prepare=False)
            execute(b"SET LOCAL statement_timeout = 0", prepare=False)
            self._replay(_live_position(self.projector))
            self._begin("comparing")
            return self.shadow.differences()

    def _merge(self) -> None:
        """Holding the checkpoint, so that the live tables stand still: the last facts, the differences."""
        with transaction.atomic():
            [follower] = checkpoints.lock([self.projector], PATIENCE_S)
            execute(b"SET LOCAL statement_timeout = 0", prepare=False)
            self._replay(self._end(follower))
            self._begin("merging")
            self.shadow.merge()
            if not self.keep_parked:
                execute(b"DELETE FROM eventstore_parked WHERE projector = %s", (self.projector.name,))
            follower.position = self.position
            checkpoints.move([follower])

    def _end(self, follower: checkpoints.Follower[Projector]) -> int:
        """How far the live tables shall be: to the head, or not a fact farther if they are paused."""
        if not follower.paused:
            return max(follower.position, log.settled_position())
        if self.position > follower.position:
            raise ReplayFailed("the projector was paused meanwhile, behind what had been replayed")
        return follower.position

    def _replay(self, upto: int, write: Callable[[_Folded], None] | None = None) -> None:
        """Applies the facts that the projector follows, up to a settled position."""
        write, left_out, folded = write or self._write, self._left_out(), _Folded()
        for facts in self._pages(upto):
            for fact in facts:
                if not left_out(fact):
                    self._fold(folded, fact)
            if folded.facts >= self.batch or folded.characters >= CHARACTERS:
                write(folded)
                folded = _Folded()
        if folded.facts:
            write(folded)

    def _pages(self, upto: int) -> Iterator[list[Fact]]:
        """All facts up to a position; it has moved on, and is told, when the next page is asked for."""
        types, size = self.projector.among(log.types()), min(self.batch, PAGE)
        while facts := log.of_types(types, self.position, upto, size):
            yield facts
            self.position, self.events = facts[-1].position, self.events + len(facts)
            self._tell(upto)
        self.position = max(self.position, upto)
        self._tell(upto)

    def _left_out(self) -> Callable[[Fact], bool]:
        """What is not to be applied: single facts for good, and streams from where they are parked."""
        name, never = self.projector.name, parking.skipped(self.projector.name)
        streams = parking.parked_streams(name) if self.keep_parked else []
        waiting = {parked.stream: parked.position for parked in streams}
        return lambda fact: fact.position in never or fact.position >= waiting.get(fact.stream, END)

    def _fold(self, folded: _Folded, fact: Fact) -> None:
        folded.add(fact)
        try:
            folded.buffer.take(self.projector.project(fact))
        except Exception as error:
            raise _failed(f"{fact.position} ({fact.type} of {fact.stream})", error) from error

    def _write(self, folded: _Folded) -> None:
        try:
            with transaction.atomic(), self.shadow.written():
                folded.buffer.flush()
        except Exception as error:
            if is_trouble(error):
                raise
            raise _failed(f"{folded.first} to {folded.last}", error) from error

    def _clear_away(self) -> None:
        """Best effort: what stays behind is dropped by the next rebuild, and is in nobody's way."""
        with suppress(Error):
            self.shadow.drop()

    def _begin(self, phase: str) -> None:
        self.phase = phase
        self._tell(self.position)

    def _tell(self, head: int) -> None:
        seconds, name = monotonic() - self.began, self.projector.name
        self.watch(Progress(name, self.position, head, self.events, seconds, self.phase))

    def _result(self, differences: dict[str, int], *, merged: bool = False) -> Result:
        seconds, count = monotonic() - self.began, self.shadow.count()
        name = self.projector.name
        return Result(name, self.position, self.events, count, seconds, differences, merged)


def _failed(facts: str, error: Exception) -> ReplayFailed:
    return ReplayFailed(f"can't apply {facts}: {type(error).__name__}: {error}")


def _live_position(projector: Projector) -> int:
    found = rows(b"SELECT position FROM eventstore_checkpoint WHERE name = %s", (projector.name,))
    return int(found[0][0]) if found else 0


@contextmanager
def _alone(projector: Projector) -> Iterator[None]:
    """One rebuild of a projector at a time; the database lets go of the lock when the process dies."""
    key = (f"rebuild {projector.name}",)
    [(ours,)] = rows(b"SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
    if not ours:
        raise RebuildRunning(projector.name)
    try:
        yield
    finally:
        with suppress(Error):
            rows(b"SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """A replay makes many short-lived objects and no cycles: collecting them is wasted time."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
