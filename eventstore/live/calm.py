"""Not everything that moves is told at once: what was told a moment ago is held back, and the latest of it told then."""

from collections.abc import Container
from time import monotonic

from eventstore.live.recent import Item
from eventstore.live.tells import Room
from eventstore.log import END

FORGET = 1000
"""When so many more than needed are remembered, the old ones are forgotten."""
LONG_AGO_S = 60.0

Key = tuple[Room, str, str]


class Calm:
    """Holds back what was told a moment ago, and tells the latest of it when its time has come."""

    def __init__(self) -> None:
        self._told: dict[Key, float] = {}
        self._held: dict[Key, tuple[Item, int]] = {}

    def held_from(self, ready: Container[Key] = ()) -> int:
        """The first position of which something is held back, when these have been told."""
        return min((first for key, (_, first) in self._held.items() if key not in ready), default=END)

    def next(self, otherwise_s: float) -> float:
        """Seconds until something may be told, `otherwise_s` at most."""
        due = [self._told[key] + item.tell.every_s for key, (item, _) in self._held.items()]
        return min([otherwise_s, *(max(0.0, at - monotonic()) for at in due)])

    def filter(self, found: dict[Key, Item], now: float) -> dict[Key, Item]:
        """What is to be told now: of what was found, and of what was held back before, until it was `told`."""
        found = {key: item for key, (item, _) in self._held.items() if key not in found} | found
        ready = {}
        for key, item in found.items():
            if self._may(key, item, now):
                ready[key] = item
            else:
                self._held[key] = (item, self._held.get(key, (item, item.position))[1])
        return ready

    def told(self, ready: dict[Key, Item], now: float) -> None:
        """These have been put into words, or nobody is there to hear them."""
        for key in ready:
            self._held.pop(key, None)
        self._note(ready, now)

    def _may(self, key: Key, item: Item, now: float) -> bool:
        return now >= self._told.get(key, float("-inf")) + item.tell.every_s

    def _note(self, ready: dict[Key, Item], now: float) -> None:
        self._told.update({key: now for key, item in ready.items() if item.tell.every_s})
        if len(self._told) > 2 * len(self._held) + FORGET:
            recent = (key for key, at in self._told.items() if now - at < LONG_AGO_S)
            self._told = {key: self._told[key] for key in {*recent, *self._held}}
