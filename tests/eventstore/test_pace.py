"""Work that is to be slow is slow on average, and never while others wait for it."""

import pytest

from eventstore import pace
from eventstore.database import in_transaction
from eventstore.dispatch import dispatch
from eventstore.pace import Pace
from eventstore.rebuild import Rebuild
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only by sleeping, and by being told to."""
    now = [100.0]
    monkeypatch.setattr(pace, "monotonic", lambda: now[0])
    monkeypatch.setattr(pace, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def test_so_many_a_second_and_no_more(clock):
    slowly = Pace(100)
    for _ in range(10):
        slowly(50)
    assert clock[0] == pytest.approx(100 + 9 * 0.5)


def test_time_that_the_work_took_counts(clock):
    slowly = Pace(100)
    slowly(100)
    clock[0] += 5
    slowly(100)
    assert clock[0] == 105


def test_a_rebuild_paces_its_history_and_holds_nothing_meanwhile(shelf):
    for nth in range(10):
        dispatch(AddBeans(jar=str(nth), count=1))
    told = []
    result = Rebuild(beans.shelf, batch=4, pace=lambda facts: told.append((facts, in_transaction()))).run()
    assert result.events == 10
    assert sum(facts for facts, _ in told) == 10
    assert len(told) == 3
    assert not any(held for _, held in told)
