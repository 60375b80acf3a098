"""Daphne spools a body to disk, however long, before an application sees it; here it stops at the limit."""

from daphne import http_protocol
from twisted.internet import reactor

from .guards import LARGEST_BODY, TOO_MUCH

LINGER = (
    2.0  # seconds of deafness, so that a client in full flow gets to read why, before the connection ends
)
REFUSAL = (
    b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n"
    b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(TOO_MUCH), TOO_MUCH)
)


class GuardedRequest(http_protocol.WebRequest):  # type: ignore[misc]
    _received = 0
    _refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        super().gotLength(None if length is None else min(length, LARGEST_BODY))
        if length is not None and length > LARGEST_BODY:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._received += len(data)
        if self._received > LARGEST_BODY:
            self._refuse()
        if not self._refused:
            super().handleContentChunk(data)

    def process(self) -> None:
        if not self._refused:
            super().process()

    def _refuse(self) -> None:
        if not self._refused:
            self._refused = True
            self.channel.transport.write(REFUSAL)
            reactor.callLater(LINGER, self.channel.loseConnection)  # type: ignore[arg-type]


def install() -> None:
    http_protocol.WebRequest = GuardedRequest
