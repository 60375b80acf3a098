"""Two kinds of lock on a file: one at a time, and one of many. The kernel lets go when the holder dies."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import EmbeddedPostgresError


@contextmanager
def alone(path: Path, patience: float = 180.0) -> Iterator[None]:
    with path.open("a") as handle:
        deadline = time.monotonic() + patience
        while not _taken(handle, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"Another process has been holding {path} for {patience:.0f} s.")
            time.sleep(0.02)
        yield


class Presence:
    """One of many users of something; the last one to leave knows that it is the last."""

    def __init__(self, path: Path) -> None:
        self._handle = path.open("a")
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Whether nobody else is left. Its answer holds as long as nobody can come: ask inside `alone`."""
        with self._handle:
            return _taken(self._handle, fcntl.LOCK_EX)

    def forget(self) -> None:
        """In a forked child: the lock is the parent's."""
        self._handle.close()


def _taken(handle: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
