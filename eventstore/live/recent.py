"""What there was to tell lately, in bounded memory: for the pages that are open, and for those that come back.

Each thing is put into words once, and only if somebody asks for it.
"""

import logging
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from threading import Lock
from typing import NamedTuple

import msgspec

from eventstore import log
from eventstore.database import is_trouble
from eventstore.live.position import Standing, standing
from eventstore.live.tells import Room, Tell, told
from eventstore.log import Fact

logger = logging.getLogger(__name__)

KEPT = 1000
"""So many positions of the log are kept in mind."""
WORDED = 200
"""Of the latest so many things to tell the words are kept as well; of an older one only where a page asked anew."""

_encode = msgspec.json.Encoder().encode


class Item:
    """One thing to tell, of the fact at a position."""

    __slots__ = ("_words", "position", "recorded_at", "tell")

    def __init__(self, fact: Fact, tell: Tell) -> None:
        self.position, self.recorded_at, self.tell = fact.position, fact.recorded_at, tell
        self._words: bytes | None = None

    @property
    def words(self) -> bytes:
        """As JSON: position, kind, key, value. Empty if there is nothing to say any more."""
        if self._words is None:
            value = self.tell.said()
            self._words = (
                b"" if value is None else _encode((self.position, self.tell.kind, self.tell.key, value))
            )
        return self._words

    def rooms(self, present: Collection[Room]) -> Iterable[Room]:
        """Those of the rooms present that hear it; none if that can't be found out."""
        try:
            return self.tell.rooms(present)
        except Exception as error:
            if is_trouble(error):
                raise
            logger.exception("nobody will be told of %s", self.position)
            return ()

    def forget(self) -> None:
        """The words are made again, should anybody still ask."""
        self._words = None


class Heard(NamedTuple):
    """What somebody has to hear, in order, and up to which position that is all."""

    items: list[Item]
    position: int


class Recent:
    """The latest facts that the projectors have passed, as things to tell. Any thread may ask."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._lock = Lock()
        self._items: list[Item] = []
        self._database = 0
        self.start = self.end = 0
        """Everything to tell of the positions after `start` and up to `end` is here."""

    def advance(self) -> None:
        """Reads on to where the projectors are now: one statement if nothing has happened, else one more for every
        `kept` facts, and at most two of those."""
        with self._lock:
            now = standing()
            passed = now.passed or 0
            if self._is_elsewhere(now):
                self._database = now.database
                self.start = self.end = max(0, passed - self._kept)
                self._items.clear()
            while self.end < passed and (facts := log.between(self.end, passed, self._kept)):
                self._take(facts)

    def _is_elsewhere(self, now: Standing) -> bool:
        """Whether this is another log than the last time, such as a restored one, or has gone on without us."""
        moved = now.database != self._database or now.head < self.end
        return moved or (now.passed or 0) - self._kept > self.end

    def _take(self, facts: list[Fact]) -> None:
        new = [Item(fact, tell) for fact in facts for tell in _told(fact)]
        self._items += new
        self.end = facts[-1].position
        self.start = max(self.start, self.end - self._kept)
        del self._items[: self._after(self.start)]
        for item in self._items[-WORDED - len(new) : -WORDED]:
            item.forget()

    def _after(self, position: int) -> int:
        return bisect_right(self._items, position, key=lambda item: item.position)

    def since(self, position: int) -> Heard | None:
        """What there was to tell after a position; None if that is too long ago, or has not happened here."""
        with self._lock:
            if not self.start <= position <= self.end:
                return None
            return Heard(self._items[self._after(position) :], self.end)


def _told(fact: Fact) -> Iterator[Tell]:
    try:
        yield from told(fact)
    except Exception:
        logger.exception("nobody will be told of %s", fact.position)


def latest(items: Iterable[Item], rooms: Collection[Room]) -> dict[tuple[Room, str, str], Item]:
    """For each of these rooms what it has to hear, in order; of what comes more than once, the last."""
    found: dict[tuple[Room, str, str], Item] = {}
    for item in items:
        for room in item.rooms(rooms):
            key = (room, item.tell.kind, item.tell.key)
            found.pop(key, None)
            found[key] = item
    return found
