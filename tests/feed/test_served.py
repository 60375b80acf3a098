"""The feed as `manage.py serve` gives it: over sockets, to many and to the deaf."""

import asyncio
import socket
import subprocess
import sys
import time
from contextlib import AsyncExitStack

import psutil
import pytest

from eventstore import log
from tests.feed.listener import positions
from tests.feed.site_settings import FEED_CLIENTS
from tests.feed.test_stream import aside
from tests.feed.wire import Client, a_process, memory, request
from tests.feed.writing import biographies, hearts

CLIENTS, FACTS = 200, 300
MEGABYTE = 1024 * 1024
LENGTH = 50_000


@pytest.fixture(scope="module")
def site(fresh_database):
    """A site for all tests that leave it running."""
    with fresh_database(), a_process() as (port, process):
        yield port, process


async def listen_all(port, stack, number, query):
    return [await stack.enter_async_context(Client(port, query)) for _ in range(number)]


def test_200_clients_hear_everything_in_order_and_it_costs_little_memory(site, record_property):
    port, process = site
    start = log.head()

    async def listen():
        async with AsyncExitStack() as stack:
            clients = await listen_all(port, stack, CLIENTS, f"after={start}")
            await asyncio.gather(*(client.until(lambda client: client.comments) for client in clients))
            before = memory(process)
            for _ in range(10):
                await aside(hearts, FACTS // 10)
            await asyncio.gather(*(client.hears(FACTS) for client in clients))
            return before, memory(process), clients

    before, after, clients = asyncio.run(listen())
    record_property("clients x facts, bytes before and after", (CLIENTS, FACTS, before, after))
    assert {client.status for client in clients} == {200}
    expected = list(range(start + 1, start + FACTS + 1))
    assert [client for client in clients if positions(client.told) != expected] == []
    assert after - before < 30 * MEGABYTE


def test_a_seat_is_free_again_when_a_client_has_left(site):
    port, _ = site
    query = f"after={log.head()}"

    async def seated(stack):
        client = await stack.enter_async_context(Client(port, query))
        if client.status == 200:
            return client
        await asyncio.sleep(0.05)
        return await seated(stack)

    async def listen():
        async with AsyncExitStack() as stack:
            clients = [await seated(stack) for _ in range(FEED_CLIENTS)]
            async with Client(port, query) as late:
                refused = late.status
            await clients[0].__aexit__()
            return refused, (await asyncio.wait_for(seated(stack), 5)).status

    assert asyncio.run(asyncio.wait_for(listen(), 60)) == (503, 200)


def test_who_comes_again_hears_just_what_was_missed(site):
    port, _ = site
    start = log.head()

    async def listen():
        async with Client(port, f"after={start}") as jane:
            await aside(hearts, 5)
            await jane.hears(5)
        await aside(hearts, 5)
        async with Client(port, f"after={start}", jane.last_id) as again:
            await aside(hearts, 5)
            return positions(jane.told), positions(await again.hears(10))

    first, second = asyncio.run(listen())
    assert first + second == list(range(start + 1, start + 16))


def test_who_does_not_read_is_dropped_and_nobody_else_notices(site):
    """12 MB is more than the kernel keeps for anybody: the rest waits for the client, not in memory."""
    port, process = site
    start, number = log.head(), 12 * MEGABYTE // LENGTH

    async def listen():
        async with Client(port, f"after={start}") as jane:
            await jane.until(lambda client: client.comments)
            await aside(biographies, number, LENGTH)
            return positions(await jane.hears(number))

    deaf = [deaf_client(port, start) for _ in range(5)]
    assert becomes(lambda: all(is_connected(process, client) for client in deaf))
    assert asyncio.run(listen()) == list(range(start + 1, start + number + 1))
    assert becomes(lambda: not any(is_connected(process, client) for client in deaf))
    for client in deaf:
        client.close()


def deaf_client(port, after):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(request(f"after={after}"))
    client.settimeout(10)
    return client


def is_connected(process, client):
    """Whether the site still has its end of the connection."""
    port = client.getsockname()[1]
    ends = psutil.Process(process.pid).net_connections()
    return any(end.raddr and end.raddr.port == port for end in ends)


def becomes(found):
    """Whether it turns out so within some seconds."""
    deadline = time.monotonic() + 15
    while not found() and time.monotonic() < deadline:
        time.sleep(0.1)
    return found()


def test_a_client_of_old_gets_a_page(site):
    port, _ = site
    hearts(2)
    with socket.create_connection(("127.0.0.1", port)) as plain:
        plain.sendall(b"GET /api/events?limit=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: plain.recv(65536), b""))
    assert b"200 OK" in answer
    assert b'"next":"/api/events?after=' in answer


def test_a_stream_may_last_longer_than_any_other_answer():
    code = """
import daphne.server
from twisted.web.http_headers import Headers
from conduit.daphne_guard import GuardedRequest

for kind in ("text/html", "text/event-stream"):
    request = object.__new__(GuardedRequest)
    request.server = type("Server", (), {"http_timeout": 1})
    request.responseHeaders = Headers({"content-type": [kind]})
    request.duration, request._response_started = lambda: 2, True
    request.finish = lambda kind=kind: print(kind, "is ended")
    request.check_timeouts()
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20
    )
    assert ended.stdout == "text/html is ended\n"
