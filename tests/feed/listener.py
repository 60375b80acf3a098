"""Clients of the feed, in this process: they speak ASGI, and read server-sent events by the book."""

import asyncio
import json
from typing import Any, NamedTuple

from conduit.feed import Streams
from conduit.guards import guarded
from conduit.one_hop import OneHopHandler

PATIENCE_S = 60


class Told(NamedTuple):
    """An event as an EventSource dispatches it."""

    id: int
    type: str
    data: dict[str, Any]


class Reader:
    """Makes events of bytes: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream"""

    def __init__(self):
        self.told, self.comments, self.last_id = [], 0, ""
        self._rest, self._type, self._data = b"", "", []

    def feed(self, part):
        *lines, self._rest = (self._rest + part).split(b"\n")
        for line in lines:
            self._line(line.decode())

    def _line(self, line):
        name, _, value = line.partition(":")
        match name, value.removeprefix(" "):
            case "", _ if not line:
                self._dispatch()
            case "", _:
                self.comments += 1
            case "id", value:
                self.last_id = value
            case "event", value:
                self._type = value
            case "data", value:
                self._data.append(value)

    def _dispatch(self):
        if self._data:
            self.told.append(Told(int(self.last_id), self._type, json.loads("\n".join(self._data))))
        self._type, self._data = "", []


class Listener(Reader):
    """A client that reads everything, until it leaves at the end of its block; or nothing, while it is `deaf`."""

    def __init__(self, site, query="", last_event_id=None, *, deaf=False, **headers):
        super().__init__()
        self.site, self.query, self.start, self.ended = site, query, None, False
        self.headers = {"host": "localhost", "accept": "text/event-stream", **headers}
        if last_event_id is not None:
            self.headers["last-event-id"] = str(last_event_id)
        self.body, self._hears, self._news = b"", asyncio.Event(), asyncio.Event()
        if not deaf:
            self._hears.set()

    async def __aenter__(self):
        self._incoming = asyncio.Queue()
        self._incoming.put_nowait({"type": "http.request", "body": b""})
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        scope = {"type": "http", "method": "GET", "path": "/api/events", "headers": headers}
        scope |= {"query_string": self.query.encode(), "scheme": "http", "client": ("127.0.0.1", 1)}
        self.task = asyncio.ensure_future(self.site(scope, self._incoming.get, self._send))
        return self

    async def __aexit__(self, *raised):
        self._incoming.put_nowait({"type": "http.disconnect"})
        await asyncio.wait_for(self.task, PATIENCE_S)

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body = (self.body + message["body"])[-10_000:]
            self.feed(message["body"])
            self.ended = not message.get("more_body", False)
        self._news.set()
        await self._hears.wait()

    def hear(self):
        self._hears.set()

    async def until(self, wanted):
        """Waits until `wanted` is true of it."""
        async with asyncio.timeout(PATIENCE_S):
            while not wanted(self):
                self._news.clear()
                await self._news.wait()

    async def hears(self, number):
        """The first so many facts, waited for."""
        await self.until(lambda self: len(self.told) >= number)
        return self.told

    async def answer(self):
        """Status and body of what is no stream."""
        await self.until(lambda self: self.ended)
        return self.start["status"], json.loads(self.body)

    def header(self, name):
        return {key.lower(): value for key, value in self.start["headers"]}.get(name.encode(), b"").decode()


def a_site():
    """What conduit.asgi serves, with a hub of its own."""
    streams = Streams(OneHopHandler())
    site = guarded(streams)
    site.hub = streams.hub
    return site


def positions(told):
    return [fact.id for fact in told]
