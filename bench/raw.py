"""The references: psycopg by itself, on a connection of its own, with what makes it fast (prepared, binary)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from time import perf_counter
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.db import connection as django
from psycopg.types.json import Jsonb

from bench.crew import closing

COLUMNS = "stream, version, type, schema, data, command_id, recorded_at"

INSERT = f"""
INSERT INTO eventstore_event ({COLUMNS})
VALUES (%b, %b::int, %b, %b::smallint, %b::jsonb, %b, clock_timestamp())
RETURNING position
""".encode()

COPY = f"COPY eventstore_event ({COLUMNS}) FROM STDIN (FORMAT BINARY)".encode()
COPIED = ["text", "int4", "text", "int2", "jsonb", "uuid", "timestamptz"]

PAGE = """
SELECT position, stream, version, type, schema, data{}, command_id, recorded_at
FROM eventstore_event WHERE position > %b ORDER BY position LIMIT %b
"""
TEXT, JSONB = PAGE.format("::text").encode(), PAGE.format("").encode()

STREAM = b"""
SELECT position, stream, version, type, schema, data::text, command_id, recorded_at
FROM eventstore_event WHERE stream = %b ORDER BY version
"""

Rows = list[tuple[Any, ...]]


@cache
def connection() -> psycopg.Connection[Any]:
    """This process's connection beside Django's, to the same database."""
    at = django.settings_dict
    place = {"host": at["HOST"], "port": at["PORT"], "user": at["USER"], "password": at["PASSWORD"]}
    place = {name: part for name, part in place.items() if part}
    return closing.enter_context(psycopg.connect(dbname=at["NAME"], autocommit=True, **place))


@cache
def cursor() -> psycopg.Cursor[Any]:
    return connection().cursor()


def insert(stream: str, version: int, kind: str, data: str, command_id: UUID) -> None:
    cursor().execute(
        INSERT, (stream, version, kind, 1, data, command_id), prepare=True, binary=True
    ).fetchall()


def copy(stream: str, kind: str, facts: list[str], command_id: UUID) -> None:
    now = datetime.now(UTC)
    with cursor().copy(COPY) as target:
        target.set_types(COPIED)
        for version, data in enumerate(facts, start=1):
            target.write_row((stream, version, kind, 1, Jsonb(data, dumps=str.encode), command_id, now))


def pages(statement: bytes, size: int) -> Iterator[Rows]:
    """The whole log, page by page after the last position."""
    at = 0
    while found := cursor().execute(statement, (at, size), prepare=True, binary=True).fetchall():
        yield found
        at = found[-1][0]


def read(size: int) -> int:
    """Reads the log and does nothing with it."""
    return sum(map(len, pages(TEXT, size)))


def read_and_decode(size: int) -> int:
    """Reads the log and decodes the data of each fact with msgspec, into dicts."""
    decode, count = msgspec.json.Decoder().decode, 0
    for found in pages(TEXT, size):
        for row in found:
            decode(row[5])
        count += len(found)
    return count


def read_jsonb(size: int) -> int:
    """Reads the log as psycopg does unless it is told otherwise: its loader for jsonb, which is the stdlib's."""
    return sum(map(len, pages(JSONB, size)))


def stream(name: str) -> Rows:
    return cursor().execute(STREAM, (name,), prepare=True, binary=True).fetchall()


def for_seconds(seconds: float, step: Callable[[], int]) -> int:
    """Does it again and again for a while; the number of events that it has dealt with."""
    count, end = 0, perf_counter() + seconds
    while perf_counter() < end:
        count += step()
    return count
