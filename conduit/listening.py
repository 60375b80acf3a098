"""Taking a port before anything else is done: who comes early waits, who comes second is told."""

import errno
import socket


class PortTaken(OSError):
    """Another program listens on this port."""


def listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken from error
        raise


def endpoint(listener: socket.socket) -> str:
    """The listener as Twisted wants to hear of it; it is Twisted's to close from now on."""
    return f"fd:fileno={listener.detach()}"
