"""A connection that is kept as long as it is: requests go out byte for byte, answers come back with their time."""

import socket
from contextlib import suppress
from threading import Thread
from time import perf_counter
from typing import Any, NamedTuple

from tests.corpus.requests import Ask

PATIENCE_S = 20
LINES = 4
WITHOUT_A_BODY = {204, 304}


class Answer(NamedTuple):
    """Status 0: the connection was ended without a word. Status -1: what came is no answer, or none came in time."""

    ask: Ask
    status: int
    headers: dict[str, str]
    body: bytes
    took_s: float


class Line:
    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: Any = None

    def ask(self, ask: Ask) -> Answer:
        """Once more on a new connection, if the server had ended this one before it could have heard."""
        kept = self._socket is not None
        answer = self._ask(ask)
        if kept and answer.status == 0 and not answer.body:
            return self._ask(ask)
        return answer

    def _ask(self, ask: Ask) -> Answer:
        began = perf_counter()
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE_S)
            self._rest = b""
        try:
            with suppress(ConnectionError):  # it may have said why before it stopped listening
                self._socket.sendall(ask.sent)
            status, headers, body = self._answer(ask.has_no_body)
        except ConnectionError:
            status, headers, body = 0, {}, b""
        except (TimeoutError, ValueError, IndexError) as error:
            status, headers, body = -1, {}, repr(error).encode()
        if status < 200 or headers.get("connection") == "close":
            self.hang_up()
        return Answer(ask, status, headers, body, perf_counter() - began)

    def hang_up(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None

    def _answer(self, has_no_body: bool) -> tuple[int, dict[str, str], bytes]:
        head = self._until(b"\r\n\r\n").decode("latin1").split("\r\n")
        status = int(head[0].split()[1])
        if status == 100:
            return self._answer(has_no_body)
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        if has_no_body or status in WITHOUT_A_BODY:
            return status, headers, b""
        if (
            status < 200 or headers.get("content-type") == "text/event-stream"
        ):  # it goes on as long as we listen
            return status, headers | {"connection": "close"}, b""
        if headers.get("transfer-encoding") == "chunked":
            return status, headers, self._chunks()
        if "content-length" in headers:
            return status, headers, self._exactly(int(headers["content-length"]))
        return status, headers | {"connection": "close"}, self._all()

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n"), 16):
            body += self._exactly(size + 2)[:-2]
        self._until(b"\r\n")
        return body

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._more()
        found, _, self._rest = self._rest.partition(mark)
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._rest) < size:
            self._more()
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def _all(self) -> bytes:
        with suppress(ConnectionError):
            while True:
                self._more()
        return self._rest

    def _more(self) -> None:
        part = self._socket.recv(65_536)
        if not part:
            raise ConnectionError
        self._rest += part


def asked(port: int, asks: list[Ask], lines: int = LINES) -> list[Answer]:
    """Every request, by a few connections at once."""
    answers: list[Answer] = []

    def run(nth: int) -> None:
        line = Line(port)
        answers.extend(line.ask(ask) for ask in asks[nth::lines])
        line.hang_up()

    threads = [Thread(target=run, args=[nth]) for nth in range(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
