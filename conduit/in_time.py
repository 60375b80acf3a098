"""Questions to the database that are answered within a bound, even by one that hangs."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from time import monotonic
from typing import Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from psycopg.errors import ConnectionTimeout

from eventstore.database import execute

T = TypeVar("T")

PATIENCE_S = 2.0
FRESH_S = 1.0


class InTime(Generic[T]):
    """One question, asked in a thread of its own on a connection beside the pool, never twice at once.

    Whoever asks meanwhile shares the answer, as does whoever asks within `fresh_s` seconds after it: however many
    ask, the database hears of one. One that hangs holds one thread of this process, and its answer is late for everybody.
    """

    def __init__(
        self, question: Callable[[], T], patience_s: float = PATIENCE_S, fresh_s: float = FRESH_S
    ) -> None:
        self._question, self._patience_s, self._fresh_s = question, patience_s, fresh_s
        self._lock = threading.Lock()
        self._answer: Future[T] | None = None
        self._asked = self._answered = 0.0

    def ask(self) -> T:
        """The answer, or what the question raised; `TimeoutError` after `patience_s` seconds."""
        with self._lock:
            if self._answer is None or self._is_stale(self._answer):
                self._answer, self._asked = Future(), monotonic()
                threading.Thread(target=self._put, args=[self._answer], name="in time", daemon=True).start()
            answer, left_s = self._answer, self._asked + self._patience_s - monotonic()
        return answer.result(max(0.0, left_s))

    def _is_stale(self, answer: Future[T]) -> bool:
        return answer.done() and monotonic() > self._answered + self._fresh_s

    def _put(self, answer: Future[T]) -> None:
        try:
            with _apart(self._patience_s):
                said = self._question()
        except BaseException as error:  # noqa: BLE001 - raised again by whoever asked
            self._answered = monotonic()
            late = isinstance(error.__cause__, ConnectionTimeout)
            answer.set_exception(TimeoutError("connecting took too long") if late else error)
        else:
            self._answered = monotonic()
            answer.set_result(said)


@contextmanager
def _apart(patience_s: float) -> Iterator[None]:
    """A transaction on a connection of this thread's own: pages may hold every one that the pool has."""
    connections[DEFAULT_DB_ALIAS] = own = connections[DEFAULT_DB_ALIAS].copy()
    options = own.settings_dict["OPTIONS"]
    options.pop("pool", None)
    options["connect_timeout"] = max(1, round(patience_s))
    try:
        with transaction.atomic():
            execute(f"SET LOCAL statement_timeout = {round(patience_s * 1000)}".encode(), prepare=False)
            yield
    finally:
        own.close()
