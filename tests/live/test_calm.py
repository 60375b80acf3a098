"""What moves is told at most so often, and the latest of it in the end."""

from eventstore.live import calm as calms
from eventstore.live.calm import Calm
from eventstore.live.recent import Item
from eventstore.live.tells import Tell
from eventstore.log import END
from tests.live.facts import a_fact

ROOM = "room"


def found(*items):
    return {(ROOM, item.tell.kind, item.tell.key): item for item in items}


def moved(position, key="k", every_s=5.0):
    return Item(a_fact(position), Tell(ROOM, "count", key, position, every_s))


def positions(calm, *items, now):
    """What may be told now, and is."""
    ready = calm.filter(found(*items), now)
    calm.told(ready, now)
    return [item.position for item in ready.values()]


def test_what_is_not_to_be_calm_is_told_at_once_and_every_time():
    calm = Calm()
    assert positions(calm, moved(1, every_s=0), now=0) == [1]
    assert positions(calm, moved(2, every_s=0), now=0) == [2]
    assert (calm._told, calm.held_from()) == ({}, END)


def test_what_was_told_a_moment_ago_waits_and_only_the_latest_of_it_is_told():
    calm = Calm()
    assert positions(calm, moved(1), now=0) == [1]
    assert positions(calm, moved(2), now=1) == []
    assert positions(calm, moved(3), now=4.9) == []
    assert positions(calm, now=4.99) == []
    assert positions(calm, now=5) == [3]
    assert positions(calm, now=100) == []


def test_each_key_waits_for_itself():
    calm = Calm()
    assert positions(calm, moved(1, "a"), now=0) == [1]
    assert positions(calm, moved(2, "a"), moved(3, "b"), now=1) == [3]
    assert positions(calm, moved(4, "b"), now=5) == [2]
    assert positions(calm, now=6) == [4]


def test_a_position_is_only_reached_when_nothing_before_it_is_held_back():
    calm = Calm()
    positions(calm, moved(1), moved(1, "b"), now=0)
    assert calm.held_from() == END
    positions(calm, moved(5), now=1)
    positions(calm, moved(7), moved(6, "b"), now=2)
    assert calm.held_from() == 5
    ready = calm.filter({}, 5.0)
    assert (calm.held_from(ready), calm.held_from()) == (END, 5)
    calm.told(ready, 5.0)
    assert calm.held_from() == END


def test_what_could_not_be_said_may_be_said_at_once_and_is_not_forgotten():
    calm = Calm()
    positions(calm, moved(1), now=0)
    positions(calm, moved(2), now=1)
    assert [item.position for item in calm.filter({}, 5.0).values()] == [2]
    assert positions(calm, now=5.1) == [2]


def test_it_says_when_to_look_again(monkeypatch):
    calm = Calm()
    monkeypatch.setattr(calms, "monotonic", lambda: 3.0)
    positions(calm, moved(1), now=0)
    assert calm.next(0.1) == 0.1
    positions(calm, moved(2), now=1)
    assert calm.next(10.0) == 2.0
    assert calm.next(0.1) == 0.1
    monkeypatch.setattr(calms, "monotonic", lambda: 9.0)
    assert calm.next(10.0) == 0.0


def test_what_was_told_long_ago_is_forgotten_and_what_waits_is_not(monkeypatch):
    monkeypatch.setattr(calms, "FORGET", 100)
    calm = Calm()
    for nth in range(1000):
        positions(calm, moved(nth, str(nth)), now=nth)
    assert len(calm._told) <= 102
    positions(calm, moved(2000, "999"), now=1000)
    for nth in range(1000):
        positions(calm, moved(nth, f"more {nth}"), now=1003 + nth / 1000)
    assert calm.held_from() == 2000
    assert positions(calm, now=1004.5) == [2000]
