"""A connection as Daphne's own server, Twisted, reads it: here it says why a request is not taken, in words, and
listens for a while, so that a client in full flow gets to read them. And what arrives in small steps has an end."""

import resource
from typing import Any

from django.conf import settings
from twisted.internet import reactor
from twisted.web import http

from conduit.at_the_door import wire
from conduit.guards import ARRIVES_WITHIN_S, LARGEST_BODY

CHANNEL: Any = http.HTTPChannel
CLOCK: Any = reactor
LINGER_S = 2.0
WITHIN_S = getattr(settings, "REQUEST_ARRIVES_WITHIN_S", ARRIVES_WITHIN_S)
LONGEST = 1024  # bytes of a first line that are looked at
BAD, LATE, TOO_LARGE, LONG_ADDRESS, LONG_HEADERS, FULL = 400, 408, 413, 414, 431, 503
KEPT_FREE = 64
"""File descriptors that connections leave to the rest of the process: the database, templates, static files."""


class GuardedChannel(CHANNEL):  # type: ignore[misc]
    refused = False
    _hurry: Any = None
    _opening = b""

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        if not _has_room(self.transport):
            self.refused = True
            self.transport.write(wire("", FULL))
            self.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if not self.refused:
            super().dataReceived(data)
            self._watch()

    def lineReceived(self, line: bytes) -> None:  # noqa: N802
        if not self.refused:
            if not self._has_begun():
                self._opening = line
            super().lineReceived(line)

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802
        """A part of a body that says of itself that it is too large need not arrive."""
        if not self.refused:
            super().rawDataReceived(data)
            if getattr(self._transferDecoder, "length", 0) > LARGEST_BODY:
                self.refuse(TOO_LARGE)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802
        if not self._has_begun():
            self._opening = line
        self.refuse(LONG_HEADERS if self._has_begun() else LONG_ADDRESS)

    def allContentReceived(self) -> None:  # noqa: N802
        self._no_hurry()
        super().allContentReceived()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._no_hurry()
        super().connectionLost(reason)

    def refuse(self, status: int) -> None:
        """The last word on this connection, which ends a little later."""
        if not self.refused:
            self.refused = True
            self._no_hurry()
            self.transport.write(wire(_where(self._opening), status))
            CLOCK.callLater(LINGER_S, self.loseConnection)

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802 - Twisted's, and without a word
        long = self._receivedHeaderSize > self.totalHeadersSize or self._receivedHeaderCount > self.maxHeaders
        self.refuse(LONG_HEADERS if long else BAD)

    def _send100Continue(self) -> None:  # noqa: N802
        if not self.refused:
            super()._send100Continue()

    def _has_begun(self) -> bool:
        """Whether the first line of a request is there, and the rest of it is not."""
        return hasattr(self, "_path")

    def _watch(self) -> None:
        arriving = not self._handlingRequest and (self._buffer or self._has_begun())
        if not arriving or self.refused:
            self._no_hurry()
        elif self._hurry is None:
            self._hurry = CLOCK.callLater(WITHIN_S, self._late)

    def _late(self) -> None:
        self._hurry = None
        self.refuse(LATE)

    def _no_hurry(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None


def _has_room(transport: Any) -> bool:
    """The system gives away the lowest number that is free: the last ones are given when all others are in use."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return int(transport.fileno()) < most - KEPT_FREE


def _where(opening: bytes) -> str:
    """The path in a first line, as far as there is one."""
    words = (word for word in opening[:LONGEST].split() if word.startswith(b"/"))
    return next(words, b"").decode("latin1")


def channel(factory: http.HTTPFactory) -> Any:
    """In the place of Twisted's own way to make one."""
    return http._GenericHTTPChannelProtocol(GuardedChannel())  # noqa: SLF001 - it has no other
