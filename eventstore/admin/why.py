"""Why a row is as it is: the facts that made it so, each with its part in it, and the proof that they explain it.

The proof: what these facts come to is folded anew and compared with the row. What they do not explain is named.
"""

from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from eventstore import telling
from eventstore.admin import values
from eventstore.admin.facts import Told, behind, told
from eventstore.admin.permissions import demand
from eventstore.admin.records import Sight, sight
from eventstore.admin.rows import Part, Place, Row, fold, parts
from eventstore.admin.site import Crumb, page, respond
from eventstore.database import rows, sql
from eventstore.inspection.limits import bounded
from eventstore.log import Fact
from eventstore.projector import projectors
from eventstore.tables import Table, table_of

MOST = 500
"""Facts that a page looks at."""


class Reason(NamedTuple):
    """A fact in words, and what it did to the row: columns with their values, as far as they may be seen."""

    told: Told
    verb: str
    columns: list[tuple[str, str]]


VERBS = {"Put": "wrote", "Set": "changed", "Add": "counted", "Drop": "removed"}


@page("why/<str:label>/<path:key>/", name="why", posts=True)
def why(request: HttpRequest, label: str, key: str) -> HttpResponse:
    """The facts behind a row of a read model."""
    row = _row(request, label, key)
    allowed = sight(request, f"why {label} {row.pk}")
    streams = telling.origins_of(row)
    found = _facts(streams or [])
    place: Place = (table_of(type(row)), (row.pk,))
    made = [part for part in parts(found[:MOST]) if part.place == place]
    allowed = allowed.about(any(part.private for part in made))
    return respond(
        request,
        "why.html",
        f"Why is this {row._meta.verbose_name} as it is?",
        crumbs=_crumbs(row),
        row=row,
        streams=streams,
        cut=len(found) > MOST,
        most=MOST,
        reasons=_reasons(made, allowed),
        unexplained=_unexplained(row, fold(made).get(place)),
        sight=allowed,
    )


def _crumbs(row: models.Model) -> list[Crumb]:
    """The way back to the row, and to the others of its kind."""
    meta = row._meta
    name = f"admin:{meta.app_label}_{meta.model_name}"
    return [
        (reverse(f"{name}_changelist"), str(meta.verbose_name_plural).capitalize()),
        (reverse(f"{name}_change", args=[row.pk]), str(row)),
    ]


def _row(request: HttpRequest, label: str, key: str) -> models.Model:
    """A row of a table that a projector keeps and the admin has a page for."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        raise Http404 from None
    if not any(model in projector.tables for projector in projectors) or model._meta.is_composite_pk:
        raise Http404
    demand(request, f"{model._meta.app_label}.view_{model._meta.model_name}")
    try:
        found: models.Model | None = model._default_manager.filter(pk=key).first()  # noqa: SLF001
    except (ValidationError, ValueError):
        found = None
    if found is None:
        raise Http404
    return found


def _facts(streams: list[str]) -> list[Fact]:
    if not streams:
        return []
    with bounded():
        found = rows(sql("facts_of_streams"), {"streams": streams, "limit": MOST + 1})
    return list(map(Fact._make, found))


def _reasons(made: list[Part], allowed: Sight) -> list[Reason]:
    facts = [part.fact for part in made]
    sentences = told(facts, allowed, behind(facts))
    return [
        Reason(sentence, VERBS[type(part.change).__name__], _columns(part, allowed))
        for part, sentence in zip(made, sentences, strict=True)
    ]


def _columns(part: Part, allowed: Sight) -> list[tuple[str, str]]:
    if not allowed.payloads:
        return [(name, "") for name in part.columns]
    hidden = frozenset() if allowed.personal else part.private
    sign = "+" if type(part.change).__name__ == "Add" else ""
    return [
        (name, allowed.instead if name in hidden else _signed(value, sign))
        for name, value in part.columns.items()
    ]


def _signed(value: Any, sign: str) -> str:
    return f"{value:{sign}d}" if sign else values.cell(value)


def _unexplained(row: models.Model, folded: Row | None) -> list[str]:
    """The columns that the facts which were found do not come to."""
    table = table_of(type(row))
    explained = _explained(table, folded)
    return [
        name
        for name in table.columns
        if name not in table.keys and explained.get(name) != getattr(row, name, None)
    ]


def _explained(table: Table, folded: Row | None) -> dict[str, Any]:
    """The columns that the facts come to; counting alone makes a row where a table has beginnings for all columns."""
    if folded is None:
        return {}
    if folded.whole:
        return {**folded.beginning, **folded.values}
    blank = table.blank(folded.place[1]) or {}
    counted = {name: blank[name] + by for name, by in folded.numbers.items() if name in blank}
    return {**blank, **folded.values, **counted}
