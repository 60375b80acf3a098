"""Every question has an end: two seconds for a statement, and a word to whoever asked for more."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import OperationalError, transaction

from eventstore.database import in_transaction, rows, sql

MOST_MS = 2000
"""Milliseconds that a statement may take."""


class TooMuch(Exception):
    """That would take too long to look up: please narrow your filter."""

    def __str__(self) -> str:
        return self.__doc__ or ""


@contextmanager
def bounded(ms: int | None = None) -> Iterator[None]:
    """A transaction whose statements take `ms` milliseconds at most; `TooMuch` for one that would take longer.

    Each statement is planned for its own values: what a filter is best answered from depends on them. Everything
    in this package asks within it already; wrap several questions to ask them in one transaction.
    """
    inner = in_transaction()
    try:
        with transaction.atomic():
            before = rows(sql("inspect_limits"), (str(ms or MOST_MS), "force_custom_plan"))[0][:2]
            yield
            if inner:
                rows(sql("inspect_limits"), before)
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise TooMuch from error
        raise
