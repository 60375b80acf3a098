"""A page that is open, on a WebSocket: it shows its ticket, and is told. Nothing is to be said on it.

Whoever comes with a bad ticket, with another person's, or as one too many, is refused before the socket opens.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.core.signing import BadSignature
from django.http import parse_cookie

from conduit import metrics, peers
from conduit.live.asking import position_in
from conduit.live.crowd import Crowd, Watch
from conduit.live.here import tail
from conduit.live.people import Person, person
from eventstore.addresses import counted_as
from eventstore.live import pages
from eventstore.live.frames import Frame
from eventstore.live.pages import Listening
from eventstore.threads import ask

logger = logging.getLogger(__name__)

MOST = getattr(settings, "LIVE_SOCKETS", 10_000)
MOST_A_PERSON = getattr(settings, "LIVE_SOCKETS_A_PERSON", 30)
QUEUE = 64
"""Messages that wait for a server that has no way to write without waiting."""
NOT_WANTED, TRY_LATER, SIGNED_OUT = 1008, 1013, 4401
"""Why a socket is closed: RFC 6455, 7.4.1, and its extension for applications."""

threads = ThreadPoolExecutor(2, thread_name_prefix="live-people")
crowd, watch = Crowd(MOST), Watch(threads)
metrics.sockets.set_function(lambda: crowd.total)


class Refused(Exception):
    """This page can't be told anything."""


class LivePage(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Listens for one page, in the rooms on its ticket."""

    listening: Listening
    told_at = 0.0

    def __init__(self) -> None:
        super().__init__()
        self._who: dict[str, int] | None = None
        self._person: Person | None = None
        self._write: Callable[[bytes], None] | None = None
        self._writing: asyncio.Task[None] | None = None

    async def __call__(self, *connection: Any) -> None:
        """However it ends, a server that has lost patience included, nobody is left to be told."""
        try:
            await super().__call__(*connection)
        finally:
            self._leave()

    async def dispatch(self, message: Any) -> None:
        """Without Channels' look at the thread's database connections before each message: none is kept here."""
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def websocket_disconnect(self, message: Any) -> None:
        """Likewise: thousands may go at once, and would all wait for one thread."""
        await self.disconnect(message["code"])
        raise StopConsumer

    async def connect(self) -> None:
        try:
            self.listening = _asked(self.scope)
            self._person = await self._named()
            self._enter()
        except Exception as error:  # noqa: BLE001 - whatever it is, the socket is not open yet
            if not isinstance(error, Refused):
                logger.warning("nobody can be let in: %s", error)
            await self.close()
            return
        await self.accept()
        self._begin_to_write()
        if self._person:
            watch.over(self._person, self._send_away)
        try:
            await tail.join(self)
        except Exception as error:  # noqa: BLE001 - the page comes again
            logger.warning("a page was not let in: %s", error)
            await self.close(TRY_LATER)

    async def _named(self) -> Person | None:
        """Who the page was rendered for, if it was for somebody: nobody else may listen to it."""
        if not self.listening.reader and not self.listening.needs:
            return None
        found = await ask(threads, person, _session(self.scope), self.listening.needs)
        if found is None or str(found.id) != self.listening.reader:
            raise Refused
        return found

    def _enter(self) -> None:
        who = {f"person {self._person.id}": MOST_A_PERSON} if self._person else {}
        if (address := _address(self.scope)) and settings.LIVE_SOCKETS_AN_ADDRESS:
            who[f"address {address}"] = settings.LIVE_SOCKETS_AN_ADDRESS
        if not crowd.enter(who):
            raise Refused
        self._who = who

    def _begin_to_write(self) -> None:
        shortcut = self.scope.get("extensions", {}).get("conduit.frames")
        if shortcut:
            self._write = shortcut["write"]
            return
        self._waiting: asyncio.Queue[Frame] = asyncio.Queue(QUEUE)
        self._writing = asyncio.ensure_future(self._write_on())

    def tell(self, frame: Frame) -> None:
        if self._write:
            self._write(frame.wire)
            return
        try:
            self._waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self._stop_telling()

    async def _write_on(self) -> None:
        while True:
            frame = await self._waiting.get()
            await self.send(text_data=frame.text)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.close(NOT_WANTED)

    async def _send_away(self) -> None:
        self._stop_telling()
        await self.close(SIGNED_OUT)

    async def disconnect(self, code: int) -> None:
        self._leave()

    def _leave(self) -> None:
        self._stop_telling()
        if self._who is not None:
            crowd.leave(self._who)
            self._who = None

    def _stop_telling(self) -> None:
        if self._who is not None:
            tail.leave(self)
        if self._person:
            watch.no_more(self._person, self._send_away)
        if self._writing:
            self._writing.cancel()


def _asked(scope: Any) -> Listening:
    query = parse_qs(scope["query_string"].decode("latin1"))
    try:
        return pages.admitted(query["page"][0], position_in(query["after"][0]))
    except (LookupError, ValueError, BadSignature):
        raise Refused from None


def _session(scope: Any) -> str | None:
    cookies = "; ".join(value.decode("latin1") for name, value in scope["headers"] if name == b"cookie")
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)


def _address(scope: Any) -> str:
    """Whom the socket is counted as; empty if that is not known."""
    return counted_as(peers.address_of(scope))
