"""Two roles: one owns the tables and migrates, the other serves. The one that serves adds to the log and keeps what
stands beside it; whoever gets hold of it can't change what was recorded, nor switch off what guards it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import ProgrammingError, connection, connections, transaction
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import Identifier

from eventstore.database import execute, rows, sql
from eventstore.tables import listed, quoted

KEPT = ("SELECT", "INSERT", "UPDATE", "DELETE")
ADDED_TO = ("SELECT", "INSERT")
LESS = {
    "eventstore_event": ADDED_TO,
    "eventstore_command": ADDED_TO,
    "eventstore_skipped": ADDED_TO,
    "django_migrations": ("SELECT",),
}
"""Tables of which the site never changes a row, and what it does with them instead."""


class Unfit(Exception):
    """The role can't be granted just what it needs; nothing has been changed."""


@contextmanager
def as_owner(alias: str) -> Iterator[None]:
    """Django's connection is the tables' owner's, and may work for long, to the end of the block."""
    usual = connections[alias]
    connections[alias] = owner = usual.copy()
    migration = dict(owner.settings_dict.get("MIGRATION", {}))
    # The database stays: it may be a test's.
    owner.settings_dict.update(
        {name: value for name, value in migration.items() if name not in {"NAME", "ENGINE"}}
    )
    try:
        yield
    finally:
        owner.close()
        connections[alias] = usual


def needed() -> dict[str, tuple[str, ...]]:
    """The rights that the site needs, by table; nobody but the tables' owner needs more."""
    tables = {*connection.introspection.django_table_names(only_existing=True), "django_migrations"}
    return {table: LESS.get(table, KEPT) for table in sorted(tables)}


def lacking(role: str) -> list[str]:
    """What the site needs and the role may not do."""
    pairs = [(table, right) for table, rights in needed().items() for right in rights]
    tables, rights = zip(*pairs, strict=True)
    found = rows(sql("too_little"), {"role": role, "tables": list(tables), "rights": list(rights)})
    return [lack for (lack,) in found]


def exceeding(role: str) -> list[str]:
    """Why the role could change what was recorded, or switch off what guards it."""
    return [reason for (reason,) in rows(sql("too_much"), {"role": role})]


def grants(role: str) -> Iterator[str]:
    """Statements that give the role what the site needs, and take away all else; again, they change nothing.

    A rebuild makes a schema of its own. Reading a sequence is enough: an identity draws without being asked.
    """
    app, known = Identifier(role).as_string(None), needed()
    tables = list(known)
    [(database,)] = rows(b"SELECT current_database()::text")
    sequences = [name for (name,) in rows(sql("sequences"), (tables,))]
    yield f"GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {quoted(database)} TO {app}"
    yield f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {app}"
    yield f"GRANT USAGE ON SCHEMA public TO {app}"
    yield f"REVOKE ALL ON {listed(tables)} FROM PUBLIC, {app}"
    for rights in sorted(set(known.values()), key=len):
        these = [table for table in tables if known[table] == rights]
        yield f"GRANT {', '.join(rights)} ON {listed(these)} TO {app}"
    yield f"REVOKE ALL ON SEQUENCE {listed(sequences)} FROM PUBLIC, {app}"
    yield f"GRANT SELECT ON SEQUENCE {listed(sequences)} TO {app}"


def grant(role: str, password: str | None = None) -> None:
    """Grants all or nothing. With a password, makes the role if there is none; raises `Unfit` with the reason."""
    try:
        with transaction.atomic():
            rows(b"SELECT pg_advisory_xact_lock(hashtextextended('grants', 0))::text")
            if not rows(b"SELECT FROM pg_roles WHERE rolname = %s", (role,)):
                _create(role, password)
            for statement in grants(role):
                execute(statement.encode(), prepare=False)
            _examine(role)
    except ProgrammingError as error:
        if isinstance(error.__cause__, InsufficientPrivilege):
            raise Unfit(
                f"{str(error).strip()}: this is for the owner of the database and its tables"
            ) from None
        raise


def _examine(role: str) -> None:
    """Rights come by other ways as well; and what somebody may not grant is left out with a mere warning."""
    if reasons := exceeding(role):
        raise Unfit(f"{role} could change what was recorded: {'; '.join(reasons)}")
    if lacks := lacking(role):
        raise Unfit(f"{role} would lack {', '.join(lacks)}: granting is for the owner of the database")


def _create(role: str, password: str | None) -> None:
    """The server hears of a digest only, and so does its log."""
    if password is None:
        raise Unfit(f"there is no role {role}")
    connection.ensure_connection()
    digest = connection.connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    execute(
        f"CREATE ROLE {Identifier(role).as_string(None)} LOGIN PASSWORD '{digest.decode()}'".encode(),
        prepare=False,
    )
