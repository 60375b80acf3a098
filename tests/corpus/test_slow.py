"""What never ends, or hardly moves: it is refused in words, costs neither memory nor files, and keeps nobody waiting."""

import asyncio
import json
import time
from contextlib import suppress

from tests.corpus.site_settings import REQUEST_ARRIVES_WITHIN_S
from tests.live.listening import MEGABYTE, memory

STEP_S, EACH = 0.1, 4
WITHIN_S = REQUEST_ARRIVES_WITHIN_S + 10
MOST = 100 * MEGABYTE
START = b"POST /%s HTTP/1.1\r\nHost: localhost\r\n"
TYPE = b"Content-Type: application/x-www-form-urlencoded\r\n"
PART = b"10000\r\n" + b"x" * 65_536 + b"\r\n"

SLOW = {
    "a first line": b"GET /" + b"x" * 9000,
    "headers": START % b"login" + b"X-A: b\r\n" * 400,
    "a header": START % b"login" + b"X-A: " + b"x" * 9000,
    "a body": START % b"login" + TYPE + b"Content-Length: 9000\r\n\r\n" + b"x" * 8000,
    "chunks": START % b"login" + TYPE + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 2000,
    "a chunk's length": START % b"login" + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 9000,
    "trailers": START % b"login" + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 2000,
    "JSON": START % b"api/users"
    + b"Content-Type: application/json\r\nContent-Length: 9000\r\n\r\n"
    + b"[" * 8000,
    "a second request": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /" + b"x" * 9000,
}
"""What arrives byte by byte, after the first few."""

ENDLESS = {
    "an announced body": (START % b"login" + b"Content-Length: 104857600\r\n\r\n", b"x" * 65_536),
    "chunks": (START % b"login" + b"Transfer-Encoding: chunked\r\n\r\n", PART),
    "JSON": (START % b"api/users" + b"Transfer-Encoding: chunked\r\n\r\n", PART),
    "to nowhere": (START % b"nowhere" + b"Transfer-Encoding: chunked\r\n\r\n", PART),
    "to the feed": (START % b"api/events" + b"Transfer-Encoding: chunked\r\n\r\n", PART),
    "a first line": (b"GET /", b"x" * 65_536),
    "headers": (START % b"login", b"X-A: b\r\n" * 8000),
}
"""What comes as fast as it can: how it begins, and how it goes on."""


async def trickle(port, sent):
    """What is answered to who sends a byte every now and then, and after how long."""
    incoming, outgoing = await asyncio.open_connection("127.0.0.1", port)
    began, at = time.monotonic(), len(sent) - 8000 if len(sent) > 8000 else len(sent) // 2
    outgoing.write(sent[:at])
    answer = asyncio.ensure_future(incoming.read())
    while not answer.done():
        outgoing.write(sent[at : at + 1])
        at += 1
        await asyncio.wait({answer}, timeout=STEP_S)
    outgoing.transport.abort()
    return answer.result(), time.monotonic() - began


async def pour(port, start, part):
    """What is answered to who sends without end, and how much could be sent."""
    incoming, outgoing = await asyncio.open_connection("127.0.0.1", port)
    outgoing.write(start)
    answer, sent = asyncio.ensure_future(incoming.readuntil(b"\r\n\r\n")), 0
    with suppress(ConnectionError):
        while sent < MOST and not answer.done():
            outgoing.write(part)
            sent += len(part)
            await outgoing.drain()
    try:
        return await answer, sent
    finally:
        outgoing.transport.abort()


async def page(port):
    """How long somebody else waits for a page."""
    began = time.monotonic()
    incoming, outgoing = await asyncio.open_connection("127.0.0.1", port)
    outgoing.write(b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    said = await incoming.read()
    outgoing.close()
    return said, time.monotonic() - began


async def again(port):
    """What is answered to who asks, and asks once more when everybody who is slow would have been sent away."""
    incoming, outgoing = await asyncio.open_connection("127.0.0.1", port)
    said = []
    for pause_s in (0, REQUEST_ARRIVES_WITHIN_S + 1):
        await asyncio.sleep(pause_s)
        outgoing.write(b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        said.append(await incoming.readuntil(b"\r\n\r\n"))
    outgoing.close()
    return said


async def all_slow(port):
    """Many of each at once, and what others get meanwhile."""
    async with asyncio.timeout(WITHIN_S):
        tricklers = asyncio.gather(*(trickle(port, sent) for sent in SLOW.values() for _ in range(EACH)))
        other, patient = await asyncio.gather(page(port), again(port))
        return other, patient, await tricklers


def test_what_arrives_in_small_steps_has_an_end_and_others_are_answered_meanwhile(site):
    (said, took_s), patient, answers = asyncio.run(all_slow(site[0]))
    assert b"200 OK" in said[:20]
    assert took_s < 2
    assert all(b"200 OK" in said for said in patient)
    for name, (said, took_s) in zip([name for name in SLOW for _ in range(EACH)], answers, strict=True):
        assert b"HTTP/1.1 408 Request Time" in said, (name, said[:100])
        body = said.rpartition(b"\r\n\r\n")[2]
        if name == "JSON":
            assert json.loads(body) == {"errors": {"request": ["took too long to arrive"]}}
        else:
            assert b"It took too long to arrive." in body, name
        assert took_s >= REQUEST_ARRIVES_WITHIN_S - STEP_S, name


def test_what_has_no_end_is_refused_and_costs_neither_memory_nor_files(site):
    port, process, temporary = site

    async def run():
        return await asyncio.gather(*(pour(port, *endless) for endless in ENDLESS.values() for _ in range(3)))

    asyncio.run(run())
    before = memory(process)
    answers = asyncio.run(run())
    for name, (said, sent) in zip([name for name in ENDLESS for _ in range(3)], answers, strict=True):
        assert said.split()[1] in {b"413", b"414", b"431"}, (name, said[:100])
        assert b"ontent-type: " in said, name
        assert sent < MOST / 4, name
    assert memory(process) - before < 8 * MEGABYTE
    assert list(temporary.iterdir()) == []
