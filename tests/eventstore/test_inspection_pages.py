"""Pages of facts: by any filter and from both ends they show exactly what is meant, each fact once, in order."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from eventstore.database import rows
from eventstore.inspection import events, limits
from eventstore.inspection.events import About, about, page
from eventstore.inspection.filters import Filter
from eventstore.inspection.limits import TooMuch, bounded
from eventstore.log import END
from tests.eventstore import inspected
from tests.eventstore.inspected import JAKE, JANE, MALLORY
from tests.eventstore.tools import another


@pytest.fixture(scope="module")
def lines(shared_database):
    """Every fact of the world, the latest first."""
    with inspected.known():
        inspected.build()
    return inspected.every_line()


MEANT = {
    "everything": (Filter(), lambda line: True),
    "a type": (Filter(types=("beans.labelled",)), lambda line: line.type == "beans.labelled"),
    "two types": (
        Filter(types=("beans.labelled", "beans.sealed")),
        lambda line: line.type in ("beans.labelled", "beans.sealed"),
    ),
    "a kind": (Filter(kind="jar"), lambda line: True),
    "a kind and a type": (
        Filter(kind="jar", types=("beans.broken",)),
        lambda line: line.type == "beans.broken",
    ),
    "a stream": (Filter(stream="jar-hot"), lambda line: line.stream == "jar-hot"),
    "a stream and its kind": (Filter(stream="jar-hot", kind="jar"), lambda line: line.stream == "jar-hot"),
    "a stream and a type": (
        Filter(stream="jar-hot", types=("beans.added",)),
        lambda line: (line.stream, line.type) == ("jar-hot", "beans.added"),
    ),
    "a stream and an actor": (
        Filter(stream="jar-0", actor=MALLORY),
        lambda line: line.type == "beans.broken",
    ),
    "an actor": (Filter(actor=JAKE), lambda line: line.actor_id == JAKE),
    "an actor and a type": (
        Filter(actor=JANE, types=("beans.labelled",)),
        lambda line: line.actor_id == JANE and line.type == "beans.labelled",
    ),
    "an actor and a kind": (Filter(actor=JANE, kind="jar"), lambda line: line.actor_id == JANE),
    "after a position": (Filter(after=7), lambda line: line.position > 7),
    "between positions": (Filter(after=7, before=30), lambda line: 7 < line.position < 30),
    "a stream between positions": (
        Filter(stream="jar-hot", after=7, before=30),
        lambda line: line.stream == "jar-hot" and 7 < line.position < 30,
    ),
    "a type between positions": (
        Filter(types=("beans.added",), after=7, before=30),
        lambda line: line.type == "beans.added" and 7 < line.position < 30,
    ),
    "an actor between positions": (
        Filter(actor=JAKE, after=7, before=30),
        lambda line: line.actor_id == JAKE and 7 < line.position < 30,
    ),
    "no such type": (Filter(types=("beans.eaten",)), lambda line: False),
    "no such kind": (Filter(kind="bottle"), lambda line: False),
    "a stream of another kind": (Filter(stream="jar-hot", kind="bottle"), lambda line: False),
    "no such stream": (Filter(stream="jar-none"), lambda line: False),
    "nobody": (Filter(actor=uuid4()), lambda line: False),
    "no such command": (Filter(command=uuid4()), lambda line: False),
    "no such correlation": (Filter(correlation=uuid4()), lambda line: False),
    "beyond the head": (Filter(after=END), lambda line: False),
}


def older(wanted, limit):
    """All pages from the newest on, by the links to the older ones."""
    pages = [page(wanted, limit=limit)]
    while pages[-1].older is not None:
        pages.append(page(wanted, before=pages[-1].older, limit=limit))
    return pages


def newer(wanted, limit):
    """All pages from the oldest on, by the links to the newer ones."""
    pages = [page(wanted, after=0, limit=limit)]
    while pages[-1].newer is not None:
        pages.append(page(wanted, after=pages[-1].newer, limit=limit))
    return pages


@pytest.mark.parametrize("name", MEANT)
def test_walking_to_older_pages_shows_what_is_meant(lines, name):
    wanted, meant = MEANT[name]
    shown = [line for each in older(wanted, 4) for line in each.lines]
    assert shown == list(filter(meant, lines))


@pytest.mark.parametrize("name", MEANT)
def test_walking_to_newer_pages_shows_the_same(lines, name):
    wanted, meant = MEANT[name]
    shown = [line for each in newer(wanted, 4)[::-1] for line in each.lines]
    assert shown == list(filter(meant, lines))


@pytest.mark.parametrize("name", MEANT)
def test_a_page_links_to_what_is_there_and_no_further(lines, name):
    wanted, _ = MEANT[name]
    for pages in (older(wanted, 4), newer(wanted, 4)[::-1]):
        assert [each.newer is None for each in pages] == [True, *[False] * (len(pages) - 1)]
        assert [each.older is None for each in pages] == [*[False] * (len(pages) - 1), True]


@pytest.mark.parametrize("name", MEANT)
def test_what_is_meant_is_counted(lines, name):
    wanted, meant = MEANT[name]
    assert about(wanted) == About(len(list(filter(meant, lines))), "exactly")


def test_a_command_and_a_correlation_lead_to_their_facts(lines):
    [broken] = [line for line in lines if line.type == "beans.broken"]
    [spare] = [line for line in lines if line.stream == "jar-spare-0"]
    assert page(Filter(command=broken.command_id)).lines == (broken,)
    assert page(Filter(correlation=broken.correlation_id)).lines == (spare, broken)
    assert page(Filter(correlation=broken.correlation_id, actor=MALLORY)).lines == (broken,)


def test_times_mean_what_was_recorded_from_then_on_and_before(lines):
    since, until = lines[40].recorded_at, lines[10].recorded_at
    between = [line for line in lines if since <= line.recorded_at < until]
    assert list(page(Filter(since=since, until=until)).lines) == between
    by_jake = [line for line in between if line.actor_id == JAKE]
    assert list(page(Filter(actor=JAKE, since=since, until=until)).lines) == by_jake
    assert page(Filter(since=lines[0].recorded_at + timedelta(seconds=1))).lines == ()
    assert page(Filter(until=lines[-1].recorded_at)).lines == ()


def test_a_time_is_the_position_of_the_first_fact_from_then_on(lines):
    times = [line.recorded_at for line in lines]
    assert events.positions_at(*times) == [line.position for line in lines]
    day = timedelta(days=1)
    assert events.positions_at(times[-1] - day, times[0] + day) == [1, lines[0].position + 1]


def test_kinds_are_those_of_the_streams(lines):
    assert events.kinds() == ["jar"]


def test_minutes_count_their_facts(lines):
    minutes = events.per_minute(5)
    assert len(minutes) == 5
    assert sum(minute.facts for minute in minutes) == len(lines)
    assert minutes == sorted(minutes)


def test_where_there_is_too_much_to_look_at_minutes_count_positions(lines, monkeypatch):
    exact = events.per_minute(5)
    monkeypatch.setattr(events, "EXACTLY", 10)
    assert events.per_minute(5) == exact


def test_far_beyond_a_thousand_nobody_counts(lines, monkeypatch):
    monkeypatch.setattr(events, "ENOUGH", 20)
    assert str(about(Filter(kind="jar"))) == "20+"
    assert str(About(1000, "at least")) == "1,000+"
    with another() as raw:
        raw.execute("ANALYZE eventstore_event")
    assert str(about(Filter())) == f"about {len(lines)}"


def test_what_takes_too_long_says_so(lines, monkeypatch):
    monkeypatch.setattr(limits, "MOST_MS", 20)
    with pytest.raises(TooMuch, match="narrow your filter"), bounded():
        rows(b"SELECT pg_sleep(5)")
    assert page(Filter()).lines


def test_the_bound_is_no_longer_there_afterwards(lines):
    asked = b"SELECT current_setting('statement_timeout'), current_setting('plan_cache_mode')"
    before = rows(asked)
    with bounded(123):
        assert rows(asked) == [("123ms", "force_custom_plan")]
    assert rows(asked) == before
    with transaction.atomic():
        with bounded(123):
            assert rows(asked) == [("123ms", "force_custom_plan")]
        assert rows(asked) == before
