"""The feed over a real socket: a site in a process of its own, and clients that speak HTTP to it."""

import asyncio
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager

import psutil

from tests.eventstore.tools import ROOT, Process, environ
from tests.feed.listener import PATIENCE_S, Reader


@contextmanager
def a_process():
    """`manage.py serve` on the test's database; its port, and itself."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    surroundings = environ() | {"DJANGO_SETTINGS_MODULE": "tests.feed.site_settings", "DEBUG": "1"}
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    with tempfile.TemporaryFile(
        "w+"
    ) as errors:  # a pipe that nobody empties would stop the site when it is full
        pipes = {"stdout": subprocess.PIPE, "stderr": errors, "text": True}
        with Process(command, cwd=ROOT, env=surroundings, **pipes) as process:
            process.errors = errors
            assert any("Conduit is on" in line for line in process.stdout), said(process)
            yield port, process


def said(process):
    """What it has written to stderr."""
    process.errors.seek(0)
    return process.errors.read()


def memory(process):
    """The resident set, in bytes."""
    return psutil.Process(process.pid).memory_info().rss


class Client(Reader):
    """Reads chunk after chunk until it leaves, or is left."""

    def __init__(self, port, query="", last_event_id=""):
        super().__init__()
        self.port, self.query, self.last_event_id, self.left = port, query, last_event_id, False

    async def __aenter__(self):
        self._incoming, self._outgoing = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        self._outgoing.write(request(self.query, self.last_event_id))
        self.status = int((await self._incoming.readuntil(b"\r\n\r\n")).split()[1])
        self._news, self._task = asyncio.Event(), asyncio.ensure_future(self._read())
        return self

    async def __aexit__(self, *raised):
        self._outgoing.close()
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _read(self):
        try:
            while size := int(await self._incoming.readline() or b"0", 16):
                self.feed((await self._incoming.readexactly(size + 2))[:-2])
                self._news.set()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        self.left = True
        self._news.set()

    async def until(self, wanted):
        async with asyncio.timeout(PATIENCE_S):
            while not wanted(self):
                self._news.clear()
                await self._news.wait()

    async def hears(self, number):
        await self.until(lambda self: len(self.told) >= number)
        return self.told


def request(query="", last_event_id=""):
    again = f"Last-Event-ID: {last_event_id}\r\n" if last_event_id else ""
    return f"GET /api/events?{query} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{again}\r\n".encode()
