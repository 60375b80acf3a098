"""Every attempt leaves its row: a refusal too, and it survives the rollback that the refusal causes."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import DatabaseError, connection

from eventstore import store
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
            self._record(self.order, "refused", f"{type(refusal).__name__}: {refusal}")
            raise
        except Exception as error:
            # Under an id of its own: the command may still be repeated with the one that it has.
            self._record(replace(self.order, id=uuid7()), "failed", type(error).__name__)
            raise

    def _record(self, order: store.Order, outcome: str, reason: str) -> None:
        row = (order, self.stream, outcome, reason, self.elapsed_us())
        try:
            if in_transaction():
                _apart(*row)
            else:
                store.record(*row)
        except DatabaseError:
            logger.exception("an attempt left no row in the audit")


def _apart(*row: Any) -> None:
    """On a connection of its own: the caller's transaction is about to be rolled back."""
    own = connection.copy()
    try:
        store.record(*row, using=own)
    finally:
        own.close()
