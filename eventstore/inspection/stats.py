"""The log in numbers: what the database knows already is told at once, and counted only on request."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from eventstore import log
from eventstore.database import execute, rows, sql
from eventstore.inspection.limits import bounded


class TableNumbers(NamedTuple):
    """One of the log's tables: bytes with its indexes, and about how many rows; None if that was never looked at."""

    name: str
    bytes: int
    rows: int | None


class TypeNumbers(NamedTuple):
    """A type of fact: how many (about, by the planner's statistics; None if they don't say), and the last one."""

    type: str
    facts: int | None
    position: int
    recorded_at: datetime


class Numbers(NamedTuple):
    """The last position, and the tables and types; `exact` if the facts were counted."""

    head: int
    exact: bool
    tables: tuple[TableNumbers, ...]
    types: tuple[TypeNumbers, ...]


def numbers() -> Numbers:
    """About how much there is of everything, however long the log is."""
    with bounded():
        tables = tuple(_table(*row) for row in rows(sql("inspect_sizes")))
        facts = next(table.rows for table in tables if table.name == "eventstore_event")
        types = tuple(_type(facts, *row) for row in rows(sql("inspect_types")))
        return Numbers(head=log.head(), exact=False, tables=tables, types=types)


def counted() -> Numbers:
    """The same with every fact counted: reads the whole log, in as long as it takes."""
    with transaction.atomic():
        execute(b"SET LOCAL statement_timeout = 0", prepare=False)
        counts = dict(rows(sql("inspect_counts")))
    about = numbers()
    types = tuple(each._replace(facts=counts.get(each.type, 0)) for each in about.types)
    return about._replace(exact=True, types=types)


def _table(name: str, size: int, tuples: int) -> TableNumbers:
    return TableNumbers(name, size, None if tuples < 0 else tuples)


def _type(
    facts: int | None, name: str, part: float | None, position: int, recorded_at: datetime
) -> TypeNumbers:
    about = None if part is None or facts is None else round(part * facts)
    return TypeNumbers(name, about, position, recorded_at)
