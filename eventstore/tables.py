"""A read-model table as arrays: rows go in and out by `unnest`, one statement for any number of them.

Table names are unqualified, so that a rebuild can put other tables of the same names before them on the
search path.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, TypeAlias

import msgspec
from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED

from eventstore.database import execute

Row = dict[str, Any]
Field: TypeAlias = "models.Field[Any, Any]"


class Table:
    """The columns of a model, and the statements that write its rows."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = [field for field in model._meta.local_concrete_fields if not field.generated]
        keys = model._meta.pk_fields
        others = [field for field in fields if field not in keys]
        self.model, self.name = model, model._meta.db_table
        self.columns = tuple(map(_column, fields))
        self.keys = tuple(map(_column, keys))
        self.types = {_column(field): _base_type(field) for field in fields}
        self._patchable = _by_name(others)
        self._countable = _by_name(field for field in others if not field.null)
        self._named = _by_name(fields)
        self._json = frozenset(_column(field) for field in fields if isinstance(field, models.JSONField))
        self._defaults = _defaults(others)
        self._optional = {
            _column(field): field.get_default() for field in others if field.has_default() or field.null
        }

    def __repr__(self) -> str:
        return f"Table({self.name})"

    @property
    def beginning(self) -> Row:
        """What a row begins with where nothing else is said, by column."""
        return self._optional

    def column(self, name: str) -> str:
        """The column of a field, outside the key; a KeyError names a field that the table lacks there."""
        return self._patchable[name]

    def number(self, name: str) -> str:
        """The column of a field that can be added to: it is never null, since nothing plus one is nothing."""
        return self._countable[name]

    def whole(self, values: Mapping[str, Any]) -> Row:
        """A row of these values by field, and of defaults; a TypeError if it is not whole then."""
        named = self._named
        try:
            row = {**self._optional, **{named[name]: value for name, value in values.items()}}
        except KeyError as unknown:
            raise TypeError(f"{self.name} has no field {unknown}") from None
        if len(row) < len(self.columns):
            raise TypeError(
                f"{self.name} needs {', '.join(name for name in self.columns if name not in row)}"
            )
        return row

    def key(self, row: Row) -> tuple[Any, ...]:
        return tuple([row[column] for column in self.keys])

    def blank(self, key: tuple[Any, ...]) -> Row | None:
        """A row of defaults; None if some column has none, so that a row can't be made of a key alone."""
        if self._defaults is None:
            return None
        return {**self._defaults, **dict(zip(self.keys, key, strict=True))}

    def upsert(self, rows: Sequence[Row]) -> None:
        execute(self._upsert, self._by_column(rows))

    def insert_absent(self, rows: Sequence[Row]) -> None:
        execute(self._insert, self._by_column(rows))

    def delete(self, keys: Sequence[tuple[Any, ...]]) -> None:
        execute(self._delete, self._arrays(self.keys, zip(*keys, strict=True)))

    def update(self, rows: Sequence[tuple[Any, ...]], sets: Sequence[str], adds: Sequence[str]) -> None:
        """Rows of (key…, values to set…, numbers to add…)."""
        columns = (*self.keys, *sets, *adds)
        execute(self._update(sets, adds, columns), self._arrays(columns, zip(*rows, strict=True)))

    def _by_column(self, rows: Sequence[Row]) -> list[list[Any]]:
        return self._arrays(self.columns, ([row[column] for row in rows] for column in self.columns))

    def _arrays(self, columns: Sequence[str], values: Iterable[Iterable[Any]]) -> list[list[Any]]:
        """One array a column; JSON goes as text, since PostgreSQL would flatten an array of arrays."""
        return [
            [_json(value) for value in found] if column in self._json else list(found)
            for column, found in zip(columns, values, strict=True)
        ]

    def _unnest(self, columns: Sequence[str]) -> str:
        arrays = ", ".join(f"%b::{self.types[column]}[]" for column in columns)
        return f"unnest({arrays}) AS given ({listed(columns)})"

    @property
    def _insert_into(self) -> str:
        columns = listed(self.columns)
        return (
            f"INSERT INTO {quoted(self.name)} ({columns}) SELECT {columns} FROM {self._unnest(self.columns)}"
        )

    @cached_property
    def _insert(self) -> bytes:
        return f"{self._insert_into} ON CONFLICT DO NOTHING".encode()

    @cached_property
    def _upsert(self) -> bytes:
        others = [quoted(column) for column in self.columns if column not in self.keys]
        update = f"UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in others)}"
        action = update if others else "NOTHING"
        return f"{self._insert_into} ON CONFLICT ({listed(self.keys)}) DO {action}".encode()

    @cached_property
    def _delete(self) -> bytes:
        given = self._unnest(self.keys)
        return f"DELETE FROM {quoted(self.name)} AS held USING {given} WHERE {_same(self.keys)}".encode()

    def _update(self, sets: Sequence[str], adds: Sequence[str], columns: Sequence[str]) -> bytes:
        values = [f"{quoted(column)} = given.{quoted(column)}" for column in sets]
        values += [f"{quoted(column)} = held.{quoted(column)} + given.{quoted(column)}" for column in adds]
        return (
            f"UPDATE {quoted(self.name)} AS held SET {', '.join(values)} "
            f"FROM {self._unnest(columns)} WHERE {_same(self.keys)}"
        ).encode()


@cache
def table_of(model: type[models.Model]) -> Table:
    return Table(model)


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def listed(columns: Iterable[str]) -> str:
    return ", ".join(map(quoted, columns))


def _same(keys: Sequence[str]) -> str:
    return " AND ".join(f"held.{quoted(key)} = given.{quoted(key)}" for key in keys)


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _column(field: Field) -> str:
    return str(field.column)


def _by_name(fields: Iterable[Field]) -> dict[str, str]:
    return {name: _column(field) for field in fields for name in (field.name, field.attname)}


def _base_type(field: Field) -> str:
    """The column's type without its length: a cast to varchar(40) would cut silently, the column refuses."""
    return re.sub(r"\(.*\)", "", field.rel_db_type(connection) or "")


def _defaults(fields: Sequence[Field]) -> Row | None:
    if any(field.default is NOT_PROVIDED and not field.null for field in fields):
        return None
    return {_column(field): field.get_default() for field in fields}
