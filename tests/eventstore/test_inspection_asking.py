"""What may be asked of the log: a query string becomes a filter and back; what can't be meant has its words."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.http import QueryDict
from django.utils import timezone

from eventstore.inspection.asking import moment
from eventstore.inspection.commands import Asked
from eventstore.inspection.filters import Filter
from eventstore.messages import BadInput

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

FILTERS = [
    Filter(),
    Filter(types=("beans.added",)),
    Filter(types=("beans.added", "beans.labelled"), kind="jar"),
    Filter(stream="jar-ä&=%+ b", actor=UUID(int=1), correlation=UUID(int=2), command=UUID(int=3)),
    Filter(after=0, before=2**63 - 1),
    Filter(since=NOON, until=NOON + timedelta(microseconds=1)),
]

ASKED = [
    Asked(),
    Asked(
        outcome="refused",
        name="beans.add",
        actor=UUID(int=1),
        address="::1",
        stream="jar-1",
        since=NOON,
        until=NOON,
    ),
]


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_filter_survives_the_address_bar(wanted):
    query = QueryDict(urlencode(wanted.as_query(), doseq=True))
    assert Filter.from_query(query) == Filter.from_query(wanted.as_query()) == wanted


@pytest.mark.parametrize("asked", ASKED)
def test_so_does_what_is_asked_of_the_audit(asked):
    assert Asked.from_query(QueryDict(urlencode(asked.as_query()))) == asked


def test_what_is_empty_or_not_of_the_filter_is_left_alone():
    query = QueryDict("type=&kind=+&after=&page=7&o=%00&since=")
    assert Filter.from_query(query) == Filter()
    assert Filter.from_query({}).everything
    assert not Filter(after=0).everything


def test_the_same_said_twice_is_said_once():
    query = QueryDict("type=beans.added&type=beans.added&kind=jar&kind=jar")
    assert Filter.from_query(query) == Filter(types=("beans.added",), kind="jar")


BAD = {
    "kind=jar&kind=bottle": {"kind": ["is given more than once"]},
    "stream=a%00b": {"stream": ["contains a character that can't be stored (U+0000 control character)"]},
    "type=a&type=%E2%80%AE": {
        "type": ["contains a character that can't be stored (U+202E RIGHT-TO-LEFT OVERRIDE)"]
    },
    f"stream={'x' * 301}": {"stream": ["is too long (maximum is 300 characters)"]},
    "actor=jake": {"actor": ["is no id: 32 hexadecimal digits, with or without hyphens"]},
    "after=-1": {"after": ["is no position: a whole number"]},
    "after=1_0": {"after": ["is no position: a whole number"]},
    "after=%D9%A3": {"after": ["is no position: a whole number"]},
    f"before={2**63}": {"before": ["is no position: a whole number"]},
    f"before={'9' * 400}": {"before": ["is too long (maximum is 300 characters)"]},
    "after=x&before=y": {
        "after": ["is no position: a whole number"],
        "before": ["is no position: a whole number"],
    },
}


@pytest.mark.parametrize("query", BAD)
def test_what_cant_be_meant_is_told_by_name(query):
    with pytest.raises(BadInput) as refused:
        Filter.from_query(QueryDict(query))
    assert refused.value.problems == BAD[query]


@pytest.mark.parametrize(
    "time",
    ["noon", "2026-13-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "999999w", "-1h", "24:00"],
)
def test_what_is_no_time_is_told(time):
    with pytest.raises(BadInput, match="since is no time"):
        Filter.from_query({"since": time})


def test_an_outcome_is_one_of_three():
    with pytest.raises(BadInput, match="outcome is none of accepted, refused, failed"):
        Asked.from_query({"outcome": "lost"})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-23", NOON.replace(hour=0)),
        ("2026-11-23T12:00", NOON),
        ("2026-11-23 12:00:00", NOON),
        ("2026-11-23T12:00Z", NOON),
        ("2026-11-23T13:00+01:00", NOON),
        ("90s", NOON - timedelta(seconds=90)),
        ("15m", NOON - timedelta(minutes=15)),
        ("2h", NOON - timedelta(hours=2)),
        ("3d", NOON - timedelta(days=3)),
        ("1w", NOON - timedelta(weeks=1)),
    ],
)
def test_a_time_is_iso_8601_or_so_long_ago(text, meant, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    assert moment(text) == meant
