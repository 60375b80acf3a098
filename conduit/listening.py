"""Taking a port before anything else is done: who comes early waits, who comes second is told."""

import errno
import socket
from argparse import ArgumentTypeError

LAST = 65_535


class PortTaken(OSError):
    """Another program listens on this port."""


def port_number(text: str) -> int:
    """An argument that is a port; 0 is any that is free."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(LAST)) or int(text) > LAST:
        raise ArgumentTypeError(f"{text!r} is no port")
    return int(text)


def listen(host: str, port: int) -> socket.socket:
    host.encode("idna")  # what is no name raises UnicodeError here, before there is a socket to lose
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken from error
        raise


def endpoint(listener: socket.socket) -> str:
    """The listener as Twisted wants to hear of it; it is Twisted's to close from now on."""
    return f"fd:fileno={listener.detach()}"
