"""The tail and its rooms: a thing is put into words once for however many pages, and only for those that are there."""

import asyncio
import threading
import time
from contextlib import AsyncExitStack

import pytest

from eventstore.catch_up import catch_up
from eventstore.live import recent, tail
from tests.eventstore.tools import add
from tests.live.ears import Ear, a_tail, joined, shown
from tests.live.jars import counted, put, tell
from tests.live.listening import aside

pytestmark = pytest.mark.usefixtures("jars")


def test_a_thing_is_put_into_words_once_however_many_hear_it_and_not_at_all_for_nobody(monkeypatch):
    words = []
    tell(monkeypatch, counted(words))

    async def listen():
        tail = a_tail()
        at = await shown()
        ears = [Ear("jar:1", at=at) for _ in range(100)]
        async with joined(tail, *ears), joined(tail, Ear("jar:3", at=at)):
            await aside(put, "2", 7)
            await aside(put, "1", 8)
            for ear in ears:
                await ear.hears("8")
            late = [Ear("jar:1", at=at) for _ in range(100)]
            async with joined(tail, *late):
                return [ear.values for ear in ears + late]

    assert asyncio.run(listen()) == [["8"]] * 200
    assert words == [8]


def test_everybody_hears_their_own_rooms_alone_and_all_of_them_in_one_frame():
    async def listen():
        tail, at = a_tail(), await shown()
        both, one, none = Ear("jar:1", "jar:2", at=at), Ear("jar:1", at=at), Ear("jar:3", at=at)
        async with joined(tail, both, one, none):
            await aside(lambda: (add("1", 1), add("2", 2), catch_up()))
            await both.hears(1, 2)
            await one.hears(1)
        return [[len(frame["news"]) for frame in ear.frames] for ear in (both, one, none)]

    assert asyncio.run(listen()) == [[0, 2], [0, 1], [0]]


def test_who_joins_hears_first_what_they_missed():
    async def listen():
        tail, at = a_tail(), await shown()
        await aside(put, "1", 1, 2)
        async with joined(tail, Ear("jar:1", at=at)) as [ear]:
            await aside(put, "1", 3)
            await ear.hears(3)
            return ear.values, ear.frames[0]["news"][-1][3]

    assert asyncio.run(listen()) == ([1, 2, 3], 2)


def test_what_others_write_is_heard_without_being_woken(monkeypatch):
    monkeypatch.setattr(tail.wake, "wake", lambda: None)
    monkeypatch.setattr("eventstore.catch_up.wake", lambda: None)

    async def listen():
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            await aside(put, "1", 1)
            await ear.hears(1, within_s=1)

    asyncio.run(listen())


def test_what_is_written_here_is_heard_at_once(monkeypatch):
    monkeypatch.setattr(tail, "LOOK_S", 60)

    async def listen():
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            await aside(put, "1", 1)
            await ear.hears(1, within_s=5)

    asyncio.run(listen())


def test_nobody_reads_while_nobody_is_here(monkeypatch):
    looks, standing = [], recent.standing
    monkeypatch.setattr(recent, "standing", lambda: looks.append(1) or standing())

    async def listen():
        tail = a_tail()
        async with joined(tail, Ear("jar:1", at=await shown())):
            await asyncio.sleep(0.5)
        here = len(looks)
        await asyncio.sleep(0.3)
        looks.clear()
        await aside(put, "1", 1)
        await asyncio.sleep(0.3)
        return here, len(looks), len(tail), tail._rooms, tail._tasks

    here, afterwards, *left = asyncio.run(listen())
    assert 2 <= here <= 8
    assert afterwards == 0
    assert left == [0, {}, []]


def test_who_comes_after_long_is_not_told_that_they_are_late_since_the_last_one_left_in_the_middle_of_a_look(
    monkeypatch,
):
    looking, may_end, standing = threading.Event(), threading.Event(), recent.standing

    def slow():
        looking.set()
        assert may_end.wait(10)
        return standing()

    async def listen():
        tail = a_tail(10)
        async with joined(tail, Ear("jar:1", at=await shown())):
            monkeypatch.setattr(recent, "standing", slow)
            assert await asyncio.to_thread(looking.wait, 10)
        may_end.set()
        await asyncio.sleep(0.2)
        await aside(put, "1", *range(20))
        async with joined(tail, Ear("jar:1", at=await shown())) as [ear]:
            await aside(put, "1", 99)
            await ear.until(lambda ear: ear.late or 99 in ear.values)
            return ear.values, ear.late

    assert asyncio.run(listen()) == ([99], 0)


def test_thousands_of_rooms_come_and_go_and_leave_nothing_behind():
    async def come_and_go(tail, nth, at):
        ear = Ear(*(f"jar:{nth}-{room}" for room in range(20)), "jar:1", at=at)
        joining = asyncio.ensure_future(tail.join(ear))
        await asyncio.sleep(0.001 * (nth % 7))
        if nth % 3:
            await joining
        tail.leave(ear)
        tail.leave(ear)
        await joining

    async def listen():
        tail, at = a_tail(), await shown()
        async with joined(tail, Ear("jar:1", at=at)) as [ear]:
            await asyncio.gather(*(come_and_go(tail, nth, at) for nth in range(200)))
            here = len(tail), set(tail._rooms)
            await aside(put, "1", 1)
            await ear.hears(1)
        return here, len(tail), tail._rooms, tail._tasks

    assert asyncio.run(listen()) == ((1, {"jar:1"}), 0, {}, [])


def test_a_page_that_has_been_told_nothing_for_long_gets_a_sign_of_life_and_the_position(monkeypatch):
    monkeypatch.setattr(tail, "BEAT_S", 0.5)

    async def listen():
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            last = await aside(put, "2", 1)
            await ear.until(lambda ear: ear.at == last)
            return ear.frames[-1]

    assert asyncio.run(listen())["news"] == []


def test_a_loop_that_was_blocked_goes_on_where_it_was():
    async def listen():
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            writing = asyncio.ensure_future(aside(put, "1", *range(50)))
            await asyncio.sleep(0)
            time.sleep(0.5)  # noqa: ASYNC251 - that is what is tried
            await writing
            await ear.hears(49)
            return ear.values

    assert asyncio.run(listen()) == list(range(50))


def test_listeners_that_are_many_leave_in_any_order():
    async def listen():
        tail, at = a_tail(), await shown()
        async with AsyncExitStack() as stack:
            [last] = await stack.enter_async_context(joined(tail, Ear("jar:1", at=at)))
            ears = [Ear("jar:1", at=at) for _ in range(300)]
            async with joined(tail, *ears):
                for ear in ears[::2]:
                    tail.leave(ear)
                await aside(put, "1", 1)
                for ear in (*ears[1::2], last):
                    await ear.hears(1)
            return [ear.values for ear in ears[::2]]

    assert asyncio.run(listen()) == [[]] * 150
