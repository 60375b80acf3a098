"""How Daphne ends: it takes no new connection, answers what it was asked, and tells open pages that it goes away. Left
to itself it forgets what it was asked. And it counts seconds by the clock on the wall; here by one that never jumps.
"""

import asyncio
import logging
import os
import threading
import time
from types import SimpleNamespace
from typing import Any

from daphne import http_protocol, server, ws_protocol
from twisted.internet import defer, reactor, tcp

ANSWERED_WITHIN_S = 20.0
TAKEN_WITHIN_S = 3.0
"""Seconds for the last bytes of the last answers to be taken, and for open pages to say goodbye."""
CANCELLED_WITHIN_S = 2.0
AT_THE_LATEST_S = 28.0
"""Whatever hangs, nobody waits longer than this for the process to end: systemd waits for 30 s."""
GOING_AWAY = 1001  # RFC 6455, 7.4.1
STREAM = ["text/event-stream"]
READERS: Any = reactor

logger = logging.getLogger(__name__)

_listened = server.Server.listen_success


def _remember(self: server.Server, port: Any) -> None:
    vars(self).setdefault("ports", []).append(port)
    _listened(self, port)


def _end(self: server.Server) -> defer.Deferred[Any]:
    """In the place of Daphne's own, which cancels everything; Twisted waits for it, then ends all connections."""
    last_resort = threading.Timer(AT_THE_LATEST_S, _give_up)
    last_resort.daemon = True
    last_resort.start()
    ended = defer.Deferred.fromFuture(asyncio.ensure_future(_in_order(self)))
    return ended.addErrback(lambda why: logger.error("it did not end in order: %s", why.getTraceback()))


async def _in_order(self: server.Server) -> None:
    for port in vars(self).get("ports", ()):
        await defer.maybeDeferred(port.stopListening).asFuture(asyncio.get_running_loop())
    asked = [each for each in self.connections if _is_asked(self, each)]
    leaving = [_last_on_its_line(each) for each in asked] + _send_away(self) + _hang_up(self, asked)
    if asked:
        answers = [self.connections[each]["application_instance"] for each in asked]
        await asyncio.wait(answers, timeout=ANSWERED_WITHIN_S)
    await _gone(leaving)
    await _cancel(self)


def _is_asked(self: server.Server, protocol: Any) -> bool:
    """Whether somebody waits for an answer that has an end."""
    if not isinstance(protocol, http_protocol.WebRequest):
        return False
    streams = protocol.responseHeaders.getRawHeaders("content-type") == STREAM
    return _at_work(self.connections[protocol]) and protocol.channel is not None and not streams


def _at_work(details: dict[str, Any]) -> bool:
    instance = details.get("application_instance")
    return instance is not None and not instance.done() and not details.get("disconnected")


def _last_on_its_line(protocol: Any) -> Any:
    """The connection ends when this answer has been taken."""
    protocol.channel.persistent = False
    return protocol.channel.transport


def _send_away(self: server.Server) -> list[Any]:
    """Open pages connect again by themselves, to whoever serves then; streams likewise."""
    pages = [each for each in self.connections if isinstance(each, ws_protocol.WebSocketProtocol)]
    for page in pages:
        if page.state == page.STATE_OPEN:
            page.sendCloseFrame(code=GOING_AWAY)
    for protocol, details in self.connections.items():
        if protocol not in pages and not _is_asked(self, protocol) and _at_work(details):
            details["application_instance"].cancel()
    return [page.transport for page in pages]


def _hang_up(self: server.Server, asked: list[Any]) -> list[Any]:
    """Connections on which nothing is asked."""
    busy = {each.channel.transport for each in asked}
    busy |= {each.transport for each in self.connections if isinstance(each, ws_protocol.WebSocketProtocol)}
    idle: set[Any] = {each for each in READERS.getReaders() if isinstance(each, tcp.Server)} - busy
    for transport in idle:
        transport.loseConnection()
    return list(idle)


async def _gone(transports: list[Any]) -> None:
    deadline = time.monotonic() + TAKEN_WITHIN_S
    while any(each.connected for each in transports):
        if time.monotonic() > deadline:
            return
        await asyncio.sleep(0.02)


async def _cancel(self: server.Server) -> None:
    left = [details["application_instance"] for details in self.connections.values() if _at_work(details)]
    for each in left:
        each.cancel()
    if left:
        await asyncio.wait(left, timeout=CANCELLED_WITHIN_S)


def _give_up() -> None:
    logger.error("not everything had an end after %.0f s; left as it was", AT_THE_LATEST_S)
    os._exit(1)


def install() -> None:
    server.Server.listen_success = _remember
    server.Server.kill_all_applications = _end
    steady = SimpleNamespace(time=time.monotonic)
    for module in (http_protocol, server, ws_protocol):
        module.time = steady
