"""What a rebuild would take, measured on a sample that leaves nothing behind."""

import pytest

from eventstore import estimate as estimating
from eventstore.dispatch import dispatch
from eventstore.estimate import estimate
from eventstore.parking import skip
from eventstore.status import standing
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans, SealJar, Shelf
from tests.eventstore.test_rebuild import clumsy
from tests.eventstore.tools import add, append, one, stored


@pytest.fixture(autouse=True)
def _jars(shelf):
    for jar in "abc":
        dispatch(AddBeans(jar=jar, count=5))
    dispatch(SealJar(jar="a"))


def everything():
    schemas = one(
        "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'sample%%' OR nspname LIKE 'rebuild%%'"
    )
    return stored(), list(Shelf.objects.order_by("id").values()), standing(beans.shelf)[:4], schemas


def test_what_the_projector_follows_and_the_rows_that_it_has_are_counted():
    found = estimate(beans.shelf)
    assert (found.projector, found.events, found.exact) == ("beans.shelf", 3, True)
    assert (found.rows, found.sampled, found.trouble) == ({"beans_shelf": 3}, 3, "")
    assert found.seconds == found.events / found.events_per_s


def test_it_leaves_everything_as_it_was():
    before = everything()
    for _ in range(3):
        estimate(beans.shelf)
    assert everything() == before
    assert one("SHOW search_path") == '"$user", public'
    dispatch(AddBeans(jar="a", count=1))
    assert Shelf.objects.get(id="a").beans == 6


def test_there_is_nothing_to_measure_in_a_log_that_says_nothing_to_it():
    found = estimate(beans.bowls)
    assert (found.events, found.sampled, found.seconds) == (0, 0, None)


def test_beyond_what_is_counted_the_number_is_an_estimate(monkeypatch):
    monkeypatch.setattr(estimating, "MOST", 2)
    found = estimate(beans.shelf)
    assert not found.exact
    assert found.events >= 3


def test_a_sample_has_an_end(monkeypatch):
    monkeypatch.setattr(estimating, "SAMPLE", 2)
    monkeypatch.setattr(estimating, "PAGE", 1)
    assert estimate(beans.shelf).sampled == 2
    monkeypatch.setattr(estimating, "SECONDS", 0)
    assert estimate(beans.shelf).sampled == 0


def test_a_fact_that_can_not_be_applied_is_told_beforehand(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(beans.shelf._handlers, "beans.added", [clumsy])
        assert estimate(beans.shelf).trouble == "1 (beans.added): ZeroDivisionError: no beans"
    assert estimate(beans.shelf).trouble == ""


def test_a_row_that_does_not_fit_is_told_unless_its_fact_is_skipped():
    append("jar-x", events=[beans.JarLabelled(jar="x", label="far too long a label")])
    add("a", 1)
    dispatch(AddBeans(jar="b"))
    assert estimate(beans.shelf).trouble.startswith("DataError: value too long")
    skip("beans.shelf", 5, "a test that got into the log")
    assert estimate(beans.shelf).trouble == ""
