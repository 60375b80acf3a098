"""Long streams are remembered, and what is remembered is never believed without looking."""

import pytest
from django.db import transaction

from eventstore import streams
from eventstore.dispatch import dispatch
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans, BeansAdded, BreakJar, JarIsBroken
from tests.eventstore.tools import another, append, at_once

pytestmark = pytest.mark.usefixtures("database")

LONG = streams.LONG


@pytest.fixture(autouse=True)
def _nothing_projected(follow, monkeypatch):
    follow()
    monkeypatch.setattr(streams, "_memory", streams._Memory(3))


@pytest.fixture
def read(monkeypatch):
    """How many facts were read, stream by stream."""
    counts, rows = [], streams.rows

    def counting(*statement):
        found = rows(*statement)
        counts.append(len(found))
        return found

    monkeypatch.setattr(streams, "rows", counting)
    return counts


def fill(jar, count, after=0):
    append(f"jar-{jar}", after, [BeansAdded(jar=jar, count=1)] * count)


def loaded(jar="1"):
    return streams.load(beans, f"jar-{jar}")


def test_a_long_stream_is_read_from_where_it_was_left(read):
    fill("1", LONG)
    assert loaded().version == LONG
    fill("1", 2, after=LONG)
    assert loaded().version == LONG + 2
    assert loaded().version == LONG + 2
    assert read == [LONG, 3, 1]


def test_a_short_stream_is_not_remembered(read):
    fill("1", LONG - 1)
    loaded(), loaded()
    assert read == [LONG - 1] * 2


def test_what_others_added_is_seen(read):
    fill("1", LONG)
    assert not loaded().state.broken
    at_once(1, lambda _: dispatch(BreakJar(jar="1")))
    assert loaded().state.broken
    with pytest.raises(JarIsBroken):
        dispatch(AddBeans(jar="1"))


def test_what_was_rolled_back_is_forgotten():
    fill("1", LONG)
    with transaction.atomic():
        dispatch(BreakJar(jar="1"))
        with pytest.raises(JarIsBroken):
            dispatch(AddBeans(jar="1"))
        transaction.set_rollback(True)
    assert not loaded().state.broken
    assert dispatch(AddBeans(jar="1")).events


def test_a_log_that_was_restored_is_read_anew():
    fill("1", LONG)
    loaded()
    with another() as raw:
        raw.execute("ALTER TABLE eventstore_event DISABLE TRIGGER ALL")
        raw.execute("DELETE FROM eventstore_event")
    append("jar-1", 0, [beans.JarBroken(jar="1"), *[BeansAdded(jar="1", count=1)] * (LONG - 1)])
    assert loaded().state.broken


def test_only_the_streams_asked_for_last_are_remembered(read):
    for jar in "1234":
        fill(jar, LONG)
        loaded(jar)
    loaded("4"), loaded("1")
    assert read == [LONG] * 4 + [1, LONG]


def test_an_empty_stream_is_at_version_0():
    assert loaded() == streams.Folded(beans.initial, 0, None)
