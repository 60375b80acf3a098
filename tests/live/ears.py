"""Pages in this process: they know what they were told, by the rules that a page's script has, and nothing else."""

import asyncio
import json
from contextlib import asynccontextmanager

from eventstore.live import position
from eventstore.live.pages import Listening
from eventstore.live.recent import Recent
from eventstore.live.tail import Tail
from tests.live.listening import aside

PATIENCE_S = 20


class Ear:
    """A page that is open in some rooms. `cut_after` so many frames its line breaks, without anybody's noticing."""

    def __init__(self, *rooms, at=0, cut_after=None):
        self.rooms, self.at, self.cut_after = rooms, at, cut_after
        self.frames, self.known, self.told_at, self.late = [], [], 0.0, 0
        self._news = asyncio.Event()

    @property
    def listening(self):
        return Listening(self.rooms, "", self.at)

    def tell(self, frame):
        if self.cut_after is not None and len(self.frames) >= self.cut_after:
            return
        said = json.loads(frame.json)
        self.frames.append(said)
        self._news.set()
        if "late" in said:
            self.late += 1
            return
        self.known += [tuple(thing) for thing in said["news"] if thing[0] > self.at]
        self.at = max(self.at, said["at"])

    def look(self, shown):
        """Reads the page again, which shows everything up to there."""
        self.at, self.late = shown, 0

    @property
    def values(self):
        return [value for _, _, _, value in self.known]

    async def until(self, wanted, within_s=PATIENCE_S):
        """Waits until `wanted` is true of it."""
        async with asyncio.timeout(within_s):
            while not wanted(self):
                self._news.clear()
                await self._news.wait()

    async def hears(self, *values, within_s=PATIENCE_S):
        """Waits until it knows these values."""
        await self.until(lambda ear: set(values) <= set(ear.values), within_s)


@asynccontextmanager
async def joined(tail, *ears):
    """They are here while the block lasts."""
    try:
        for ear in ears:
            await tail.join(ear)
        yield ears
    finally:
        for ear in ears:
            tail.leave(ear)


def a_tail(kept=1000):
    return Tail(Recent(kept))


async def shown():
    """The position that a page shows that is loaded now."""
    return await aside(position.passed)
