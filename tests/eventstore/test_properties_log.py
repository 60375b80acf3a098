"""The log against a list: appends that stand, are refused or are rolled back; reading it from anywhere, in any
direction and in pages of any size; catching up in batches of any size."""

from collections import defaultdict
from contextlib import contextmanager
from itertools import takewhile
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as any_
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from eventstore import log, store
from eventstore.catch_up import catch_up
from eventstore.messages import AlreadyTaken, Claim, Missing, Release, Require
from tests.eventstore import beans
from tests.eventstore.beans import BeansAdded, BeansPoured, JarBroken, JarLabelled, PeasCounted, Shelf
from tests.eventstore.tools import append, open_writer

BUSY = [HealthCheck.too_slow]
"""Others may be using the machine."""

jars = any_.sampled_from("abc")
labels = any_.sampled_from(["red", "blue"])
counts = any_.integers(1, 9)
pages = any_.sampled_from([1, 2, 3, 500])
happenings = any_.lists(
    any_.one_of(
        any_.builds(BeansAdded, jar=any_.just(""), count=counts, note=any_.none() | any_.just("for soup")),
        any_.builds(JarLabelled, jar=any_.just(""), label=labels),
        any_.builds(JarBroken, jar=any_.just("")),
        any_.builds(PeasCounted, bowl=any_.just("b"), peas=counts),
    ),
    min_size=1,
    max_size=4,
)
TYPES = ("beans.added", "beans.labelled", "beans.broken", "beans.poured", "peas.counted")


class Log(RuleBasedStateMachine):
    """Facts in the order of their positions, (position, stream, version, type); names, and who holds them."""

    @initialize()
    def begin(self):
        """Behind what other runs have left, in streams of one's own."""
        self.here = f"{uuid4()}"[:8]
        self.beginning = log.head()
        self.facts, self.events, self.held, self.command_ids = [], [], {}, []

    # Writing

    def stream(self, jar):
        return f"jar-{self.here}-{jar}"

    def version(self, jar):
        return sum(stream == self.stream(jar) for _, stream, _, _ in self.facts)

    def about(self, jar, events):
        return [type(event)(**_fields(event) | {"jar": f"{self.here}-{jar}"}) for event in events]

    def append(self, jar, events, names=(), after=None):
        """Appends; the facts that have to be in the log if that stands."""
        command_id, version = uuid4(), self.version(jar) if after is None else after
        events = [
            event if isinstance(event, PeasCounted) else self.about(jar, [event])[0] for event in events
        ]
        positions = append(self.stream(jar), version, events, names, command_id)
        self.command_ids.append(command_id)
        kinds = [_TYPES[type(event)] for event in events]
        versions = range(version + 1, version + len(events) + 1)
        streams = [self.stream(jar)] * len(events)
        return list(zip(positions, streams, versions, kinds, strict=True)), events

    def stands(self, appended):
        facts, events = appended
        self.facts += facts
        self.events += events

    @contextmanager
    def refused(self, refusal):
        before = log.head()
        with pytest.raises(refusal):
            yield
        assert log.head() == before

    @rule(jar=jars, events=happenings)
    def append_some(self, jar, events):
        self.stands(self.append(jar, events))

    @rule(jar=jars, events=happenings, off=any_.sampled_from([-2, -1, 1, 5]))
    def append_at_a_wrong_version(self, jar, events, off):
        version = self.version(jar) + off
        if version >= 0:
            with self.refused(store.StreamMoved):
                self.append(jar, events, after=version)

    @rule(jar=jars, events=happenings, label=labels, keep=any_.booleans())
    def claim_or_release_a_name(self, jar, events, label, keep):
        name = (Claim if keep else Release)("label", f"{self.here} {label}")
        if keep and self.held.get(label, jar) != jar:
            with self.refused(AlreadyTaken):
                self.append(jar, events, [name])
            return
        self.stands(self.append(jar, events, [name]))
        if keep:
            self.held[label] = jar
        elif self.held.get(label) == jar:
            del self.held[label]

    @rule(jar=jars, label=labels)
    def require_a_name(self, jar, label):
        poured, names = [BeansPoured(jar="", into=label)], [Require("label", f"{self.here} {label}")]
        if label in self.held:
            self.stands(self.append(jar, poured, names))
        else:
            with self.refused(Missing):
                self.append(jar, poured, names)

    @precondition(lambda self: self.command_ids)
    @rule(jar=jars, nth=any_.integers(0, 100))
    def send_a_command_again(self, jar, nth):
        command_id = self.command_ids[nth % len(self.command_ids)]
        with self.refused(store.CommandKnown):
            append(self.stream(jar), self.version(jar), command_id=command_id)

    @rule(jar=jars, events=happenings, label=labels)
    def append_and_roll_back(self, jar, events, label):
        """Which leaves a hole in the positions, and neither the name nor the command's id."""
        with transaction.atomic():
            self.append(jar, events, [] if label in self.held else [Claim("label", f"{self.here} {label}")])
            self.command_ids.pop()
            transaction.set_rollback(True)

    @rule(jar=jars, first=happenings, second=happenings, third=happenings)
    def append_around_a_savepoint(self, jar, first, second, third):
        with transaction.atomic():
            self.stands(self.append(jar, first))
            with transaction.atomic():
                self.append(jar, second)
                self.command_ids.pop()
                transaction.set_rollback(True)
            self.stands(self.append(jar, third))

    @rule(jar=jars, events=happenings, late=any_.integers(1, 3), stays=any_.booleans())
    def append_while_somebody_else_does(self, jar, events, late, stays):
        """Nobody reads past what is open; afterwards it stands where its positions are."""
        stream, end = f"jar-{self.here}-{uuid4()}", log.head()
        with open_writer(stream, versions=late) as writer:
            mine = self.append(jar, events)
            assert log.settled(end, patience_s=0.001) == []
            if stays:
                writer.commit()
        if stays:
            first = mine[0][0][0] - late
            facts = [(first + nth, stream, nth + 1, "beans.added") for nth in range(late)]
            self.stands((facts, [BeansAdded(jar="1", count=1)] * late))
        self.stands(mine)

    # Reading

    @rule(page=pages, off=any_.integers(0, 100), kinds=any_.lists(any_.sampled_from(TYPES), unique=True))
    def read_the_log(self, page, off, kinds):
        at = min(self.beginning + off, log.head() + 1)
        later = [fact for fact in self.facts if fact[0] > at]
        assert _short(log.read_all(at, page)) == later
        assert _short(log.read_types(kinds, at, page)) == [fact for fact in later if fact[3] in kinds]
        earlier = [fact for fact in reversed(self.facts) if fact[0] < at]
        mine = takewhile(lambda fact: fact.position > self.beginning, log.read_all_backwards(at, page))
        assert _short(mine) == earlier

    @rule(jar=jars, page=pages, version=any_.integers(0, 12))
    def read_a_stream(self, jar, page, version):
        stream = [fact for fact in self.facts if fact[1] == self.stream(jar)]
        assert [fact[2] for fact in stream] == list(range(1, len(stream) + 1))
        assert _short(log.read_stream(self.stream(jar), version, page)) == stream[version:]
        earlier = [fact for fact in reversed(stream) if fact[2] < version]
        assert _short(log.read_stream_backwards(self.stream(jar), version, page)) == earlier

    # Catching up

    @rule(page=pages)
    def catch_up_with_everything(self, page):
        [follower] = catch_up(batch=page)
        assert follower.position == log.head()
        self.the_shelf_is_as_it_was_at(follower.position)

    @precondition(lambda self: self.facts)
    @rule(page=pages, nth=any_.integers(0, 100))
    def catch_up_with_some(self, page, nth):
        to, *_ = self.facts[nth % len(self.facts)]
        [follower] = catch_up(to, batch=page)
        assert follower.position >= to
        self.the_shelf_is_as_it_was_at(follower.position)

    def the_shelf_is_as_it_was_at(self, position):
        told = {jar: (beans, label) for jar, beans, label in _on_the_shelf(self.here)}
        assert told == self.expected_at(position)

    def expected_at(self, position):
        shelf = defaultdict(lambda: (0, ""))
        for (at, *_), event in zip(self.facts, self.events, strict=True):
            match event:
                case BeansAdded(jar=jar, count=count) if at <= position and jar != "1":
                    shelf[jar] = (shelf[jar][0] + count, shelf[jar][1])
                case JarLabelled(jar=jar, label=label) if at <= position:
                    shelf[jar] = (shelf[jar][0], label)
                case JarBroken(jar=jar) if at <= position:
                    shelf.pop(jar, None)
        return shelf


_TYPES = {BeansAdded: "beans.added", JarLabelled: "beans.labelled", JarBroken: "beans.broken"} | {
    BeansPoured: "beans.poured",
    PeasCounted: "peas.counted",
}


def _fields(event):
    return {name: getattr(event, name) for name in event.__slots__}


def _short(facts):
    return [(fact.position, fact.stream, fact.version, fact.type) for fact in facts]


def _on_the_shelf(here):
    return Shelf.objects.filter(id__startswith=here).values_list("id", "beans", "label")


def test_the_log_is_a_list_that_everybody_reads_alike(shared_database, follow):
    follow(beans.shelf)
    often = settings(max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=BUSY)
    run_state_machine_as_test(Log, settings=often)
