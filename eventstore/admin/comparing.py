"""Rows side by side: at a version of a stream, at another one, and as they are now in their tables."""

from typing import Any, NamedTuple

from eventstore.admin import values
from eventstore.admin.records import Sight
from eventstore.admin.rows import Part, Place, Row, at_present, fold, row_url

OPEN = "—"
"""Stands for what these facts do not tell."""

MOST_TABLES = 2


class Cell(NamedTuple):
    """A column: at the one version, at the other, now; `moved` if the two versions differ."""

    name: str
    at: str
    since: str
    now: str
    moved: bool

    @classmethod
    def of(cls, name: str, text: str) -> "Cell":
        """The same text wherever it is."""
        return cls(name, text, text, text, moved=False)


class Compared(NamedTuple):
    """A row that the facts of a stream wrote, or have a part in; `known` if it was looked up as it is now."""

    table: str
    key: str
    url: str
    whole: bool
    gone: bool
    cells: list[Cell]
    known: bool = True


def compared(found: list[Part], version: int, since: int | None, allowed: Sight) -> list[Compared]:
    """Every row that the facts up to either version have a part in, whole rows first."""
    at = fold(part for part in found if part.fact.version <= version)
    other = {} if since is None else fold(part for part in found if part.fact.version <= since)
    places = sorted({**other, **at}, key=lambda place: not _whole(at, other, place))
    looked_up = _of_few_tables(places)
    now = at_present(looked_up)
    return [
        _compared(place, at.get(place), other.get(place), now.get(place), allowed)._replace(
            known=place in looked_up
        )
        for place in places
    ]


def _whole(at: dict[Place, Row], other: dict[Place, Row], place: Place) -> bool:
    return any(rows[place].whole for rows in (at, other) if place in rows)


def _of_few_tables(places: list[Place]) -> list[Place]:
    """Those of the first tables: looking up what is there now takes a statement for each."""
    tables = list(dict.fromkeys(table for table, _ in places))[:MOST_TABLES]
    return [place for place in places if place[0] in tables]


def _compared(
    place: Place, at: Row | None, since: Row | None, now: dict[str, Any] | None, allowed: Sight
) -> Compared:
    table, key = place
    rows = [row for row in (at, since) if row]
    names = dict.fromkeys(name for row in rows for name in (*row.values, *row.numbers, *row.beginning))
    private = set() if allowed.personal else set().union(*(row.private for row in rows))
    order = [name for name in table.columns if name in names and name not in table.keys]
    cells = [
        Cell.of(name, allowed.instead) if name in private else _cell(name, at, since, now) for name in order
    ]
    return Compared(
        str(table.model._meta.verbose_name),
        ", ".join(map(str, key)),
        row_url(table.model, key),
        bool(at and at.whole),
        at is None or at.gone,
        cells,
    )


def _cell(name: str, at: Row | None, since: Row | None, now: dict[str, Any] | None) -> Cell:
    present = OPEN if now is None else values.cell(now[name])
    one, other = _said(name, at), _said(name, since)
    return Cell(name, one, other, present, moved=one != other)


def _said(name: str, row: Row | None) -> str:
    if row is None or row.gone:
        return OPEN
    if name in row.values:
        return values.cell(row.values[name])
    if name in row.numbers:
        return f"{row.numbers[name]:+d}"
    return OPEN
