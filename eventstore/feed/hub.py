"""One reader on the log for all who listen in this process.

While somebody listens, it looks at the log every 100 ms and keeps what came last, in bounded memory. Whoever
is farther behind than that reads pages from the log, one client at a time, until they have come near.
Everything here happens on the event loop, but for reading: that is done in two threads, one for each.
"""

import asyncio
import logging
from bisect import bisect_right
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from eventstore.database import is_trouble
from eventstore.feed import pages
from eventstore.feed.pages import Page, Telling
from eventstore.feed.public import PUBLIC
from eventstore.threads import ask

logger = logging.getLogger(__name__)

LOOK_S = 0.1
AGAIN_S = 1.0
"""Until the next try when the database is in trouble."""
READ = 100
MOST_KEPT = 16 * 1024 * 1024


class Chunk(NamedTuple):
    """Facts as server-sent events, and the position that has been reached with them."""

    text: bytes
    position: int
    size: int = 0
    """How many facts it is, where it is a page that was cut short; 0 elsewhere."""


class Kept(NamedTuple):
    """What came between two positions."""

    after: int
    page: Page
    text: bytes

    @property
    def size(self) -> int:
        """Bytes, about: the facts are kept one by one as well."""
        return 1024 + 2 * len(self.text)


class Hub:
    """What the log has told lately, and those who listen to it."""

    def __init__(self, most_clients: int) -> None:
        self.clients, self.most_clients = 0, most_clients
        self.position: int | None = None
        self._reading = READ
        self._kept: list[Kept] = []
        self._size = 0
        self._task: asyncio.Task[None] | None = None
        self._following = ThreadPoolExecutor(1, thread_name_prefix="feed")
        self._paging = ThreadPoolExecutor(1, thread_name_prefix="feed-pages")

    @property
    def full(self) -> bool:
        return self.clients >= self.most_clients

    @contextmanager
    def listening(self) -> Iterator[None]:
        """The log is read while somebody is in here."""
        self.clients += 1
        if self._task is None:
            self._moved = asyncio.Event()
            self._task = asyncio.ensure_future(self._follow())
        try:
            yield
        finally:
            self.clients -= 1
            if not self.clients:
                self._task.cancel()
                self._task, self.position, self._kept, self._size = None, None, [], 0

    async def after(self, at: int, types: Collection[str], patience_s: float, limit: int) -> Chunk:
        """The next public facts of these types after a position; none after `patience_s` seconds, or sooner.

        A page from the log has at most `limit` facts.
        """
        if self.position is None or at >= self.position:
            await self._wait(patience_s)
            return Chunk(b"", at)
        if self._kept and at >= self._kept[0].after:
            return self._lately(at, types)
        try:
            page = await ask(self._paging, pages.page_upto, self.position, at, types, limit)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told later
            _tell(error)
            page = Page([], at, more=False)
        if page.position == at:
            await asyncio.sleep(min(AGAIN_S, max(0.0, patience_s)))
        return Chunk(as_events(page.facts), page.position, len(page.facts) if page.more else 0)

    def _lately(self, at: int, types: Collection[str]) -> Chunk:
        kept = self._kept[bisect_right(self._kept, at, key=lambda kept: kept.page.position)]
        if at == kept.after and len(types) == len(PUBLIC):
            return Chunk(kept.text, kept.page.position)
        facts = (fact for fact in kept.page.facts if fact.position > at and fact.type in types)
        return Chunk(as_events(facts), kept.page.position)

    async def _wait(self, patience_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, patience_s)):
                await self._moved.wait()

    async def _follow(self) -> None:
        while True:
            try:
                if not await self._look():
                    await asyncio.sleep(LOOK_S)
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody else would read on
                _tell(error)
                await asyncio.sleep(AGAIN_S)

    async def _look(self) -> bool:
        """Whether there may be more to read at once."""
        if self.position is None:
            self.position = await ask(self._following, pages.beginning)
            self._tell_all()
            return True
        page = await ask(self._following, pages.following, self.position, self._reading)
        if page.position == self.position:
            return False
        self._reading = min(READ, 2 * len(page.facts)) if page.more else READ
        self._keep(Kept(self.position, page, as_events(page.facts)))
        self.position = page.position
        self._tell_all()
        return True

    def _keep(self, kept: Kept) -> None:
        self._kept.append(kept)
        self._size += kept.size
        while self._size > MOST_KEPT:
            self._size -= self._kept.pop(0).size

    def _tell_all(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()


def as_events(facts: Any) -> bytes:
    """Facts as server-sent events."""
    return b"".join(map(_as_event, facts))


def _as_event(fact: Telling) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (fact.position, fact.type.encode(), fact.json)


def _tell(error: Exception) -> None:
    if is_trouble(error):
        logger.warning("the feed will look again: %s", error)
    else:
        logger.error("the feed could not go on", exc_info=error)
