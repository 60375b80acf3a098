"""How many sockets are open here and whose; and that those who have signed out, or been signed out, are told nothing."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from conduit.live.people import Person, still_there
from eventstore.threads import ask

logger = logging.getLogger(__name__)

CHECK_S = 3.0
"""Whoever has signed out is sent away within this, and the time of two statements."""

SendAway = Callable[[], Awaitable[None]]


class Crowd:
    """So many in all, and so many of each."""

    def __init__(self, most: int) -> None:
        self._most, self.total = most, 0
        self._counts: Counter[str] = Counter()

    def enter(self, who: Mapping[str, int]) -> bool:
        """Whether there is room for one more of these, each with a limit of its own; it is taken then."""
        if self.total >= self._most or any(self._counts[each] >= limit for each, limit in who.items()):
            return False
        self.total += 1
        self._counts.update(who.keys())
        return True

    def leave(self, who: Mapping[str, int]) -> None:
        """Costs the same however many others are here: thousands may go at once."""
        self.total -= 1
        for each in who:
            self._counts[each] -= 1
            if not self._counts[each]:
                del self._counts[each]


class Watch:
    """Looks every 3 s, while anybody is here who is signed in, whether they still are."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._here: dict[Person, set[SendAway]] = {}
        self._task: asyncio.Task[None] | None = None

    def over(self, person: Person, send_away: SendAway) -> None:
        self._here.setdefault(person, set()).add(send_away)
        if self._task is None:
            self._task = asyncio.ensure_future(self._watch())

    def no_more(self, person: Person, send_away: SendAway) -> None:
        self._here.get(person, set()).discard(send_away)
        if not self._here.get(person):
            self._here.pop(person, None)
        if not self._here and self._task:
            self._task.cancel()
            self._task = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            try:
                gone = self._here.keys() - await ask(self._threads, still_there, tuple(self._here))
                for send_away in [each for person in gone for each in self._here.get(person, ())]:
                    await send_away()
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody else would look again
                logger.warning("who is signed in will be looked up again: %s", error)
