"""What is told in which words: where they fail the page looks for itself; what moves is told calmly, and nothing of
it is lost."""

import asyncio
import logging
import time

import pytest
from django.db import OperationalError

from eventstore.catch_up import catch_up
from eventstore.live import tail
from eventstore.live.missed import LONGEST, MOST
from eventstore.live.tells import Tell
from tests.eventstore.tools import add
from tests.live.ears import Ear, a_tail, joined, shown
from tests.live.jars import counted, handful, put, tell
from tests.live.listening import aside

pytestmark = pytest.mark.usefixtures("jars")


def broken(event, fact):
    if event.count == 13:
        raise ZeroDivisionError
    yield Tell(f"jar:{event.jar}", "beans", str(fact.position), event.count)


def a_broken_audience(event, fact):
    def audience(present):
        if event.count == 13:
            raise ZeroDivisionError
        return [f"jar:{event.jar}"]

    yield Tell(audience, "beans", str(fact.position), event.count)


@pytest.mark.parametrize("teller", [broken, a_broken_audience])
def test_of_what_is_broken_nobody_hears_and_the_others_go_on(monkeypatch, caplog, teller):
    tell(monkeypatch, teller)

    async def listen():
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            await aside(put, "1", 12, 13, 14)
            await ear.hears(14)
            return ear.values, ear.late

    assert asyncio.run(listen()) == ([12, 14], 0)
    assert "nobody will be told of" in caplog.text


LONG = "x" * 1024 * 1024
UNSPEAKABLE = {"an error": lambda _: 1 / 0, "no words": lambda _: object(), "a megabyte": lambda _: LONG}


@pytest.mark.parametrize("answer", UNSPEAKABLE.values(), ids=UNSPEAKABLE)
def test_where_words_fail_the_pages_of_that_room_look_for_themselves(monkeypatch, answer):
    monkeypatch.setattr(logging.getLogger("eventstore.live.missed"), "disabled", True)
    tell(monkeypatch, counted([], lambda count: answer(count) if count == 13 else count))

    async def listen():
        tail, at = a_tail(), await shown()
        there, elsewhere = Ear("jar:1", at=at), Ear("jar:2", at=at)
        async with joined(tail, there, elsewhere):
            await aside(lambda: (add("1", 13), add("2", 2), catch_up()))
            await there.until(lambda ear: ear.late)
            await elsewhere.hears(2)
            there.look(await shown())
            await aside(put, "1", 3)
            await there.hears(3)
            back = Ear("jar:1", at=at)
            async with joined(tail, back):
                return there.values, elsewhere.late, back.late

    assert asyncio.run(listen()) == ([3], 0, 1)


def test_there_may_be_nothing_to_say_after_all(monkeypatch):
    tell(monkeypatch, counted([], lambda count: None if count == 13 else count))

    async def listen():
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            last = await aside(put, "1", 13)
            await ear.until(lambda ear: ear.at == last)
            await aside(put, "1", 14)
            await ear.hears(14)
            return ear.values, ear.late

    assert asyncio.run(listen()) == ([14], 0)


@pytest.mark.parametrize(("number", "late"), [(MOST, 0), (MOST + 1, 1)])
def test_who_would_hear_too_many_things_at_once_looks_for_themselves(number, late):
    async def listen():
        tail, at = a_tail(), await shown()
        async with joined(tail, Ear("jar:1", at=at)) as [ear]:
            await aside(put, "1", *range(number))
            await ear.until(lambda ear: ear.late or ear.values)
            back = Ear("jar:1", at=at)
            async with joined(tail, back):
                return ear.late, back.late

    assert asyncio.run(listen()) == (late, late)


def test_who_would_hear_too_much_in_all_their_rooms_looks_for_themselves(monkeypatch):
    tell(monkeypatch, counted([], lambda _: "x" * (LONGEST * 2 // 3)))

    async def listen():
        tail, at = a_tail(), await shown()
        async with joined(tail, Ear("jar:1", "jar:2", at=at), Ear("jar:1", at=at)) as [both, one]:
            await aside(lambda: (add("1", 1), add("2", 2), catch_up()))
            await both.until(lambda ear: ear.late)
            await one.until(lambda ear: ear.values)
            return both.values, one.late

    assert asyncio.run(listen()) == ([], 0)


def often(event, fact):
    yield Tell(f"jar:{event.jar}", "level", "", event.count, 1.0)


def test_what_moves_is_told_so_often_at_most_and_the_last_of_it_in_the_end(monkeypatch):
    tell(monkeypatch, often)

    async def listen():
        tail, at = a_tail(), await shown()
        async with joined(tail, Ear("jar:1", at=at)) as [ear]:
            began = time.monotonic()
            for count in range(20):
                await aside(put, "1", count)
            await ear.hears(19)
            return ear.values, time.monotonic() - began

    values, took = asyncio.run(listen())
    assert values == sorted(set(values))
    assert len(values) <= 2 + took


def test_what_is_held_back_is_told_to_who_comes_back_in_between(monkeypatch):
    tell(monkeypatch, lambda event, fact: iter([*often(event, fact), *handful(event, fact)]))

    async def listen():
        tail, at = a_tail(), await shown()
        async with joined(tail, Ear("jar:0", at=at)):  # so that the tail goes on
            async with joined(tail, Ear("jar:1", at=at)) as [ear]:
                await aside(put, "1", 1)
                await ear.hears(1)
                last = await aside(put, "1", 2)
                await ear.until(lambda ear: str(last) in [key for _, _, key, _ in ear.known])
            back = Ear("jar:1", at=ear.at)
            async with joined(tail, back):
                return [value for _, kind, _, value in ear.known + back.known if kind == "level"]

    assert asyncio.run(listen()) == [1, 2]


def test_what_could_not_be_said_when_its_time_had_come_is_said_when_the_database_is_back(monkeypatch):
    monkeypatch.setattr(tail, "AGAIN_S", 0.1)
    away = []

    def level(event, fact):
        def say():
            if away and event.count == 2:
                away.pop()
                raise OperationalError
            return event.count

        yield Tell(f"jar:{event.jar}", "level", "", say, 0.5)

    tell(monkeypatch, level)

    async def listen():
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            await aside(put, "1", 1)
            await ear.hears(1)
            away.append(1)
            await aside(put, "1", 2)
            await ear.hears(2)

    asyncio.run(listen())
    assert away == []
