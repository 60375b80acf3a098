"""The whole log as lines of JSON, from one snapshot: what a restore needs to be exact, and a manifest at the end.

Commands, facts, names, and what an operator has skipped; each row with all its columns, as it is stored. Not what
stands beside the log (passwords, sessions), nor what follows from it (read models, checkpoints).
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, NamedTuple

import msgspec
import psycopg
from django.db import connection, transaction

from eventstore.database import execute, rows

FORMAT = 2
"""1 had no `retries`."""

PAGE = 1000


class Command(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A row of eventstore_command."""

    id: str
    name: str
    stream: str | None
    first_version: int | None
    last_version: int | None
    actor_id: str | None
    correlation_id: str
    caused_by: int | None
    outcome: str
    reason: str
    payload: msgspec.Raw
    digest: str
    address: str
    duration_us: int
    retries: int = 0
    recorded_at: str


class Event(msgspec.Struct, forbid_unknown_fields=True):
    """A row of eventstore_event."""

    position: int
    stream: str
    version: int
    type: str
    schema: int
    data: msgspec.Raw
    command_id: str
    recorded_at: str


class Claim(msgspec.Struct, forbid_unknown_fields=True):
    """A row of eventstore_claim."""

    kind: str
    key: str
    stream: str


class Skipped(msgspec.Struct, forbid_unknown_fields=True):
    """A row of eventstore_skipped."""

    projector: str
    position: int
    command_id: str


class Section(NamedTuple):
    """The rows of one table, in the order of a key."""

    row: type[msgspec.Struct]
    key: str

    @property
    def name(self) -> str:
        return self.row.__name__.lower()

    @property
    def table(self) -> str:
        return f"eventstore_{self.name}"

    @property
    def columns(self) -> str:
        return ", ".join(self.row.__struct_fields__)


# Commands first: a fact is never there without the command that led to it.
SECTIONS = (
    Section(Command, "id"),
    Section(Event, "position"),
    Section(Claim, 'kind COLLATE "C", row.key COLLATE "C"'),
    Section(Skipped, 'projector COLLATE "C", row.position'),
)


class Manifest(msgspec.Struct, forbid_unknown_fields=True):
    """What a file must amount to: rows by section, the last position and the last one drawn, and the SHA-256 of
    all lines before this one."""

    format: int
    rows: dict[str, int]
    last_position: int
    last_drawn: int
    sha256: str


class Progress(NamedTuple):
    """Lines so far, of so many (0: nobody knows), and seconds."""

    lines: int
    total: int
    seconds: float


def export(
    write: Callable[[bytes], object], watch: Callable[[Progress], object] = lambda at: None
) -> Manifest:
    """Writes the log line by line; must not be called inside a transaction. Readers and writers go on."""
    digest, counts, began = (
        hashlib.sha256(),
        dict.fromkeys((section.name for section in SECTIONS), 0),
        monotonic(),
    )
    with snapshot():
        last_position, last_drawn = numbering()
        total = sum(_estimate(section) for section in SECTIONS)
        for section in SECTIONS:
            for line in lines(section):
                write(line)
                digest.update(line)
                counts[section.name] += 1
                if counts[section.name] % PAGE == 0:
                    watch(Progress(sum(counts.values()), total, monotonic() - began))
    manifest = Manifest(FORMAT, counts, last_position, last_drawn, digest.hexdigest())
    write(msgspec.json.encode({"manifest": manifest}) + b"\n")
    return manifest


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything that is read in here is of one moment, and written the same way by whatever server."""
    with transaction.atomic():
        execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", prepare=False)
        for setting in (b"statement_timeout = 0", b"idle_in_transaction_session_timeout = 0"):
            execute(b"SET LOCAL " + setting, prepare=False)
        for setting in (b"TimeZone = 'UTC'", b"DateStyle = 'ISO'", b"bytea_output = 'hex'"):
            execute(b"SET LOCAL " + setting, prepare=False)
        yield


def lines(section: Section) -> Iterator[bytes]:
    """The rows of a table as JSON, with a page of them in memory."""
    statement = (
        f"SELECT json_build_object('{section.name}', row)::text "  # noqa: S608 - names of our own
        f"FROM (SELECT {section.columns} FROM {section.table}) AS row ORDER BY row.{section.key}"
    )
    with connection.wrap_database_errors, psycopg.ServerCursor(connection.connection, "export") as pages:
        pages.itersize = PAGE
        for (line,) in pages.execute(statement.encode()):
            yield line.encode() + b"\n"


def numbering() -> tuple[int, int]:
    """The last position in the log, and the last one that was drawn for it."""
    [(last, drawn)] = rows(
        b"SELECT (SELECT coalesce(max(position), 0) FROM eventstore_event), "
        b"coalesce(pg_sequence_last_value(pg_get_serial_sequence('eventstore_event', 'position')::regclass), 0)"
    )
    return last, max(last, drawn)


def _estimate(section: Section) -> int:
    found: list[tuple[Any, ...]] = rows(
        b"SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass", (section.table,)
    )
    return int(found[0][0])
