"""What one client is sent: what it has missed, what comes, and a sign of life when nothing does."""

from asyncio import get_running_loop
from collections.abc import AsyncGenerator

from eventstore.feed.asking import LIMIT, Wanted
from eventstore.feed.hub import Hub

RETRY_MS = 2000
GREETING = b"retry: %d\n: what happens here, as it happens\n\n" % RETRY_MS


async def chunks(hub: Hub, wanted: Wanted, heartbeat_s: float) -> AsyncGenerator[bytes, None]:
    """Server-sent events for ever; every fact that is wanted, once and in order.

    After `heartbeat_s` seconds without one there is a comment, and with it the position reached: an `id` by
    itself is no event, but a client that comes again then need not go through what did not concern it.
    """
    yield GREETING
    clock, at, limit = get_running_loop().time, wanted.after, LIMIT
    beat = clock() + heartbeat_s
    while True:
        text, at, size = await hub.after(at, wanted.types, beat - clock(), limit)
        limit = min(LIMIT, 2 * size) or LIMIT
        if text:
            yield text
        elif clock() >= beat:
            yield b": still here\nid: %d\n\n" % at
        else:
            continue
        beat = clock() + heartbeat_s
