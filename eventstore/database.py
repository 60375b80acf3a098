"""psycopg on Django's own connection: server-side parameters, prepared statements, SQL in named files."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

SQL = Path(__file__).parent / "sql"
PART = re.compile(r" *-- part (?P<name>\w+)\n(?P<text>.*?) *-- end\n", re.DOTALL)
Params = Sequence[Any] | Mapping[str, Any] | None

TROUBLE = {"08", "40", "53", "55", "57", "58"}
"""Classes of SQLSTATE: connection, rollback, resources, not available, intervention, system."""
TIMED_OUT = {"25P03", "25P04"}
"""A transaction that was idle, or went on, for too long: the server has ended the connection as well."""


@cache
def sql(name: str, *parts: str) -> bytes:
    """The statement in eventstore/sql/<name>.sql, with these of its parts and no others."""

    def chosen(part: re.Match[str]) -> str:
        return part["text"] if part["name"] in parts else ""

    return PART.sub(chosen, (SQL / f"{name}.sql").read_text()).encode()


@contextmanager
def cursor() -> Iterator[psycopg.Cursor[Any]]:
    """A bare cursor; psycopg's errors come out as Django's, with the original as their cause."""
    with connection.wrap_database_errors, psycopg.Cursor(_ready(connection)) as bare:
        yield bare


def rows(
    statement: bytes, params: Params = None, using: BaseDatabaseWrapper | None = None
) -> list[tuple[Any, ...]]:
    """All rows of a statement, prepared on its first use, in binary: that is read twice as fast as text."""
    using = using or connections[DEFAULT_DB_ALIAS]
    with using.wrap_database_errors:
        bare = psycopg.Cursor(_ready(using))
        return bare.execute(statement, params, prepare=True, binary=True).fetchall()


def execute(statement: bytes, params: Params = None, *, prepare: bool = True) -> int:
    """Runs a statement that returns nothing; the number of rows that it touched."""
    using = connections[DEFAULT_DB_ALIAS]
    with using.wrap_database_errors:
        return psycopg.Cursor(_ready(using)).execute(statement, params, prepare=prepare).rowcount


def _ready(using: BaseDatabaseWrapper) -> psycopg.Connection[Any]:
    """psycopg's connection, where a statement may be sent now."""
    using.ensure_connection()
    using.validate_no_broken_transaction()
    return using.connection  # type: ignore[no-any-return]


def in_transaction() -> bool:
    """Whether the caller has a transaction open."""
    return connections[DEFAULT_DB_ALIAS].in_atomic_block


@contextmanager
def whole() -> Iterator[None]:
    """One statement as a unit: bare in autocommit, behind a savepoint where a transaction is open."""
    if in_transaction():
        with transaction.atomic():
            yield
    else:
        yield


def is_trouble(error: BaseException) -> bool:
    """Whether the database is away, busy or shutting down, rather than the statement at fault.

    The class of the exception does not tell: an index row that is too large is an OperationalError as well.
    """
    state = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, OperationalError | InterfaceError):
        return state is None or state[:2] in TROUBLE
    return state in TIMED_OUT
