"""A line between browsers and a site that can be cut, go dead, and lead to another process of the site."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from select import select
from threading import Lock, Thread

CHUNK = 65_536
AT_ONCE = struct.pack("ii", 1, 0)
"""For SO_LINGER: what is closed so is reset, without a farewell."""


class Line:
    """Leads to a port until it is told otherwise; while it is dead, whoever calls is cut off."""

    def __init__(self, port: int) -> None:
        self.port, self.dead = port, False
        self._ends: set[socket.socket] = set()
        self._lock = Lock()

    def cut(self) -> None:
        """Every call ends now, in the middle of a word."""
        with self._lock:
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def die(self) -> None:
        self.dead = True
        self.cut()

    def carry(self, caller: socket.socket) -> None:
        """One call, to its end."""
        with caller, suppress(OSError):
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            if not self.dead:
                with socket.create_connection(("127.0.0.1", self.port)) as site:
                    self._connect(caller, site)

    def _connect(self, *ends: socket.socket) -> None:
        with self._lock:
            self._ends.update(ends)
        try:
            while not self.dead and _passed_on(*ends):
                pass
        finally:
            with self._lock:
                self._ends.difference_update(ends)


def _passed_on(caller: socket.socket, site: socket.socket) -> bool:
    readable, _, _ = select([caller, site], [], [])
    for source in readable:
        data = source.recv(CHUNK)
        (site if source is caller else caller).sendall(data)
        if not data:
            return False
    return True


@contextmanager
def line_to(site: str) -> Iterator[tuple[str, Line]]:
    """The address at which the site is reached over the line, and the line."""
    line = Line(int(site.rsplit(":", 1)[1]))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answering = Thread(target=_answer, args=(listener, line), name="line")
        answering.start()
        try:
            yield f"http://localhost:{listener.getsockname()[1]}", line
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            line.die()
            answering.join()


def _answer(listener: socket.socket, line: Line) -> None:
    calls = []
    with suppress(OSError):
        while True:
            caller, _ = listener.accept()
            calls.append(Thread(target=line.carry, args=(caller,), name="call"))
            calls[-1].start()
    for call in calls:
        call.join()
