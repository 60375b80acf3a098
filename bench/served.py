"""What is listened to: the site as `serve` serves it, a consumer that does nothing but accept, and a bare loop."""

import asyncio
import signal
import socket
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from time import monotonic, process_time
from typing import Any, NamedTuple

import psutil
from django.conf import settings
from django.test import override_settings

from bench.crew import forget_peak, peak

HANDSHAKE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

Serve = Callable[[socket.socket], None]

counted: Counter[str] = Counter()
begun: list[float] = []
bare: list[asyncio.AbstractEventLoop] = []
transports: list[asyncio.Transport] = []


class Noted(NamedTuple):
    """Since it was last asked: when each message to a room was begun to be sent, and how many fragments were made."""

    begun: list[float]
    rendered: int


def noted() -> Noted:
    found = Noted(begun.copy(), counted.pop("rendered", 0))
    begun.clear()
    return found


def serve_site(listener: socket.socket) -> None:
    """The whole site. Static files have plain names here, since nobody has collected them."""
    from conduit.management.commands.serve import Command
    from eventstore.worker import Worker

    plain = {"staticfiles": {"BACKEND": settings.PLAIN_NAMES}}
    override_settings(STORAGES=settings.STORAGES | plain).enable()
    for module in ("daphne.server", "conduit.asgi"):  # in this order, and before the worker holds any lock
        import_module(module)
    Worker().start()
    Command().serve(listener, ready=_take_notes)


def _take_notes() -> None:
    from blog import live
    from conduit.live.here import tail

    render, tell = live.render_to_string, tail._tell  # noqa: SLF001

    def render_and_count(*arguments: Any, **options: Any) -> str:
        counted["rendered"] += 1
        return render(*arguments, **options)

    def note_and_tell(messages: Any, *more: Any) -> None:
        begun.extend([monotonic()] * len(messages))
        tell(messages, *more)

    live.render_to_string, tail._tell = render_and_count, note_and_tell  # noqa: SLF001


def present() -> int:
    """How many pages are open."""
    from conduit.live.here import tail

    return len(tail)


def may_wait() -> int:
    """Bytes that this site keeps for a page that does not read."""
    from conduit.daphne_guard import MOST_UNREAD

    return MOST_UNREAD


def serve_acceptance(listener: socket.socket) -> None:
    """Channels and Daphne by themselves: a consumer without a word of its own."""
    from channels.generic.websocket import AsyncWebsocketConsumer
    from daphne.server import Server

    from conduit.listening import endpoint

    Server(
        AsyncWebsocketConsumer.as_asgi(), endpoints=[endpoint(listener)], server_name="", verbosity=0
    ).run()


def serve_barely(listener: socket.socket) -> None:
    """The reference: nothing but asyncio, and transports that a loop writes to."""
    asyncio.run(_serve_barely(listener))


async def _serve_barely(listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    bare.append(loop)
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    async with await loop.create_server(Bare, sock=listener):
        await stopped.wait()


class Bare(asyncio.Protocol):
    """Opens a socket, and is silent."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET"):
            self._transport.write(HANDSHAKE)
            transports.append(self._transport)


def write(frame: bytes, times: int, pause_s: float) -> list[float]:
    """The same bytes to each of them, one after the other; when that began, each time."""
    return asyncio.run_coroutine_threadsafe(_write(frame, times, pause_s), bare[0]).result()


async def _write(frame: bytes, times: int, pause_s: float) -> list[float]:
    began = []
    for _ in range(times):
        await asyncio.sleep(pause_s)
        began.append(monotonic())
        for transport in transports:
            transport.write(frame)
    return began


class Spent(NamedTuple):
    """Bytes that this process holds and has held at most, seconds that it has worked."""

    memory: int
    peak: int
    seconds: float


def spent() -> Spent:
    return Spent(psutil.Process().memory_info().rss, peak(), process_time())


def spent_from_now() -> Spent:
    forget_peak()
    return spent()
