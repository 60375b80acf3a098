"""The feed as server-sent events: from any position on, every public fact, once and in order."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from ipaddress import ip_network

import pytest
from django.db import connection

from conduit import feed
from eventstore.database import rows
from eventstore.feed import hub as hubs
from eventstore.feed import listening, pages
from eventstore.feed.public import PUBLIC
from tests.feed.listener import Listener, a_site, positions
from tests.feed.writing import away, hearts, open_hearts

pytestmark = pytest.mark.usefixtures("database")


def public(after=0, types=PUBLIC):
    """What is public in the log by another reading of it: one statement, when nobody writes."""
    found = rows(
        b"SELECT position FROM eventstore_event WHERE position > %s AND type = ANY(%s) ORDER BY position",
        (after, list(types)),
    )
    return [position for (position,) in found]


async def aside(work, *arguments):
    """Does it in a thread, as another request would, and leaves no connection behind."""

    def run():
        try:
            return work(*arguments)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return await asyncio.get_running_loop().run_in_executor(threads, run)


def test_whoever_comes_hears_all_that_happened_and_what_happens_then(cast):
    cast.jake.publishes("First")

    async def listen():
        async with Listener(a_site()) as jane:
            before = list(await jane.hears(2))
            await aside(cast.jake.publishes, "Second")
            return before, await jane.hears(3), jane

    before, told, jane = asyncio.run(listen())
    assert [fact.type for fact in before] == ["accounts.user_registered", "blog.article_published"]
    assert [fact.data["data"]["title"] for fact in told[1:]] == ["First", "Second"]
    assert positions(told) == public()
    assert jane.start["status"] == 200
    assert jane.header("content-type") == "text/event-stream"
    assert jane.header("content-length") == ""
    assert jane.header("access-control-allow-origin") == "*"
    assert jane.header("content-security-policy")
    assert jane.header("set-cookie") == ""


def test_who_comes_again_hears_just_what_was_missed(cast):
    article, _ = cast.jake.publishes("First"), cast.jane

    async def listen():
        site = a_site()
        async with Listener(site, "after=0") as jane:
            await jane.hears(3)
        await aside(cast.jane.favorites, article)
        async with Listener(site, "after=0", jane.last_id) as again:
            await aside(cast.jane.says, "So true!", article)
            await again.hears(2)
        return jane, again

    jane, again = asyncio.run(listen())
    assert positions(jane.told) + positions(again.told) == public()
    assert [fact.type for fact in again.told] == ["blog.article_favorited", "blog.article_commented"]


def test_many_clients_who_come_at_any_time_all_hear_everything_in_order(cast, settings):
    """200 of them, some from the beginning, some from the middle, some for a few types only."""
    settings.FEED_STREAMS_AN_ADDRESS = 0
    hearts(300)
    wishes = ["after=0", "after=150", "after=299", "types=blog.article_unfavorited"]

    async def listen():
        site = a_site()
        async with AsyncExitStack() as stack:
            clients = []
            for nth in range(200):
                clients.append(await stack.enter_async_context(Listener(site, wishes[nth % 4])))
                if nth % 20 == 0:
                    await aside(hearts, 20)
            await aside(hearts, 20)
            end = await aside(public)
            await asyncio.gather(
                *(client.until(lambda client: _has_heard(client, end)) for client in clients)
            )
        return clients

    clients = asyncio.run(listen())
    for nth, client in enumerate(clients):
        after, types = [(0, PUBLIC), (150, PUBLIC), (299, PUBLIC), (0, ["blog.article_unfavorited"])][nth % 4]
        assert positions(client.told) == public(after, types)


def _has_heard(client, everything):
    last = [
        position
        for position in everything
        if client.query != "types=blog.article_unfavorited" or position % 2
    ][-1]
    return client.told and client.told[-1].id >= last


def test_what_is_not_settled_yet_is_waited_for_and_comes_in_its_order(cast):
    async def listen():
        with open_hearts() as writer:
            hearts(3)
            async with Listener(a_site()) as early:
                await asyncio.sleep(0.5)
                told_before = positions(early.told)
                await aside(writer.commit)
                await early.hears(4)
                return told_before, positions(early.told)

    assert asyncio.run(listen()) == ([], [1, 2, 3, 4])


def test_what_was_rolled_back_is_passed(cast):
    async def listen():
        async with Listener(a_site()) as jane:
            with open_hearts() as writer:
                await aside(hearts, 3)
                await aside(writer.rollback)
            return positions(await jane.hears(3))

    assert asyncio.run(listen()) == [2, 3, 4]


@pytest.mark.parametrize("kept", [0, 5_000])
def test_who_falls_behind_what_is_kept_reads_from_the_log_and_misses_nothing(monkeypatch, kept):
    monkeypatch.setattr(hubs, "MOST_KEPT", kept)
    monkeypatch.setattr(hubs, "READ", 7)
    monkeypatch.setattr(listening, "LIMIT", 5)

    async def listen():
        site = a_site()
        async with Listener(site, deaf=True) as slow, Listener(site) as quick:
            for _ in range(10):
                await aside(hearts, 10)
            await quick.hears(100)
            slow.hear()
            return positions(await slow.hears(100)), positions(quick.told)

    slow, quick = asyncio.run(listen())
    assert slow == quick == list(range(1, 101))


def test_what_is_kept_has_a_bound(monkeypatch):
    monkeypatch.setattr(hubs, "MOST_KEPT", 100_000)

    async def listen():
        site = a_site()
        async with Listener(site) as jane:
            sizes = []
            for nth in range(10):
                await aside(hearts, 100)
                await jane.hears(100 * (nth + 1))
                sizes.append(site.hub._size)
        return sizes, site.hub

    sizes, hub = asyncio.run(listen())
    assert 50_000 < max(sizes) <= 100_000
    assert (hub._size, hub._kept, hub._task) == (0, [], None)


def test_a_page_of_long_texts_is_cut_short(monkeypatch):
    monkeypatch.setattr(hubs, "MOST_KEPT", 0)
    monkeypatch.setattr(pages, "MOST_BYTES", 1_000)
    asked = []
    page_upto = pages.page_upto

    def page(*arguments):
        asked.append(page_upto(*arguments))
        return asked[-1]

    monkeypatch.setattr(pages, "page_upto", page)
    hearts(50)

    async def listen():
        async with Listener(a_site()) as jane:
            return positions(await jane.hears(50))

    assert asyncio.run(listen()) == list(range(1, 51))
    assert max(sum(len(fact.json) for fact in page.facts) for page in asked) < 2_000


def test_who_takes_nothing_is_dropped_and_nobody_else_notices(monkeypatch):
    monkeypatch.setattr(feed, "SEND_S", 0.3)

    async def listen():
        site = a_site()
        async with Listener(site) as jane:
            async with Listener(site, deaf=True) as stalled:
                await stalled.until(lambda client: client.start)
                await aside(hearts, 10)
                await jane.hears(10)
                await asyncio.wait_for(asyncio.shield(stalled.task), 5)
                left = site.hub.clients
            await aside(hearts, 10)
            return left, positions(await jane.hears(20))

    assert asyncio.run(listen()) == (1, list(range(1, 21)))


def test_beyond_the_last_seat_one_is_told_to_come_again(monkeypatch):
    monkeypatch.setattr(feed, "CLIENTS", 2)

    async def listen():
        site = a_site()
        async with Listener(site) as one, Listener(site) as two:
            await one.until(lambda client: client.start)
            await two.until(lambda client: client.start)
            async with Listener(site) as third:
                refused = *await third.answer(), third.header("retry-after")
        async with Listener(site) as third:
            await third.until(lambda client: client.start)
            return refused, third.start["status"]

    (status, said, retry_after), later = asyncio.run(listen())
    assert (status, retry_after, later) == (503, "5", 200)
    assert list(said["errors"]) == ["clients"]


def test_an_address_leaves_seats_for_others(settings):
    settings.FEED_STREAMS_AN_ADDRESS = 2
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    there, elsewhere = {"x-forwarded-for": "203.0.113.7"}, {"x-forwarded-for": "198.51.100.9"}

    async def listen():
        site = a_site()
        async with Listener(site, **there) as one, Listener(site, **there) as two:
            await one.until(lambda client: client.start)
            await two.until(lambda client: client.start)
            async with Listener(site, **there) as third:
                refused = *await third.answer(), third.header("retry-after")
            async with Listener(site, **elsewhere) as other:
                await other.until(lambda client: client.start)
                heard = other.start["status"]
        async with Listener(site, **there) as third:
            await third.until(lambda client: client.start)
            return refused, heard, third.start["status"]

    (status, said, retry_after), heard, later = asyncio.run(listen())
    assert (status, retry_after, heard, later) == (429, "5", 200, 200)
    assert list(said["errors"]) == ["address"]


def test_a_house_has_one_share_of_the_seats_by_however_many_addresses_it_comes(settings):
    settings.FEED_STREAMS_AN_ADDRESS = 2
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    rooms = [{"x-forwarded-for": f"2001:db8:0:1::{nth}"} for nth in range(1, 4)]
    next_door = {"x-forwarded-for": "2001:db8:0:2::1"}

    async def listen():
        site = a_site()
        async with Listener(site, **rooms[0]) as one, Listener(site, **rooms[1]) as two:
            await one.until(lambda client: client.start)
            await two.until(lambda client: client.start)
            async with Listener(site, **rooms[2]) as third:
                refused, _ = await third.answer()
            async with Listener(site, **next_door) as neighbor:
                await neighbor.until(lambda client: client.start)
                return refused, neighbor.start["status"]

    assert asyncio.run(listen()) == (429, 200)


def test_however_many_listen_one_reads_and_nobody_when_they_have_left(monkeypatch):
    following, looks, at_once = pages.following, [], threading.Semaphore(1)

    def look(*arguments):
        assert at_once.acquire(blocking=False)
        looks.append(threading.current_thread().name)
        try:
            return following(*arguments)
        finally:
            at_once.release()

    monkeypatch.setattr(pages, "following", look)

    async def listen():
        site = a_site()
        async with AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(Listener(site)) for _ in range(50)]
            await aside(hearts, 5)
            for client in clients:
                await client.hears(5)
            looks.clear()
            await asyncio.sleep(1)
            meanwhile = list(looks)
        looks.clear()
        await asyncio.sleep(0.3)
        return meanwhile, list(looks)

    meanwhile, afterwards = asyncio.run(listen())
    assert len(set(meanwhile)) == 1
    assert 0 < len(meanwhile) <= 10
    assert len(afterwards) <= 1


def test_when_nothing_happens_there_are_signs_of_life_and_the_cursor_moves_on(monkeypatch):
    monkeypatch.setattr(feed, "HEARTBEAT_S", 0.2)
    hearts(10)

    async def listen():
        async with Listener(a_site(), "types=blog.article_published") as jane:
            await jane.until(lambda client: client.comments >= 4)
            return jane.told, jane.last_id

    assert asyncio.run(listen()) == ([], "10")


def test_while_the_database_is_away_clients_stay_and_then_hear_what_they_missed(monkeypatch):
    monkeypatch.setattr(feed, "HEARTBEAT_S", 0.2)
    monkeypatch.setattr(hubs, "AGAIN_S", 0.1)
    monkeypatch.setitem(connection.settings_dict["OPTIONS"]["pool"], "timeout", 0.5)

    async def listen():
        site = a_site()
        async with Listener(site) as jane:
            await aside(hearts, 5)
            await jane.hears(5)
            with away():
                beats = jane.comments
                await jane.until(lambda client: client.comments >= beats + 3)
                async with Listener(site, "after=2") as late:
                    refused = await late.answer()
            await aside(hearts, 5)
            return refused, positions(await jane.hears(10)), jane.ended

    (status, said), told, ended = asyncio.run(listen())
    assert (status, list(said["errors"])) == (503, ["database"])
    assert (told, ended) == (list(range(1, 11)), False)


def test_it_ends_before_what_newer_code_has_written_and_may_have_made_public(caplog, monkeypatch):
    page_upto, asked = pages.page_upto, []
    monkeypatch.setattr(pages, "page_upto", lambda *arguments: asked.append(1) or page_upto(*arguments))
    hearts(3)
    hearts(1, name="blog.hearts_broken")
    hearts(3)

    async def listen():
        async with Listener(a_site(), "after=1") as jane, Listener(a_site(), "after=3") as john:
            await jane.hears(2)
            await asyncio.sleep(0.5)
            return positions(jane.told), positions(john.told)

    assert asyncio.run(listen()) == ([2, 3], [])
    assert "can't read blog.hearts_broken" in caplog.text
    assert len(asked) < 10
