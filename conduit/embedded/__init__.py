"""A private PostgreSQL for whoever has none: the first to connect starts it, the last to leave stops it.

Crash-safe by construction: who starts, who uses and who stops is settled by flock()s, which the kernel
drops when a process dies, however it dies.
"""

from functools import cache
from pathlib import Path
from typing import Any

from .lifetime import Server


@cache
def server(home: Path, *, durable: bool = True) -> Server:
    """This process's one server of a home folder; a server that is not durable trades fsync for speed."""
    return Server(home, durable=durable)


def database(home: Path, name: str, *, durable: bool = True) -> dict[str, Any]:
    """What a database of Django's settings needs to know to live in that home. Starts nothing."""
    return {
        "ENGINE": "conduit.embedded.backend",
        "NAME": name,
        "USER": "postgres",
        "HOST": str(server(home, durable=durable).socket_dir),
        "PORT": "5432",
        "EMBEDDED": {"home": home, "durable": durable, "database": name},
    }
