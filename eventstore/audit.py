"""Every attempt leaves its row: a refusal too, and it survives the rollback that the refusal causes."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore import store
from eventstore.codec import storable
from eventstore.database import in_transaction
from eventstore.ids import uuid7
from eventstore.messages import Rejection

logger = logging.getLogger(__name__)


class Attempt:
    """One attempt at a command, timed from its start."""

    def __init__(self, order: store.Order) -> None:
        self.order = order
        self.stream: str | None = None
        self._began = time.perf_counter()

    def elapsed_us(self) -> int:
        return round((time.perf_counter() - self._began) * 1_000_000)

    @contextmanager
    def audited(self) -> Iterator[None]:
        """Records how the attempt ended unless its append did: refused, with the reason, or failed."""
        try:
            yield
        except Rejection as refusal:
            order = self._renamed() if store.known(self.order.id) else self.order
            self._record("refused", f"{type(refusal).__name__}: {refusal}", order)
            raise
        except Exception as error:
            # Under an id of its own: the command may still be repeated with the one that it has.
            self._record("failed", type(error).__name__, self._renamed())
            raise

    def _renamed(self) -> store.Order:
        return replace(self.order, id=uuid7())

    def _record(self, outcome: str, reason: str, order: store.Order) -> None:
        """Under another id if this one got a row meanwhile: sent again, a command is another attempt."""
        stream = storable(self.stream) if self.stream else None
        ending = (stream, outcome, storable(reason), self.elapsed_us())
        try:
            with _apart() as using:
                if not store.record(order, *ending, using):
                    store.record(self._renamed(), *ending, using)
        except DatabaseError:
            logger.exception("an attempt left no row in the audit")


@contextmanager
def _apart() -> Iterator[BaseDatabaseWrapper]:
    """A connection whose work stands even if the caller's transaction is about to be rolled back."""
    if not in_transaction():
        yield connection
        return
    own = connection.copy()
    try:
        yield own
    finally:
        own.close()
