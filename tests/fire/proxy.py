"""A man in the middle, between psycopg and PostgreSQL, who knows where a message begins and ends, and cuts the line
at the nth that the client sends: instead of delivering it, or when it has been delivered."""

import socket
import tempfile
import threading
from contextlib import closing, contextmanager, suppress
from select import select

from django.db import connection

from tests.fire.outage import leave

UNDELIVERED, UNANSWERED, UNAWAITED = "never delivered", "its answer is lost", "nobody waits for its answer"
WAYS = (UNDELIVERED, UNANSWERED, UNAWAITED)

ASKING = {b"Q", b"S"}
EVERY = ASKING | {b"P", b"B", b"D", b"E", b"C"}
READY = b"Z\0\0\0\5"
HEAD, CHUNK, GIVE_UP_S = 5, 65_536, 30


class Proxy:
    """Carries everything, until it has been armed and the nth message comes; then it cuts that one line."""

    def __init__(self, connect):
        self._connect = connect
        self._nth, self._way, self._counted, self._armed, self._seen = 0, "", EVERY, 0, 0
        self._lock = threading.Lock()

    def arm(self, nth, way, *, thorough):
        """From now on, messages on the lines that there are count: those that ask for an answer, or all."""
        with self._lock:
            self._nth, self._way, self._seen = nth, way, 0
            self._counted, self._armed = EVERY if thorough else ASKING, self._armed + 1

    def disarm(self):
        """Whether a line was cut since it was armed."""
        with self._lock:
            nth, self._nth = self._nth, 0
            return self._seen >= nth

    def carry(self, client):
        """One line, to its end."""
        since = self._armed
        with suppress(OSError), client, self._connect() as server:
            unread, head = b"", 4  # the first message has no type
            while True:
                readable, _, _ = select([client, server], [], [])
                if server in readable and not _pass_on(server, client):
                    return
                if client in readable:
                    if not (data := client.recv(CHUNK)):
                        return
                    unread += data
                    while message := _first_of(unread, head):
                        unread, head = unread[len(message) :], HEAD
                        if not self._deliver(message, server, since):
                            return

    def _deliver(self, message, server, since):
        """Whether the line holds."""
        cut = self._is_the_one(message, since)
        if not cut or self._way != UNDELIVERED:
            server.sendall(message)
        if cut and self._way == UNANSWERED and message[:1] in ASKING:
            _hear_out(server)
        return not cut

    def _is_the_one(self, message, since):
        with self._lock:
            counts = self._nth and since < self._armed and message[:1] in self._counted
            self._seen += bool(counts)
            return counts and self._seen == self._nth


def _pass_on(source, target):
    data = source.recv(CHUNK)
    target.sendall(data)
    return bool(data)


def _first_of(unread, head):
    """The first message, if it is complete; its length stands at the end of its head, and counts itself."""
    if len(unread) < head:
        return b""
    length = int.from_bytes(unread[head - 4 : head], "big") + head - 4
    return unread[:length] if len(unread) >= length else b""


def _hear_out(server):
    """The server has done all that it was told to when it says that it is ready for more."""
    heard = b""
    while heard[-6:-1] != READY:
        data = server.recv(CHUNK)
        assert data
        heard = (heard + data)[-6:]


@contextmanager
def between():
    """A proxy that Django's connections go through for the length of the block."""
    place = connection.settings_dict
    host, port = place["HOST"], place["PORT"]
    with tempfile.TemporaryDirectory() as folder, closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(f"{folder}/.s.PGSQL.{port}")
        listener.listen()
        proxy = Proxy(lambda: _connect(host, port))
        accepting = threading.Thread(target=_accept, args=(listener, proxy))
        accepting.start()
        try:
            _move_to(folder)
            yield proxy
        finally:
            _move_to(host)
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listener, proxy):
    lines = []
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            lines.append(threading.Thread(target=proxy.carry, args=(client,)))
            lines[-1].start()
    for line in lines:
        line.join()


def _connect(host, port):
    if not host.startswith("/"):
        return socket.create_connection((host, int(port)), GIVE_UP_S)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(GIVE_UP_S)
    line.connect(f"{host}/.s.PGSQL.{port}")
    return line


def _move_to(host):
    leave()
    connection.settings_dict["HOST"] = host
