"""What facts make of the rows of read models: folded in memory by the projectors themselves, with each fact's part in it.

Rows that facts of other streams have a part in can't be told from some facts alone: what these do not say of a row
is left open, never guessed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import models
from django.urls import NoReverseMatch, reverse

from eventstore.codec import FutureEvent
from eventstore.database import rows
from eventstore.feed.public import PUBLIC
from eventstore.log import Fact
from eventstore.projector import Add, Change, Drop, Projector, Put, Set, projectors
from eventstore.tables import Table

Place = tuple[Table, tuple[Any, ...]]
"""A row: its table and its key."""


class Part(NamedTuple):
    """What one fact does to one row: the columns that it says something of, and those of them that are private."""

    fact: Fact
    change: Change
    columns: dict[str, Any]
    private: frozenset[str]

    @property
    def place(self) -> Place:
        return self.change.table, self.change.key


def parts(facts: Iterable[Fact]) -> Iterator[Part]:
    """What these facts do to rows, in order; nothing for a fact that an operator skipped, or that no projector reads."""
    found = list(facts)
    left_out = _skipped(found)
    for fact in found:
        for projector in projectors:
            if (projector.name, fact.position) not in left_out:
                yield from parts_of(projector, fact)


def _skipped(facts: list[Fact]) -> set[tuple[str, int]]:
    positions = [fact.position for fact in facts]
    wanted = b"SELECT projector, position FROM eventstore_skipped WHERE position = ANY(%s::bigint[])"
    return {(projector, position) for projector, position in rows(wanted, (positions,))}


def parts_of(projector: Projector, fact: Fact) -> Iterator[Part]:
    """What a projector makes of a fact; nothing if it can't read it."""
    try:
        for change in projector.project(fact):
            columns = _columns(change)
            yield Part(fact, change, columns, _private(fact, columns))
    except FutureEvent:
        return


def _columns(change: Change) -> dict[str, Any]:
    """Those that a change says something of: not the key, nor what a whole row leaves as every row begins."""
    match change:
        case Drop():
            return {}
        case Put():
            silent = change.table.beginning
            said = change.row.items()
            return {
                name: value
                for name, value in said
                if name not in change.table.keys and not (name in silent and silent[name] == value)
            }
        case _:
            return dict(change.columns)


def _private(fact: Fact, columns: dict[str, Any]) -> frozenset[str]:
    """All columns that are neither said by a public field of the fact, nor by when and where it was recorded.

    Of a fact without private fields nothing is private, whatever a projector makes of it.
    """
    publication, event = PUBLIC.get(fact.type), fact.event
    names = frozenset(type(event).__slots__)
    if publication and names <= publication.fields:
        return frozenset()
    public = publication.fields if publication else frozenset()
    said = [getattr(event, name) for name in public]
    said += [fact.recorded_at, fact.position, fact.version] if publication else []
    return frozenset(name for name, value in columns.items() if value not in said)


@dataclass(slots=True)
class Row:
    """A row as far as some facts tell it: `whole` if one of them wrote it, else only what they change and count.

    `values` are what they say, by column; `numbers` what they add where they do not say from what on.
    """

    place: Place
    whole: bool = False
    gone: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    beginning: dict[str, Any] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)

    def take(self, part: Part) -> None:
        match part.change:
            case Put():
                self.whole, self.gone, self.numbers = True, False, {}
                self.values = dict(part.columns)
                self.beginning = {
                    name: value for name, value in part.change.row.items() if name not in part.columns
                }
            case Drop():
                self.gone, self.whole, self.values, self.numbers = True, False, {}, {}
            case Set():
                self.values.update(part.columns)
            case Add():
                self._add(part.columns)
        self.private |= part.private

    def _add(self, numbers: dict[str, Any]) -> None:
        for name, by in numbers.items():
            start = self.values.get(name, self.beginning.get(name) if self.whole else None)
            if start is None:
                self.numbers[name] = self.numbers.get(name, 0) + by
            else:
                self.values[name] = start + by


def fold(found: Iterable[Part]) -> dict[Place, Row]:
    """The rows that these parts come to, in the order in which they first appear."""
    folded: dict[Place, Row] = {}
    for part in found:
        folded.setdefault(part.place, Row(part.place)).take(part)
    return folded


def at_present(places: Iterable[Place]) -> dict[Place, dict[str, Any]]:
    """These rows as they are in their tables; one statement for each table."""
    by_table: dict[Table, list[tuple[Any, ...]]] = {}
    for table, key in places:
        by_table.setdefault(table, []).append(key)
    found = {}
    for table, keys in by_table.items():
        wanted = keys if len(table.keys) > 1 else [key for (key,) in keys]
        for row in table.model._default_manager.filter(pk__in=wanted).values(*table.columns):  # noqa: SLF001
            found[table, table.key(row)] = row
    return found


def row_url(model: type[models.Model], key: tuple[Any, ...]) -> str:
    """The admin's page of a row, if its table has one."""
    meta = model._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=key)
    except NoReverseMatch:
        return ""
