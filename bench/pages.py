"""Open pages, as many as wanted in one process: raw sockets in one loop, which notes when each frame arrives."""

import re
import selectors
import socket
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection
from time import monotonic, sleep
from typing import NamedTuple

HOST = "127.0.0.1"
PATIENCE_S = 60.0
AT_ONCE = 50
"""Pages that are opened or closed together: a server takes so many at a time."""
LIVE = re.compile(rb'data-live="([^"]+)" data-at="(\d+)"')
PING, TEXT = 0x89, 0x81
DEAF = 4096
"""The bytes that the system keeps for a page that does not read."""


class Page:
    """One socket. It answers pings, as a browser does."""

    def __init__(self, port: int, target: str, *, deaf: bool = False) -> None:
        self.at, self.gone, self._rest = -1, False, b""
        self.socket = socket.socket()
        if deaf:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, DEAF)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect((HOST, port))
        self.socket.sendall(
            f"GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )

    def wait_until_open(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (data := self.socket.recv(4096)):
                raise ConnectionError(head.decode())
            head += data
        head, _, self._rest = head.partition(b"\r\n\r\n")
        if b" 101 " not in head:
            raise ConnectionError(head.decode())
        self.socket.settimeout(0)

    def read(self) -> Iterator[bytes]:
        """The frames that are there, whole."""
        try:
            data = self.socket.recv(262_144)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        self.gone = not data
        self._rest += data
        while (end := _end(self._rest)) and len(self._rest) >= end:
            frame, self._rest = self._rest[:end], self._rest[end:]
            if frame[0] == PING:
                self.socket.send(b"\x8a%c\0\0\0\0%s" % (0x80 | frame[1], frame[2:]))
            elif frame[0] == TEXT:
                yield frame


def _end(data: bytes) -> int:
    """Where the first frame ends; 0 if not even that is known."""
    if len(data) < 10:
        return 2 + data[1] if len(data) >= 2 and data[1] < 126 else 0
    if data[1] < 126:
        return 2 + data[1]
    return 4 + int.from_bytes(data[2:4], "big") if data[1] == 126 else 10 + int.from_bytes(data[2:10], "big")


def position(frame: bytes) -> int:
    """Up to where the page has heard everything: each message begins with it."""
    start = frame.index(b'{"at":') + 6
    return int(frame[start : frame.index(b",", start)])


class Arrival(NamedTuple):
    page: Page
    position: int
    at: float
    frame: bytes


class Pages:
    """Those of this process."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self.here: list[Page] = []
        self.arrived: list[Arrival] = []

    def open(self, port: int, target: str, number: int, *, deaf: bool = False) -> int:
        for start in range(0, number, AT_ONCE):
            some = [Page(port, target, deaf=deaf) for _ in range(min(AT_ONCE, number - start))]
            for page in some:
                page.wait_until_open()
                if not deaf:
                    self.also(page.socket, partial(self._read, page))
            self.here += some
        return len(self.here)

    def also(self, other: socket.socket, read: Callable[[], None]) -> None:
        """Reads from this one as well."""
        self._selector.register(other, selectors.EVENT_READ, read)

    def close(self) -> None:
        for nth, page in enumerate(self.here):
            if nth % AT_ONCE == 0:
                sleep(0.01)
            if page.socket in self._selector.get_map():
                self._selector.unregister(page.socket)
            page.socket.close()
        self.here.clear()

    def hear(self, enough: Callable[[], bool], until: float | None = None) -> None:
        """Reads what comes until it is enough, or so late."""
        end = until or monotonic() + PATIENCE_S
        while not enough() and (rest := end - monotonic()) > 0:
            for key, _ in self._selector.select(rest):
                key.data()
        if until is None and not enough():
            raise TimeoutError("the pages have not heard enough")

    def have_heard(self, position: int) -> bool:
        """Whether all have, up to there."""
        return len(self.arrived) >= len(self.here) and all(page.at >= position for page in self.here)

    def _read(self, page: Page) -> None:
        for frame in page.read():
            page.at = position(frame)
            self.arrived.append(Arrival(page, page.at, monotonic(), frame))
        if page.gone:
            raise ConnectionError("a page was dropped")


def target(port: int, path: str) -> str:
    """Where the page at this path listens."""
    site = HTTPConnection(HOST, port)
    site.request("GET", path, headers={"Host": "localhost"})
    ticket, at = LIVE.search(site.getresponse().read()).groups()
    site.close()
    return f"/live?page={ticket.decode()}&after={at.decode()}"
