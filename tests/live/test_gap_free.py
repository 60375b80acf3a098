"""Whoever listens hears every fact of their rooms after what their page shows, whatever commits late or rolls back,
however often and wherever their line breaks. Under fire: writers of every bad habit, pages that come and go."""

import asyncio
import random
import time
from zlib import crc32

import pytest
from django.db import connection

from eventstore.catch_up import catch_up
from eventstore.live.tells import Tell
from tests.eventstore.tools import ask, at_once, meanwhile
from tests.fire.writers import write
from tests.live.ears import Ear, a_tail, shown
from tests.live.jars import ADDED, put, tell
from tests.live.listening import aside

ROOMS, PAGES, WRITERS = 6, 12, 4
KEPT = 150
LEVEL_S = 0.15


def room_of(stream):
    return f"room:{crc32(stream.encode()) % ROOMS}"


def each_and_its_level(event, fact):
    """Of each fact its own position, and calmly how far its stream has come, which the last of them says."""
    yield Tell(room_of(fact.stream), "fact", str(fact.position), lambda: fact.version)
    yield Tell(room_of(fact.stream), "level", fact.stream, lambda: fact.version, LEVEL_S)


class Reader:
    """A page that is opened, loses its line, comes back, and looks for itself when it is told to."""

    def __init__(self, seed):
        self.chance, self.looks, self.lives = random.Random(seed), 0, 0
        self.rooms = self.chance.sample([f"room:{nth}" for nth in range(ROOMS)], self.chance.randint(1, 4))
        self.page, self.known, self.shown = None, [], 0

    async def open(self):
        at = await shown()
        self.begun = self.shown = max(0, at - self.chance.choice((0, 0, 3, 40, 400)))
        self.page = Ear(*self.rooms, at=self.begun)

    async def live(self, tail, done):
        """Lives so many lives, the last of which lasts until all is known."""
        await self.open()
        while not done.is_set():
            self.lives += 1
            await self._listen(tail, self.chance.random() * 0.2)
        return await self._listen(tail, None)

    async def _listen(self, tail, within_s):
        cut_after = None if within_s is None else self.chance.choice((None, 1, 2, 3))
        ear = Ear(*self.rooms, at=self.page.at, cut_after=cut_after)
        await tail.join(ear)
        try:
            end = time.monotonic() + (20 if within_s is None else within_s)
            while time.monotonic() < end and not (
                within_s is None and await aside(self.misses, ear) == set()
            ):
                await asyncio.sleep(0.02)
                if ear.late:
                    self.looks += 1
                    ear.look(await shown())
                    self.shown = max(self.shown, ear.at)
        finally:
            tail.leave(ear)
        self.page, self.known = ear, self.known + ear.known
        return await aside(self.misses, Ear())

    def misses(self, ear):
        """What it ought to know and does not: facts, and how far the streams have come."""
        known = self.known + ear.known
        facts = ask(
            "SELECT position, stream, version FROM eventstore_event WHERE type = %s AND position > %s",
            ADDED,
            self.begun,
        )
        mine = [fact for fact in facts if fact[0] > self.shown and room_of(fact[1]) in self.rooms]
        last = {stream: version for _, stream, version in sorted(mine)}
        told = {int(key) for _, kind, key, _ in known if kind == "fact"}
        levels = {key: value for _, kind, key, value in known if kind == "level"}
        return {position for position, *_ in mine} - told | {
            stream for stream, version in last.items() if levels.get(stream) != version
        }

    @property
    def in_order(self):
        """Whether no level was ever older than one that was known, as far as the page's script would let it."""
        latest = {}
        for position, kind, key, _ in self.known:
            if kind == "level" and position < latest.setdefault(key, position):
                return False
            latest[key] = position
        return True


def write_all(facts):
    def written(seed):
        try:
            return write(seed, facts)
        finally:
            connection.close()

    with meanwhile(catch_up):
        outcomes = at_once(WRITERS, written)
    assert all(isinstance(outcome, int) for outcome in outcomes), outcomes
    catch_up()


@pytest.mark.usefixtures("jars")
def test_every_page_hears_every_fact_of_its_rooms_and_misses_none(monkeypatch, request, record_property):
    tell(monkeypatch, each_and_its_level)
    facts = 1000 if request.config.getoption("--stress") else 120
    readers = [Reader(seed) for seed in range(PAGES)]

    async def listen():
        tail, done = a_tail(KEPT), asyncio.Event()
        living = [asyncio.ensure_future(reader.live(tail, done)) for reader in readers]
        try:
            await aside(write_all, facts)
        finally:
            done.set()
        return await asyncio.gather(*living)

    assert asyncio.run(listen()) == [set()] * PAGES
    assert [reader for reader in readers if not reader.in_order] == []
    record_property("lives and looks", [(reader.lives, reader.looks) for reader in readers])
    assert sum(reader.lives for reader in readers) > 2 * PAGES
    assert sum(bool(reader.known) for reader in readers) > PAGES // 2


@pytest.mark.usefixtures("jars")
def test_who_has_missed_more_than_is_kept_looks_for_themselves():
    async def listen():
        tail, at = a_tail(KEPT), await shown()
        first = await aside(put, "1", 1)
        await aside(put, "2", *range(KEPT - 1))
        frames = []
        for start in (at, first - 1, first):
            ear = Ear("jar:1", at=start)
            await tail.join(ear)
            tail.leave(ear)
            frames.append((ear.late, ear.values))
        await aside(put, "2", 1)
        ear = Ear("jar:1", at=at)
        await tail.join(ear)
        tail.leave(ear)
        return frames, ear.late

    assert asyncio.run(listen()) == ([(0, [1]), (0, [1]), (0, [])], 1)
