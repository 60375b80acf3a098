"""Live pages over real sockets: a site in a process of its own, and clients that speak RFC 6455 byte by byte."""

import asyncio
import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode

from eventstore.live.pages import listening
from tests.eventstore.tools import ROOT, Process, environ

PATIENCE_S = 30
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


@contextmanager
def a_site(settings="tests.live.site_settings", **variables):
    """`manage.py serve` on the test's database; its port, and itself."""
    port = free_port()
    env = environ() | {"DJANGO_SETTINGS_MODULE": settings, "DEBUG": "0", **variables}
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    with tempfile.TemporaryFile(
        "w+"
    ) as errors:  # a pipe that nobody empties would stop the site when it is full
        pipes = {"stdout": subprocess.PIPE, "stderr": errors, "text": True}
        with Process(command, cwd=ROOT, env=env, **pipes) as process:
            process.errors = errors
            assert any("Conduit is on" in line for line in process.stdout), said(process)
            yield port, process


def said(process):
    """What it has written to stderr."""
    process.errors.seek(0)
    return process.errors.read()


def broken(process):
    """The lines of its log that tell of an error in the code. That a form has too many fields is none."""
    return [
        line for line in said(process).splitlines() if "Traceback" in line and "TooManyFieldsSent" not in line
    ]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def ticket(*rooms, reader=None):
    return listening(rooms, reader, 0).ticket


def frame(opcode, payload=b"", *, fin=True, masked=True, length=None):
    """A client's frame, with a mask of zeros; `length` is what it says of itself."""
    size = len(payload) if length is None else length
    if size < 126:
        head = bytes([size | 128 * masked])
    else:
        wide = 2 if size < 2**16 else 8
        head = bytes([{2: 126, 8: 127}[wide] | 128 * masked]) + size.to_bytes(wide, "big")
    return bytes([opcode | 128 * fin]) + head + b"\0\0\0\0" * masked + payload


async def read_frame(incoming):
    """A server's frame: opcode and payload."""
    head, size = await incoming.readexactly(2)
    assert head & 128, "a server has no reason to send fragments"
    assert not size & 128, "a server does not mask"
    if size > 125:
        size = int.from_bytes(await incoming.readexactly({126: 2, 127: 8}[size]), "big")
    return head & 15, await incoming.readexactly(size)


def handshake(port, query, **headers):
    """The request for a socket; a header that is None is left out."""
    lines = {
        "Host": f"localhost:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
        "Origin": f"http://localhost:{port}",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    said = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"GET /live?{query} HTTP/1.1\r\n{said}\r\n".encode("latin1")


def query_of(ticket, after):
    return urlencode({"page": ticket, "after": after})


def answer(port, path, method="GET", body=None, **headers):
    """Status, headers and body of what is no socket."""
    line = HTTPConnection("127.0.0.1", port, timeout=20)
    line.request(
        method, path, body, {"Host": "localhost", **{k.replace("_", "-"): v for k, v in headers.items()}}
    )
    response = line.getresponse()
    found = response.status, response.headers, response.read()
    line.close()
    return found


class Page:
    """An open page that hears: the frames in `heard`, the status of its handshake, how it was `closed`."""

    def __init__(
        self, port, ticket="", after=0, *, query=None, address="127.0.0.1", deaf=False, tls=None, **headers
    ):
        self.port, self.address, self.deaf, self.pongs = port, address, deaf, 0
        self.secured = {"ssl": tls, "server_hostname": "localhost"} if tls else {}
        self.request = handshake(port, query_of(ticket, after) if query is None else query, **headers)
        self.heard, self.closed, self.status = [], None, None

    async def __aenter__(self):
        self.incoming, self.outgoing = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(self.address, 0), limit=2**20, **self.secured
        )
        self.outgoing.write(self.request)
        async with asyncio.timeout(PATIENCE_S):
            self.status = int((await self.incoming.readuntil(b"\r\n\r\n")).split()[1])
        self._news, self._task = asyncio.Event(), None
        if self.status == 101 and not self.deaf:
            self._task = asyncio.ensure_future(self._read())
        return self

    async def __aexit__(self, *raised):
        self.outgoing.transport.abort()
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _read(self):
        try:
            while self.closed is None:
                self._take(*await read_frame(self.incoming))
                self._news.set()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.closed = 1006
        self._news.set()

    def _take(self, opcode, payload):
        match opcode:
            case 8:
                self.closed = int.from_bytes(payload[:2], "big")
            case 10:
                self.pongs += 1
            case 1:
                self.heard.append(json.loads(payload))

    def send(self, data):
        self.outgoing.write(data)

    async def until(self, wanted, within_s=PATIENCE_S):
        """Waits until `wanted` is true of it."""
        async with asyncio.timeout(within_s):
            while not wanted(self):
                self._news.clear()
                await self._news.wait()

    async def hears(self, value, within_s=PATIENCE_S):
        """Waits until it is told this value."""
        await self.until(lambda page: value in page.values, within_s)

    async def ends(self, within_s=PATIENCE_S):
        """Waits until it is closed; with which code."""
        await self.until(lambda page: page.closed is not None, within_s)
        return self.closed

    @property
    def news(self):
        return [thing for frame in self.heard for thing in frame.get("news", ())]

    @property
    def values(self):
        return [value for _, _, _, value in self.news]

    @property
    def keys(self):
        return [key for _, _, key, _ in self.news]
