"""What may come in on a socket: nothing. Whoever sends something, or too much, or takes nothing, loses that one
socket; everybody else hears what there is to hear, and memory stays flat."""

import asyncio
import socket
from contextlib import AsyncExitStack, suppress

import pytest

from tests.live.listening import MEGABYTE, aside, becomes, memory, now, ticket_for
from tests.live.wire import BINARY, CLOSE, PING, PONG, TEXT, Page, broken, frame, handshake, query_of

TAKEN = 16 * MEGABYTE
"""Nobody sends so much without being cut off."""

BAD = {
    "a text": frame(TEXT, b"hello"),
    "nothing": frame(TEXT),
    "bytes": frame(BINARY, b"\xff\xfe"),
    "JSON with a type": frame(TEXT, b'{"type": "websocket.close"}'),
    "two megabytes": frame(TEXT, b"x" * 2 * MEGABYTE),
    "two megabytes that are only announced": frame(BINARY, length=2 * MEGABYTE),
    "more than there is": frame(BINARY, length=2**63 - 1),
    "a length that no frame has": frame(BINARY, length=2**64 - 1),
    "a message that goes on": frame(TEXT, b"hel", fin=False),
    "the rest of nothing": frame(0, b"lo"),
    "text that is none": frame(TEXT, b"\xff\xfe\xfd"),
    "half a character": frame(TEXT, b"\xc3"),
    "a frame without a mask": frame(TEXT, b"hello", masked=False),
    "an opcode of nobody": frame(3, b"hello"),
    "a reserved bit": frame(TEXT | 64, b"hello"),
    "a ping in parts": frame(PING, b"", fin=False),
    "a ping that is too long": frame(PING, b"x" * 126),
    "a farewell of one byte": frame(CLOSE, b"\x03"),
    "a farewell that is forbidden": frame(CLOSE, (1005).to_bytes(2, "big")),
}


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD)
def test_whatever_is_said_on_a_socket_ends_it_and_no_other(site, people, article, sent):
    async def listen():
        ours, at = ticket_for(article), await now()
        async with Page(site[0], ours, at) as jane, Page(site[0], ours, at) as mallory:
            with suppress(ConnectionError):
                mallory.send(sent)
            code = await mallory.ends()
            comment = await aside(people.jane.says, "Still here.", article)
            await jane.until(lambda page: str(comment) in page.keys)
            return code, jane.closed

    code, closed = asyncio.run(listen())
    assert code in {1002, 1006, 1007, 1008, 1009}
    assert closed is None


FLOODS = {
    "messages": frame(TEXT, b"x"),
    "parts without an end": frame(TEXT, fin=False) + frame(0, fin=False) * 5000,
    "parts": frame(0, fin=False),
    "pings": frame(PING, b"x" * 125),
    "pongs": frame(PONG, b"x" * 125),
}


@pytest.mark.parametrize("deaf", [False, True], ids=["who reads", "who does not read"])
@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_flood_ends_the_socket_and_costs_no_memory(site, people, article, flood, deaf):
    port, process = site
    part = flood * max(1, 65536 // len(flood))

    async def listen():
        ours, at = ticket_for(article), await now()
        async with Page(port, ours, at) as jane, Page(port, ours, at, deaf=deaf) as mallory:
            before = memory(process)
            sent = await poured(mallory, part)
            comment = await aside(people.jane.says, "Still here.", article)
            await jane.until(lambda page: str(comment) in page.keys)
            return sent, memory(process) - before, jane.closed

    sent, grown, closed = asyncio.run(listen())
    assert sent < TAKEN
    assert grown < 8 * MEGABYTE, grown
    assert closed is None


async def poured(page, part):
    """How much it could send until it was cut off."""
    sent = 0
    with suppress(ConnectionError):
        async with asyncio.timeout(20):
            while sent < TAKEN and page.closed is None:
                page.send(part)
                await page.outgoing.drain()
                sent += len(part)
    return sent


def test_a_few_pings_are_answered(site, article):
    async def listen():
        async with Page(site[0], ticket_for(article), await now()) as page:
            for _ in range(5):
                page.send(frame(PING, b"hello"))
            await page.until(lambda page: page.pongs == 5)
            return page.closed

    assert asyncio.run(listen()) is None


def test_who_does_not_read_is_dropped_and_everybody_else_hears_in_time(site, people, article):
    """Each of the comments is 49 KB when it is told."""
    port, process = site
    ours = ticket_for(article)

    async def listen():
        at = await now()
        async with AsyncExitStack() as stack:
            readers = [await stack.enter_async_context(Page(port, ours, at)) for _ in range(5)]
            deaf = [deaf_page(port, ours, at) for _ in range(20)]
            await asyncio.gather(*(reader.until(lambda page: page.heard) for reader in readers))
            before, late = memory(process), []
            for nth in range(12):
                comment = str(await aside(people.jane.says, f"{nth}" + '"' * 8000, article))
                for reader in readers:
                    await reader.until(lambda page, comment=comment: comment in page.keys, within_s=5)
                late.append(memory(process) - before)
            gone = await asyncio.to_thread(becomes, lambda: not any(map(is_open, deaf)), 5)
            for each in deaf:
                each.close()
            return gone, max(late), [reader.closed for reader in readers]

    gone, grown, closed = asyncio.run(listen())
    assert gone
    assert grown < 20 * 0.75 * MEGABYTE, grown
    assert closed == [None] * 5


def deaf_page(port, ours, at):
    """Says all that it has to, and takes a few kilobytes."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(handshake(port, query_of(ours, at)))
    return client


def is_open(client):
    """Whether the other side has not ended it."""
    return client.getsockopt(socket.SOL_TCP, socket.TCP_INFO, 1) == b"\x01"


def test_slow_handshakes_keep_nobody_waiting(site, people, article):
    port, _ = site
    whole = handshake(port, query_of(ticket_for(article), 0))

    async def listen():
        async with AsyncExitStack() as stack:
            for nth in range(200):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                client.sendall(whole[: nth - 201])
            jane = await stack.enter_async_context(Page(port, ticket_for(article), await now()))
            comment = await aside(people.jane.says, "Quick.", article)
            await jane.until(lambda page: str(comment) in page.keys, within_s=5)

    asyncio.run(listen())


def test_none_of_it_has_left_a_traceback(site):
    """The last of this file: it looks back at the others."""
    assert broken(site[1]) == []
