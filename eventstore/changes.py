"""Row changes: what a projector asks for, coalesced in memory and flushed with a few statements per table.

The order of changes to one row is kept; different rows do not see each other, so a batch comes to the same
rows as its changes applied one by one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from eventstore.tables import Row, Table, table_of

Key = tuple[Any, ...]


class Put:
    """A whole row: written if there is none with its key, replaced if there is. What has a default may be left
    out; what has none, or is no field, is a TypeError."""

    __slots__ = ("row", "table")

    def __init__(self, model: type[models.Model], /, **columns: Any) -> None:
        self.table = table_of(model)
        self.row = self.table.whole(columns)

    @property
    def key(self) -> Key:
        return self.table.key(self.row)

    def apply(self, pending: "Pending") -> None:
        pending.replaced, pending.values, pending.patch = True, dict(self.row), None


class Set:
    """Some columns of one row; nothing if there is no such row."""

    __slots__ = ("columns", "key", "table")

    def __init__(self, model: type[models.Model], key: Any, /, **columns: Any) -> None:
        self.table = table = table_of(model)
        self.key: Key = key if isinstance(key, tuple) else (key,)
        self.columns = {table.column(name): value for name, value in columns.items()}

    def apply(self, pending: "Pending") -> None:
        if not pending.replaced:
            pending.patching().set(self.columns)
        if pending.values is not None:
            pending.values.update(self.columns)


class Add:
    """Numbers added to columns of one row; where all of a table's columns have defaults, it makes the row."""

    __slots__ = ("columns", "key", "table")

    def __init__(self, model: type[models.Model], key: Any, /, **numbers: Any) -> None:
        self.table = table = table_of(model)
        self.key: Key = key if isinstance(key, tuple) else (key,)
        self.columns = {table.number(name): number for name, number in numbers.items()}

    def apply(self, pending: "Pending") -> None:
        if not pending.replaced:
            pending.patching().add(self.columns)
        if pending.values is None:
            pending.values = self.table.blank(self.key)
        if pending.values is not None:
            for column, number in self.columns.items():
                pending.values[column] += number


class Drop:
    """No row with this key."""

    __slots__ = ("key", "table")

    def __init__(self, model: type[models.Model], key: Any, /) -> None:
        self.table = table_of(model)
        self.key: Key = key if isinstance(key, tuple) else (key,)

    def apply(self, pending: "Pending") -> None:
        pending.replaced, pending.values, pending.patch = True, None, None


Change = Put | Set | Add | Drop
Changes = Iterator[Change]


@dataclass(slots=True)
class Patch:
    """What happens to a row that the database may hold already."""

    sets: Row = field(default_factory=dict)
    adds: Row = field(default_factory=dict)

    def set(self, columns: Row) -> None:
        self.sets.update(columns)
        for column in columns:
            self.adds.pop(column, None)

    def add(self, columns: Row) -> None:
        for column, number in columns.items():
            target = self.sets if column in self.sets else self.adds
            target[column] = target.get(column, 0) + number


@dataclass(slots=True)
class Pending:
    """What a batch comes to for one row: replaced by `values` (None: dropped) whether it was there or not, or
    patched if it is there, and made of `values` (None: not made) if it is not."""

    replaced: bool = False
    values: Row | None = None
    patch: Patch | None = None

    def patching(self) -> Patch:
        self.patch = self.patch or Patch()
        return self.patch


class Buffer:
    """Collects changes and writes them in one go. Only the holder of the checkpoint's lock may flush."""

    def __init__(self) -> None:
        self._pending: defaultdict[Table, dict[Key, Pending]] = defaultdict(dict)

    def take(self, changes: Iterable[Change]) -> None:
        for change in changes:
            rows, key = self._pending[change.table], change.key
            pending = rows.get(key)
            if pending is None:
                pending = rows[key] = Pending()
            change.apply(pending)

    def flush(self) -> int:
        """Writes what was collected, in the caller's transaction; the number of rows."""
        count = 0
        for table, rows in self._pending.items():
            _flush(table, rows)
            count += len(rows)
        self._pending.clear()
        return count


def _flush(table: Table, rows: dict[Key, Pending]) -> None:
    """At most one statement for each shape of change: drop, put, patch by columns, make."""
    values = [(pending.replaced, pending.values) for pending in rows.values()]
    if dropped := [key for key, pending in rows.items() if pending.replaced and pending.values is None]:
        table.delete(dropped)
    if put := [row for replaced, row in values if replaced and row is not None]:
        table.upsert(put)
    _patch(table, rows)
    if made := [row for replaced, row in values if not replaced and row is not None]:
        table.insert_absent(made)


def _patch(table: Table, rows: dict[Key, Pending]) -> None:
    """One statement for each combination of columns."""
    by_shape: dict[tuple[Key, Key], list[Key]] = {}
    for key, pending in rows.items():
        if (patch := pending.patch) and (patch.sets or patch.adds):
            patched = (*key, *patch.sets.values(), *patch.adds.values())
            by_shape.setdefault((tuple(patch.sets), tuple(patch.adds)), []).append(patched)
    for (sets, adds), patches in by_shape.items():
        table.update(patches, sets, adds)
