"""A database for measuring, on the server that the site uses; dropped at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

NAME = "conduit_bench"


@contextmanager
def database() -> Iterator[None]:
    """Django's connection is on an empty, migrated database."""
    usual = connection.settings_dict["NAME"]
    connection.ensure_connection()
    _maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    _maintain("CREATE DATABASE {}")
    _move_to(NAME)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        _move_to(usual)
        _maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)")


def _maintain(statement: str) -> None:
    with connection._nodb_cursor() as cursor:  # noqa: SLF001
        cursor.execute(sql.SQL(statement).format(sql.Identifier(NAME)))


def _move_to(name: str) -> None:
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = name
