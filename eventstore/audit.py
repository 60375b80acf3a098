"""Every attempt leaves its row: a refusal too, and it survives the rollback that the refusal causes."""

import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from threading import Semaphore

from django.db import DatabaseError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore import measures, store
from eventstore.codec import storable
from eventstore.database import in_transaction
from eventstore.ids import uuid7
from eventstore.messages import Rejection

logger = logging.getLogger(__name__)

PATIENCE_S = 5.0

noted: ContextVar[bool] = ContextVar("noted", default=False)
"""Whether an attempt here was refused and has its row, since somebody last set it to False."""

_turn = Semaphore()
"""So that a process has no more than one connection beside its pool."""


class Attempt:
    """One attempt at a command, timed from its start."""

    def __init__(self, order: store.Order) -> None:
        self.order = order
        self.stream: str | None = None
        self.position: int | None = None
        self.repeated = False
        self.retries = 0
        """How often it was decided again: its stream had moved, or a name was taken."""
        self._began = time.perf_counter()

    def effort(self) -> store.Effort:
        return store.Effort(round((time.perf_counter() - self._began) * 1_000_000), self.retries)

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
        self._tell("repeated" if self.repeated else "accepted")

    def _renamed(self) -> store.Order:
        return replace(self.order, id=uuid7())

    def _record(self, outcome: str, reason: str, order: store.Order) -> None:
        """Under another id if this one got a row meanwhile: sent again, a command is another attempt."""
        self._tell(outcome, reason.partition(":")[0])
        noted.set(True)
        stream = storable(self.stream) if self.stream else None
        ending = (stream, outcome, storable(reason), self.effort())
        try:
            with _apart() as using:
                if not store.record(order, *ending, using):
                    store.record(self._renamed(), *ending, using)
        except DatabaseError:
            logger.exception("an attempt left no row in the audit")

    def _tell(self, outcome: str, reason: str = "") -> None:
        order = self.order
        came_to = (order.name, outcome, reason, self.stream, self.position)
        whose = (order.actor_id, order.correlation_id, order.caused_by)
        measures.answered(measures.Answer(*came_to, *whose, self.effort().duration_us / 1_000_000))


@contextmanager
def _apart() -> Iterator[BaseDatabaseWrapper]:
    """A connection whose work stands even if the caller's transaction is about to be rolled back.

    Not from the pool: whoever holds one of its connections and waits for another may wait for its like.
    """
    if not in_transaction():
        yield connection
        return
    if not _turn.acquire(timeout=PATIENCE_S):
        raise OperationalError("too many refusals at once")
    try:
        with closing(connection.copy()) as own:
            own.settings_dict["OPTIONS"].pop("pool", None)
            yield own
    finally:
        _turn.release()
