"""What is kept of the latest facts: all there is to tell after `start`, and no more than so many positions of it."""

import pytest

from eventstore import codec
from eventstore.live import recent as module
from eventstore.live.position import Standing
from eventstore.live.recent import WORDED, Recent, latest
from eventstore.live.tells import Tell
from tests.eventstore import beans
from tests.live import jars
from tests.live.facts import a_fact


class Log:
    """A log that says what it is told to say."""

    def __init__(self, patch):
        self.facts, self.passed, self.database, self.asked = [], 0, 1, 0
        patch.setattr(module, "standing", self.standing)
        patch.setattr(module.log, "between", self.between)

    def add(self, *positions, passed=True):
        self.facts += [a_fact(position) for position in positions]
        if passed:
            self.passed = self.head

    @property
    def head(self):
        return self.facts[-1].position if self.facts else 0

    def standing(self):
        return Standing(self.database, self.head, self.passed)

    def between(self, after, upto, limit):
        self.asked += 1
        return [fact for fact in self.facts if after < fact.position <= upto][:limit]


@pytest.fixture
def log(monkeypatch):
    beans.register(monkeypatch)
    codec.decoder.cache_clear()
    jars.tell(monkeypatch, jars.handful)
    yield Log(monkeypatch)
    codec.decoder.cache_clear()


def heard(recent, after):
    found = recent.since(after)
    return found and ([item.position for item in found.items], found.position)


def test_what_has_come_is_heard_in_order_up_to_where_the_projectors_are(log):
    recent = Recent()
    log.add(1, 2, 4)
    log.add(5, passed=False)
    recent.advance()
    assert heard(recent, 0) == ([1, 2, 4], 4)
    assert heard(recent, 1) == ([2, 4], 4)
    assert heard(recent, 3) == ([4], 4)
    assert heard(recent, 4) == ([], 4)
    assert heard(recent, 5) is None
    log.passed = 5
    recent.advance()
    assert heard(recent, 4) == ([5], 5)


def test_while_nothing_happens_nothing_more_is_asked(log):
    recent = Recent()
    log.add(1, 2)
    recent.advance()
    recent.advance()
    assert log.asked == 1


def test_no_more_positions_than_so_many_are_kept(log):
    recent = Recent(10)
    log.add(*range(1, 8))
    recent.advance()
    log.add(*range(8, 15))
    recent.advance()
    assert (recent.start, recent.end, len(recent._items)) == (4, 14, 10)
    assert heard(recent, 3) is None
    assert heard(recent, 4) == (list(range(5, 15)), 14)


def test_who_has_not_looked_for_long_begins_anew_where_the_log_is_now(log):
    recent = Recent(10)
    log.add(1)
    recent.advance()
    log.add(*range(2, 1000))
    log.asked = 0
    recent.advance()
    assert (recent.start, recent.end, len(recent._items)) == (989, 999, 10)
    assert log.asked <= 2


def test_what_is_before_the_projectors_is_caught_up_with_at_one_go(log):
    recent = Recent(10)
    log.add(*range(1, 20))
    log.passed = 10
    recent.advance()
    log.passed = 19
    recent.advance()
    assert heard(recent, 9) == (list(range(10, 20)), 19)


@pytest.mark.parametrize("change", ["another database", "an older state"])
def test_another_log_begins_anew(log, change):
    recent = Recent(10)
    log.add(*range(1, 30))
    recent.advance()
    if change == "another database":
        log.database = 2
        log.facts = [a_fact(position, "2") for position in range(1, 33)]
    else:
        log.facts = log.facts[:25]
    log.passed = log.head
    recent.advance()
    assert (recent.start, recent.end) == (log.head - 10, log.head)
    assert {item.tell.room for item in recent._items} == {"jar:1" if change == "an older state" else "jar:2"}
    assert heard(recent, log.head - 11) is None


def test_while_no_projector_runs_nothing_moves(log):
    recent = Recent()
    log.add(1, 2)
    recent.advance()
    log.passed = None
    log.add(3, passed=False)
    recent.advance()
    assert (recent.start, recent.end) == (0, 2)


def test_a_projector_that_falls_back_takes_nothing_with_it(log):
    recent = Recent()
    log.add(1, 2, 3)
    recent.advance()
    log.passed = 1
    recent.advance()
    assert heard(recent, 0) == ([1, 2, 3], 3)


def test_words_are_made_once_and_only_of_the_latest_are_they_kept(log, monkeypatch):
    said = []

    def teller(event, fact):
        yield Tell("room", "kind", str(fact.position), lambda: said.append(fact.position) or "word")

    jars.tell(monkeypatch, teller)
    recent = Recent()
    log.add(1)
    recent.advance()
    [item] = recent.since(0).items
    assert (said, item.words, item.words, said) == ([1], b'[1,"kind","1","word"]', item.words, [1])
    log.add(*range(2, WORDED + 2))
    recent.advance()
    assert item.words
    assert said == [1, 1]


def test_of_what_comes_more_than_once_the_last_is_enough_in_the_order_of_the_last(log, monkeypatch):
    def teller(event, fact):
        yield Tell("a", "count", str(event.count % 2), event.count)
        yield Tell(lambda rooms: [room for room in rooms if room > "a"], "count", "", event.count)

    jars.tell(monkeypatch, teller)
    recent = Recent()
    log.add(1, 2, 3)
    recent.advance()
    found = latest(recent.since(0).items, ["a", "b", "c"])
    assert {key: item.position for key, item in found.items()} == {
        ("a", "count", "0"): 2,
        ("a", "count", "1"): 3,
        ("b", "count", ""): 3,
        ("c", "count", ""): 3,
    }
    assert latest(recent.since(0).items, ["d!"]).keys() == {("d!", "count", "")}
    assert latest(recent.since(0).items, []) == {}
