"""A read-model table as arrays: rows go in and out by `unnest`, one statement for any number of them.

Table names are unqualified, so that a rebuild can put other tables of the same names before them on the
search path.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED

from eventstore.database import execute

Row = dict[str, Any]


class Table:
    """The columns of a model, and the statements that write its rows."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = [field for field in model._meta.local_concrete_fields if not field.generated]
        self.model, self.name = model, model._meta.db_table
        self.columns = tuple(field.column for field in fields)
        self.types = {field.column: _base_type(field) for field in fields}
        self.keys = tuple(field.column for field in model._meta.pk_fields)
        self._columns = {name: field.column for field in fields for name in (field.name, field.attname)}
        self._attributes = tuple((field.column, field.attname) for field in fields)
        self._json = frozenset(field.column for field in fields if isinstance(field, models.JSONField))
        self._defaults = _defaults(fields, self.keys)

    def __repr__(self) -> str:
        return f"Table({self.name})"

    def column(self, name: str) -> str:
        """The column of a field's name; a KeyError names a field that the table lacks."""
        return self._columns[name]

    def row(self, instance: models.Model) -> Row:
        values = instance.__dict__
        return {column: values[attribute] for column, attribute in self._attributes}

    def key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[column] for column in self.keys)

    def blank(self, key: tuple[Any, ...]) -> Row | None:
        """A row of defaults; None if some column has none, so that a row can't be made of a key alone."""
        if self._defaults is None:
            return None
        return {**self._defaults, **dict(zip(self.keys, key, strict=True))}

    def upsert(self, rows: Sequence[Row]) -> None:
        execute(self._upsert, self._arrays(self.columns, [row.values() for row in map(self._ordered, rows)]))

    def insert_absent(self, rows: Sequence[Row]) -> None:
        execute(self._insert, self._arrays(self.columns, [row.values() for row in map(self._ordered, rows)]))

    def delete(self, keys: Sequence[tuple[Any, ...]]) -> None:
        execute(self._delete, self._arrays(self.keys, keys))

    def update(self, rows: Sequence[tuple[Any, ...]], sets: Sequence[str], adds: Sequence[str]) -> None:
        """Rows of (key…, values to set…, numbers to add…)."""
        columns = (*self.keys, *sets, *adds)
        execute(
            _update(self.name, self.keys, tuple(sets), tuple(adds), self._unnest(columns)),
            self._arrays(columns, rows),
        )

    def _ordered(self, row: Row) -> Row:
        return {column: row[column] for column in self.columns}

    def _arrays(self, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> list[list[Any]]:
        """One array a column; JSON goes as text, since PostgreSQL would flatten an array of arrays."""
        arrays = [list(values) for values in zip(*rows, strict=True)]
        return [
            [msgspec.json.encode(value).decode() for value in values] if column in self._json else values
            for column, values in zip(columns, arrays, strict=True)
        ]

    def _unnest(self, columns: Sequence[str]) -> str:
        arrays = ", ".join(f"%s::{self.types[column]}[]" for column in columns)
        return f"unnest({arrays}) AS given ({', '.join(map(quoted, columns))})"

    @property
    def _insert_into(self) -> str:
        columns = ", ".join(map(quoted, self.columns))
        return (
            f"INSERT INTO {quoted(self.name)} ({columns}) SELECT {columns} FROM {self._unnest(self.columns)}"
        )

    @property
    def _insert(self) -> bytes:
        return f"{self._insert_into} ON CONFLICT DO NOTHING".encode()

    @property
    def _upsert(self) -> bytes:
        keys = ", ".join(map(quoted, self.keys))
        values = ", ".join(
            f"{c} = excluded.{c}" for c in map(quoted, self.columns) if c not in keys.split(", ")
        )
        action = f"UPDATE SET {values}" if values else "NOTHING"
        return f"{self._insert_into} ON CONFLICT ({keys}) DO {action}".encode()

    @property
    def _delete(self) -> bytes:
        return f"DELETE FROM {quoted(self.name)} AS held USING {self._unnest(self.keys)} WHERE {_same(self.keys)}".encode()


@cache
def table_of(model: type[models.Model]) -> Table:
    return Table(model)


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _update(
    name: str, keys: Sequence[str], sets: tuple[str, ...], adds: tuple[str, ...], given: str
) -> bytes:
    values = [f"{quoted(column)} = given.{quoted(column)}" for column in sets]
    values += [f"{quoted(column)} = held.{quoted(column)} + given.{quoted(column)}" for column in adds]
    return f"UPDATE {quoted(name)} AS held SET {', '.join(values)} FROM {given} WHERE {_same(keys)}".encode()


def _same(keys: Sequence[str]) -> str:
    return " AND ".join(f"held.{quoted(key)} = given.{quoted(key)}" for key in keys)


def _base_type(field: "models.Field[Any, Any]") -> str:
    """The column's type without its length: a cast to varchar(40) would cut silently, the column refuses."""
    return re.sub(r"\(.*\)", "", field.rel_db_type(connection) or "")


def _defaults(fields: Sequence["models.Field[Any, Any]"], keys: tuple[str, ...]) -> Row | None:
    others = [field for field in fields if field.column not in keys]
    if any(field.default is NOT_PROVIDED and not field.null for field in others):
        return None
    return {field.column: field.get_default() for field in others}
