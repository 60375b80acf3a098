"""Specifications in the words of the domain, without a database.

given(published).when(delete).then(deleted)
given().when(delete).then_rejected(NoSuchArticle)
project(blog, published, favorited).row(Article, article_id)["favorites_count"]
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models

from eventstore import codec, text
from eventstore.changes import Add, Change, Drop, Put, Set
from eventstore.decider import decide_all, deciders, fold
from eventstore.log import Fact
from eventstore.messages import Claim, Rejection, Release, Require
from eventstore.projector import Projector
from eventstore.tables import Row, Table, table_of

BEGINNING = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Given:
    """A stream's past."""

    events: tuple[Any, ...]

    def when(self, command: object) -> "Outcome":
        """What comes of a command now; every text goes through the gate first."""
        decider = deciders.of(command)
        try:
            text.check(command)
            events, names = decide_all(decider, fold(decider, self.events), command)
        except Rejection as refusal:
            return Outcome((), (), refusal)
        return Outcome(events, names, None)


def given(*events: object) -> Given:
    """The facts that have been recorded, oldest first; none for a stream that does not exist yet."""
    return Given(tuple(_through_storage(event) for event in events))


def _through_storage(event: object) -> Any:
    return codec.decode(*codec.encode(event))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command came to."""

    events: tuple[Any, ...]
    names: tuple[Claim | Release | Require, ...]
    refusal: Rejection | None

    def then(self, *expected: object) -> "Outcome":
        """Exactly these facts were recorded."""
        assert self.refusal is None, f"refused: {self.refusal!r}"
        assert self.events == expected
        return self

    def then_nothing(self) -> "Outcome":
        """It was so already: accepted, and nothing happened."""
        return self.then()

    def then_rejected(self, refusal: type[Rejection]) -> Rejection:
        """It was refused, for this reason, and nothing was recorded."""
        assert isinstance(self.refusal, refusal), (
            f"not refused as {refusal.__name__}: {self.refusal or self.events}"
        )
        return self.refusal

    def naming(self, *expected: Claim | Release | Require) -> "Outcome":
        """Exactly these names were claimed, released or required, in any order."""
        assert set(self.names) == set(expected)
        return self


def facts(*events: object, stream: str = "stream") -> list[Fact]:
    """Events as facts of one stream, a second apart, at positions and versions 1, 2, 3…"""
    return [_fact(event, nth, stream) for nth, event in enumerate(events, start=1)]


def _fact(event: object, nth: int, stream: str) -> Fact:
    name, schema, data = codec.encode(event)
    return Fact(nth, stream, nth, name, schema, data, UUID(int=nth), BEGINNING + timedelta(seconds=nth))


class Rows:
    """Tables in memory, where row changes are applied one by one."""

    def __init__(self) -> None:
        self._tables: dict[Table, dict[tuple[Any, ...], Row]] = {}

    def apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            _APPLY[type(change)](self._tables.setdefault(change.table, {}), change)

    def row(self, model: type[models.Model], *key: Any) -> Row:
        """The row with this key, by column; a KeyError if there is none."""
        return self._tables[table_of(model)][key]

    def all(self, model: type[models.Model]) -> list[Row]:
        """Every row of a table, in the order of the keys."""
        rows = self._tables.get(table_of(model), {})
        return [rows[key] for key in sorted(rows, key=str)]


def _put(rows: dict[tuple[Any, ...], Row], change: Put) -> None:
    rows[change.key] = dict(change.row)


def _set(rows: dict[tuple[Any, ...], Row], change: Set) -> None:
    if change.key in rows:
        rows[change.key].update(change.columns)


def _add(rows: dict[tuple[Any, ...], Row], change: Add) -> None:
    row = rows.get(change.key) or change.table.blank(change.key)
    if row is not None:
        rows[change.key] = {**row, **{column: row[column] + by for column, by in change.columns.items()}}


def _drop(rows: dict[tuple[Any, ...], Row], change: Drop) -> None:
    rows.pop(change.key, None)


_APPLY: dict[type[Change], Any] = {Put: _put, Set: _set, Add: _add, Drop: _drop}


def project(projector: Projector, *events: object) -> Rows:
    """The rows that a projector makes of these facts."""
    rows = Rows()
    for fact in facts(*events):
        rows.apply(projector.project(fact))
    return rows
