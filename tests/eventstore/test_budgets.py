"""How often something may be tried: counted at once, by the database's clock, and by nobody's name."""

import pytest

from eventstore import budgets
from eventstore.budgets import Counter, Limit, TooMany, spend
from tests.eventstore.tools import ask, at_once, one

FEW = Limit(10, 900)
WIDE = Limit(1_000, 60)
AT_ONCE = 50


def counter(who="jake@conduit.example", what="sign-in account", limit=FEW):
    return Counter(what, who, limit)


def outcome(*counters):
    try:
        spend(*counters)
    except TooMany as refusal:
        return refusal
    return None


def count_of(counter):
    return one("SELECT count FROM eventstore_spending WHERE key = %s", counter.key)


def test_fifty_tries_at_once_count_fifty_and_no_more_are_let_in_than_may_be(database):
    assert at_once(AT_ONCE, lambda _: outcome(counter(limit=WIDE))) == [None] * AT_ONCE
    assert count_of(counter(limit=WIDE)) == AT_ONCE
    few = counter("jane@conduit.example")
    outcomes = at_once(AT_ONCE, lambda _: outcome(few))
    assert outcomes.count(None) == FEW.most
    assert {type(each) for each in outcomes} == {type(None), TooMany}


def test_many_good_tries_at_once_keep_nobody_out_afterwards(database):
    let_in = [spend(counter()) for _ in range(FEW.most)]
    assert [outcome(counter()).what for _ in range(AT_ONCE)] == ["sign-in account"] * AT_ONCE
    for each in let_in:
        each.give_back()
    assert [outcome(counter()) for _ in range(FEW.most - 1)] == [None] * (FEW.most - 1)
    assert outcome(counter()) is not None


def test_what_is_given_back_is_this_try_and_no_other_and_only_in_its_own_window(database):
    first = spend(counter())
    second = spend(counter())
    first.give_back()
    first.give_back()
    assert count_of(counter()) == 1
    ask(
        "UPDATE eventstore_spending SET began = began - interval '1 h', ends = ends - interval '1 h' RETURNING 1"
    )
    spend(counter())
    second.give_back()
    assert count_of(counter()) == 1


def test_whoever_is_refused_by_a_narrow_counter_spends_nothing_of_a_wide_one_and_the_other_way_round(
    database,
):
    peer, everybody = counter("203.0.113.7", "peer", Limit(1, 60)), counter("all", "all", Limit(2, 60))
    assert outcome(peer, everybody) is None
    assert [outcome(peer, everybody).what for _ in range(5)] == ["peer"] * 5
    assert count_of(everybody) == 1
    others = [counter(f"203.0.113.{nth}", "peer", Limit(1, 60)) for nth in (8, 9)]
    assert [getattr(outcome(other, everybody), "what", None) for other in others] == [None, "all"]
    assert [count_of(other) for other in others] == [1, 0]


@pytest.mark.parametrize(
    ("hours", "over"), [("3 h", True), ("-3 h", True), ("20 days", True), ("0.2 s", False), ("-1 min", False)]
)
def test_a_window_is_over_at_its_end_and_if_the_clock_was_put_back_before_it_began(database, hours, over):
    for _ in range(FEW.most):
        spend(counter())
    ask(
        "UPDATE eventstore_spending SET began = began + %s::interval, ends = ends + %s::interval RETURNING 1",
        hours,
        hours,
    )
    assert (outcome(counter()) is None) == over
    assert count_of(counter()) == (1 if over else FEW.most + 1)


def test_the_words_and_the_seconds_say_when_to_come_again(database):
    for _ in range(FEW.most):
        spend(counter())
    refusal = outcome(counter())
    assert 880 < refusal.retry_after_s <= 900
    assert str(refusal) == "Too many tries. Please try again in 15 minutes."
    assert [budgets._in_words(seconds) for seconds in (1, 59, 120, 121)] == [
        *("a second", "59 seconds", "2 minutes", "3 minutes"),
    ]


def test_nobody_who_is_counted_can_be_read_in_the_table_and_the_key_decides(database, settings):
    spend(counter(), counter("203.0.113.7", "sign-in peer", WIDE))
    said = str(ask("SELECT spending::text FROM eventstore_spending AS spending"))
    assert not any(word in said for word in ("jake", "203", "sign-in", b"jake".hex(), b"203.0".hex()))
    before = counter().key
    settings.SECRET_KEY = "another"
    assert counter().key != before


def test_what_is_over_is_tidied_away_and_what_goes_on_is_not(database, monkeypatch):
    over, ahead, going = counter("over"), counter("ahead"), counter("going")
    spend(over, ahead)
    for each, by in ((over, "-1 h"), (ahead, "1 h")):
        ask(
            "UPDATE eventstore_spending SET began = began + %s::interval, ends = ends + %s::interval"
            " WHERE key = %s RETURNING 1",
            by,
            by,
            each.key,
        )
    spend(going)
    monkeypatch.setattr(budgets.tidy, "_due", 0.0)
    spend(counter("another"))
    keys = {bytes(key) for (key,) in ask("SELECT key FROM eventstore_spending")}
    assert keys == {going.key, counter("another").key}


def test_any_text_can_be_counted(database):
    for who in ("\ud800", "\0", "x" * 300_000, "аdmin", ""):
        assert outcome(counter(who)) is None
