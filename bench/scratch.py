"""Scratch databases on the server that the site uses: logs of any length, made once, and copies to write to.

All are dropped at the end; what a run that was killed has left, by the next one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from psycopg import sql

PREFIX = "conduit_bench"


class Logs:
    """Databases by the number of facts in their log; a fact more or less, since commands are whole."""

    def __init__(self) -> None:
        self._made: dict[int, str] = {}
        self._names: list[str] = []

    def of(self, size: int) -> str:
        """The name of a database with a log of so many facts, which nobody may write to."""
        if size not in self._made:
            self._made[size] = self._written(size) if size else self._migrated()
        return self._made[size]

    @contextmanager
    def copy(self, size: int) -> Iterator[str]:
        """The name of a database of one's own, with a log of so many facts."""
        name = self._create(self.of(size))
        try:
            yield name
        finally:
            _drop(name)

    def drop(self) -> None:
        for name in self._names:
            _drop(name)

    def _migrated(self) -> str:
        name, usual = self._create("template0"), connection.settings_dict["NAME"]
        move_to(name)
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            move_to(usual)
        return name

    def _written(self, size: int) -> str:
        from bench import history
        from bench.crew import Crew

        name = self._create(self.of(0))
        with Crew(name) as crew:
            crew.do(history.write, size)
        return name

    def _create(self, template: str) -> str:
        name = f"{PREFIX}_{os.getpid()}_{len(self._names)}"
        self._names.append(name)
        _maintain("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        return name


@contextmanager
def logs() -> Iterator[Logs]:
    """Logs to measure on, for as long as the block lasts, however it ends."""
    connection.ensure_connection()
    _sweep()
    made = Logs()
    try:
        yield made
    finally:
        made.drop()


def move_to(name: str) -> None:
    """Django's connection is on this database from now on."""
    close()
    connection.settings_dict["NAME"] = name


def close() -> None:
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]


def _drop(name: str) -> None:
    _maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _sweep() -> None:
    """Drops what nobody is connected to and no living process of this machine has made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [rf"^{PREFIX}_\d+_\d+$"])
        found = [name for (name,) in cursor.fetchall()]
    for name in found:
        if not psutil.pid_exists(int(name.split("_")[2])):
            with suppress(DatabaseError):
                _maintain("DROP DATABASE IF EXISTS {}", name)


def _maintain(statement: str, *names: str) -> None:
    with connection._nodb_cursor() as cursor:  # noqa: SLF001
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
