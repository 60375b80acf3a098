"""The door, piece by piece: who is counted is forgotten, however they leave; who watches goes on watching."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from channels.testing import WebsocketCommunicator
from django.db import OperationalError

from conduit.live import crowd as crowds
from conduit.live import sockets
from conduit.live.crowd import Crowd, Watch
from conduit.live.here import tail
from conduit.live.sockets import LivePage
from tests.cast import Person
from tests.live.jars import put
from tests.live.listening import aside, becomes
from tests.live.wire import query_of, ticket


def test_there_are_so_many_of_each_and_so_many_in_all():
    crowd = Crowd(3)
    assert crowd.enter({"jane": 1, "here": 2})
    assert not crowd.enter({"jane": 1, "there": 2})
    assert crowd.enter({"jake": 1, "here": 2})
    assert not crowd.enter({"mallory": 1, "here": 2})
    assert crowd.enter({})
    assert not crowd.enter({})
    crowd.leave({"jane": 1, "here": 2})
    assert crowd.enter({"jane": 1, "here": 2})
    assert (crowd.total, crowd._counts) == (3, {"jane": 1, "jake": 1, "here": 2})


def test_nothing_is_kept_of_those_who_have_left():
    crowd = Crowd(10)
    for nth in range(20):
        who = {f"person {nth}": 1}
        assert crowd.enter(who)
        crowd.leave(who)
    assert (crowd.total, crowd._counts) == (0, {})


@pytest.fixture
def quick(monkeypatch):
    """A watch that looks often, and what it finds."""
    monkeypatch.setattr(crowds, "CHECK_S", 0.02)
    present = set()
    monkeypatch.setattr(crowds, "still_there", lambda people: present & set(people))
    return present


async def until(found):
    assert await asyncio.to_thread(becomes, found, 5)


def test_who_is_gone_is_sent_away_from_everywhere_and_the_others_stay(quick):
    quick |= {"jane", "jake"}

    async def watch():
        watch, away = Watch(ThreadPoolExecutor(1)), []

        def page(person, name):
            async def send_away():
                watch.no_more(person, send_away)
                away.append(name)

            watch.over(person, send_away)
            return send_away

        page("jane", "one"), page("jane", "two")
        last = page("jake", "three")
        await asyncio.sleep(0.1)
        assert away == []
        quick.discard("jane")
        await until(lambda: len(away) == 2)
        watch.no_more("jake", last)
        return sorted(away), watch._task, watch._here

    assert asyncio.run(watch()) == (["one", "two"], None, {})


def test_a_socket_that_can_not_be_closed_and_a_database_that_is_away_do_not_end_the_watch(
    quick, monkeypatch, caplog
):
    quick.add("mallory")
    answers = [OperationalError("away")]

    def still_there(people):
        if answers:
            raise answers.pop()
        return quick & set(people)

    monkeypatch.setattr(crowds, "still_there", still_there)

    async def watch():
        watch, away = Watch(ThreadPoolExecutor(1)), []

        async def broken():
            watch.no_more("jane", broken)
            raise RuntimeError

        async def send_away():
            watch.no_more("jake", send_away)
            away.append("jake")

        watch.over("mallory", broken)  # who stays all the time
        watch.over("jane", broken)
        await until(lambda: "jane" not in watch._here)
        watch.over("jake", send_away)
        await until(lambda: away)
        watch.no_more("mallory", broken)

    asyncio.run(watch())
    assert "away" in caplog.text


def a_page(*rooms, reader=None, after=0):
    page = WebsocketCommunicator(
        LivePage.as_asgi(), f"/live?{query_of(ticket(*rooms, reader=reader), after)}"
    )
    page.scope["client"] = ["127.0.0.9", 1]
    return page


def nobody():
    return (sockets.crowd.total, len(tail), tail._tasks) == (0, 0, [])


@pytest.mark.usefixtures("jars")
def test_a_page_is_told_by_any_asgi_server_and_what_it_says_ends_it():
    async def listen():
        page = a_page("jar:1")
        assert (await page.connect())[0]
        await page.receive_json_from(5)
        await aside(put, "1", 7)
        heard = await page.receive_json_from(5)
        await page.send_to(text_data="hello")
        closed = await page.receive_output(5)
        await page.disconnect()
        return heard["news"][0][3], closed["code"]

    assert asyncio.run(listen()) == (7, 1008)
    assert nobody()


@pytest.mark.usefixtures("jars")
def test_a_page_that_nobody_writes_to_is_told_nothing_any_more(monkeypatch):
    monkeypatch.setattr(sockets, "QUEUE", 3)

    async def listen():
        page, never = a_page("jar:1"), asyncio.Event()
        assert (await page.connect())[0]
        await page.receive_json_from(5)
        monkeypatch.setattr(LivePage, "send", lambda self, **_: never.wait())
        for count in range(6):
            await aside(put, "1", count)
            await asyncio.sleep(0.15)
        left = len(tail)
        await page.disconnect()
        return left

    assert asyncio.run(listen()) == 0
    assert nobody()


@pytest.mark.usefixtures("jars")
def test_a_page_whose_server_loses_patience_while_it_joins_is_forgotten(monkeypatch):
    entered = []

    async def join(listener):
        entered.append(listener)
        tail._everybody[listener] = []
        await asyncio.Event().wait()

    monkeypatch.setattr(tail, "join", join)

    async def listen():
        page = a_page("jar:1")
        assert (await page.connect())[0]
        await until(lambda: entered)
        page.future.cancel()
        await asyncio.wait([page.future])

    asyncio.run(listen())
    assert nobody()


@pytest.mark.usefixtures("jars")
def test_without_a_database_nobody_is_let_in_and_it_is_no_error(monkeypatch, caplog):
    def away(*_):
        raise OperationalError("away")

    monkeypatch.setattr(sockets, "person", away)
    jane = Person("jane")

    async def knock():
        reader, anybody = a_page("jar:1", reader=jane.id), a_page("jar:1")
        refused = (await reader.connect())[0]
        monkeypatch.setattr(tail._recent, "advance", away)
        entered = (await anybody.connect())[0]
        closed = await anybody.receive_output(5)
        await anybody.disconnect()
        return refused, entered, closed["code"]

    assert asyncio.run(knock()) == (False, True, 1013)
    assert "Traceback" not in caplog.text
    assert becomes(nobody, 1)
