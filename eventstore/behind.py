"""Working behind: while one piece is being written, the next one is made."""

from collections.abc import Callable
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Generic, TypeVar

from django.db import connection

T = TypeVar("T")


class Behind(Generic[T]):
    """Does work in a thread of its own, with a database connection of its own, piece by piece in order; at most
    one piece waits. What fails is raised where the next piece is given, or at the end of the block.
    """

    def __init__(self, work: Callable[[T], None]) -> None:
        self._work = work
        self._pieces: Queue[T | None] = Queue(1)
        self._failed: BaseException | None = None
        self._thread = Thread(target=self._run, name="behind", daemon=True)

    def give(self, piece: T) -> None:
        """Waits until the piece before the last one is done."""
        self._raise()
        self._pieces.put(piece)

    def __enter__(self) -> "Behind[T]":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._failed = self._failed or error
        self._pieces.put(None)
        self._thread.join()
        if error is None:
            self._raise()

    def _run(self) -> None:
        try:
            for piece in iter(self._pieces.get, None):
                self._do(piece)
        finally:
            connection.close()

    def _do(self, piece: T) -> None:
        """Nothing any more after a failure: what comes next may have built on it."""
        if self._failed is None:
            try:
                self._work(piece)
            except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the work
                self._failed = error

    def _raise(self) -> None:
        if self._failed is not None:
            raise self._failed
