"""What Daphne leaves open. It spools a body to disk, however long, before an application sees it; here it stops
at the limit. It writes for clients who do not read, however much; here `send` waits until they have read, and a
WebSocket that does not read is ended. It keeps whatever a WebSocket sends; here nothing is to be sent on one. And it
ends what takes long; here a stream of events may."""

import asyncio
import re
import resource
import socket
from http import HTTPStatus
from typing import Any

from autobahn.websocket.types import ConnectionDeny
from daphne import http_protocol, server, ws_protocol
from twisted.internet import tcp

from conduit import at_the_door, daphne_channel
from conduit.daphne_channel import BAD, TOO_LARGE
from conduit.guards import LARGEST_BODY

LONGEST_WORD = 1024  # bytes of a message that comes in on a WebSocket, before the socket is ended anyhow
MOST_SIGNS = 20  # pings and pongs that may come in on a WebSocket, beside one a second
MOST_UNREAD = 256 * 1024  # bytes that a WebSocket may leave unread
MOST_IN_KERNEL = 64 * 1024  # bytes beside them, which the kernel doubles; left to itself it keeps megabytes
POLICY = 1008  # RFC 6455, 7.4.1: a message that the other side does not want
PHRASES = {each.value: each.phrase.encode() for each in HTTPStatus}
FRAMES = "conduit.frames"
OPEN = ws_protocol.WebSocketProtocol.STATE_OPEN
WHOLE = re.compile(rb"https?://(?P<host>[^/?#]+)(?P<path>.*)", re.IGNORECASE)
"""An address as it is sent to proxies, and may be to anybody (RFC 9112, 3.2.2)."""


class Flow:
    """Whether the client takes what is written for it. Twisted pauses it at 64 KiB that were not taken."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    def pauseProducing(self) -> None:  # noqa: N802
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._open.set()

    stopProducing = resumeProducing  # noqa: N815

    async def wait(self) -> None:
        await self._open.wait()


class GuardedRequest(http_protocol.WebRequest):  # type: ignore[misc]
    _received = 0
    _flow: Flow | None = None
    _makes_sense = True

    def requestReceived(self, method: bytes, address: bytes, version: bytes) -> None:  # noqa: N802
        """Bodies are the application's to read: Twisted would answer a form that it can't, and keep one that it can."""
        self._parsePOSTFormSubmission = False
        self.requestHeaders.removeHeader(b"daphne-root-path")  # which anybody may send
        address = self._path_of(address)
        self._makes_sense = address.startswith(b"/") and self._has_one_host(version)
        super().requestReceived(method, address, version)

    def _path_of(self, address: bytes) -> bytes:
        """A whole address says the host as well, and wins over the header."""
        if whole := WHOLE.fullmatch(address):
            self.requestHeaders.setRawHeaders(b"host", [whole["host"]])
            return b"/" + whole["path"].removeprefix(b"/")
        return address

    def _has_one_host(self, version: bytes) -> bool:
        hosts = len(self.requestHeaders.getRawHeaders(b"host", []))
        return hosts == 1 or (hosts == 0 and version == b"HTTP/1.0")

    def setResponseCode(self, code: int, message: bytes | None = None) -> None:  # noqa: N802
        """With its name, also where Twisted does not know it."""
        super().setResponseCode(code, message or PHRASES.get(code))

    def handle_reply(self, message: Any) -> None:
        """Daphne's own, with an eye on the flow of an answer in parts."""
        more = message.get("more_body", False)
        if more and self._flow is None and self.channel is not None:
            self._flow = Flow()
            self.registerProducer(self._flow, streaming=True)
        elif self._flow and message["type"] == "http.response.body" and not more and self.channel is not None:
            self.unregisterProducer()
        super().handle_reply(message)

    async def taken(self) -> None:
        """Until the client has taken what was written, but for 64 KiB; the connection of one who is not waited
        for any longer is ended."""
        if self._flow:
            try:
                await self._flow.wait()
            except asyncio.CancelledError:
                self.transport.abortConnection()
                raise

    def check_timeouts(self) -> None:
        if self.responseHeaders.getRawHeaders("content-type") != ["text/event-stream"]:
            super().check_timeouts()

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        super().gotLength(None if length is None else min(length, LARGEST_BODY))
        if length is not None and length > LARGEST_BODY:
            self.channel.refuse(TOO_LARGE)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._received += len(data)
        if self._received > LARGEST_BODY:
            self.channel.refuse(TOO_LARGE)
        else:
            super().handleContentChunk(data)

    def process(self) -> None:
        if self._makes_sense:
            super().process()
        else:
            self.basic_error(BAD, b"", "")

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """Daphne's own word, in ours."""
        headers, said = at_the_door.answer(self.path.decode("latin1"), status)
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": said})


class GuardedSocket(ws_protocol.WebSocketProtocol):  # type: ignore[misc]
    """A WebSocket on which only the server talks."""

    muted: bool = False
    _signs_of_life = 0

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        self.maxFramePayloadSize = self.maxMessagePayloadSize = LONGEST_WORD
        self.transport.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_IN_KERNEL)

    def onConnect(self, request: Any) -> Any:  # noqa: N802
        """Daphne would take for its own mistake what is in no alphabet where it knows none."""
        known = (request.headers.get(name, "") for name in ("sec-websocket-protocol", "daphne-root-path"))
        if not "".join((*request.headers, *known)).isascii():
            raise ConnectionDeny(BAD, "Bad Request")  # type: ignore[no-untyped-call]
        return super().onConnect(request)

    def onMessageBegin(self, isBinary: bool) -> None:  # noqa: N802, N803, FBT001
        """Whoever talks here is no page of ours; and what they go on saying is not kept."""
        super().onMessageBegin(isBinary)
        self._end()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803, FBT001
        """It was ended when it began."""

    def onPing(self, payload: bytes) -> None:  # noqa: N802
        if self._is_bearable():
            super().onPing(payload)

    def onPong(self, payload: bytes) -> None:  # noqa: N802
        self._is_bearable()

    def _is_bearable(self) -> bool:
        """Signs of life that nobody asked for cost time, and their answers memory."""
        self._signs_of_life += 1
        if self._signs_of_life > MOST_SIGNS + self.duration():
            self._end()
        return not self.muted

    def _end(self) -> None:
        if not self.muted:
            self.muted = True
            self.application_queue.put_nowait({"type": "websocket.disconnect", "code": POLICY})
            self.sendClose(code=POLICY)

    def write(self, frame: bytes) -> None:
        """Straight to the system, without waiting: to go round by Twisted's loop takes five times as long. It keeps
        what the system does not take."""
        if self.state == OPEN:
            transport = self.transport
            if transport.dataBuffer or transport._tempDataLen:  # noqa: SLF001 - it has no other way to say
                self._keep(frame)
            elif (taken := _taken(transport.socket, frame)) < len(frame):
                self._keep(frame[taken:])

    def _keep(self, rest: bytes) -> None:
        """Whoever leaves too much unread is gone."""
        if _unread(self.transport) > MOST_UNREAD:
            self.transport.abortConnection()
        else:
            self.transport.write(rest)


def _taken(connection: socket.socket, frame: bytes) -> int:
    """How much of it the system takes; of a broken connection Twisted hears when it tries."""
    try:
        return connection.send(frame)
    except OSError:
        return 0


def _unread(transport: Any) -> int:
    """Bytes that Twisted keeps for a client, beside what the system's socket holds."""
    return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)  # noqa: SLF001 - it has no other way to say


_write = server.Server.handle_reply
_create = server.Server.create_application


async def _write_and_wait(self: server.Server, protocol: Any, message: Any) -> None:
    await _write(self, protocol, message)
    if isinstance(protocol, GuardedRequest):
        await protocol.taken()


def _create_with_shortcut(self: server.Server, protocol: Any, scope: dict[str, Any]) -> Any:
    """Offers the application a way to write one prepared frame to many sockets, if nothing has to encrypt it."""
    if isinstance(protocol, GuardedSocket) and isinstance(protocol.transport, tcp.Connection):
        scope["extensions"] = {FRAMES: {"write": protocol.write}}
    return _create(self, protocol, scope)


def install() -> None:
    http_protocol.WebRequest = GuardedRequest
    http_protocol.HTTPFactory.protocol = daphne_channel.channel
    ws_protocol.WebSocketFactory.protocol = GuardedSocket
    server.Server.handle_reply = _write_and_wait
    server.Server.create_application = _create_with_shortcut
    _allow_many_sockets()


def _allow_many_sockets() -> None:
    """Each takes a file descriptor; the usual soft limit is for programs that have few."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
