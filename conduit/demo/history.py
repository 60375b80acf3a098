"""A crowd's wishes carried out in memory, by the real aggregates and policies: what an append would write of each.

In chapters: each begins with people who join, and with what the policies ask for because of them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import chain, count
from typing import Any, NamedTuple
from uuid import UUID

from conduit.demo.crowd import Village, Wish
from eventstore import codec
from eventstore.decider import Decider, decide_all, deciders
from eventstore.log import Fact
from eventstore.messages import COMMAND_TYPES, Claim, Missing, Names, Rejection, Require
from eventstore.policy import policies

CHAPTER = 2_000
"""Facts, about."""

CHAPTERS = 50
"""Of a village."""


class Cause(NamedTuple):
    """The fact because of which a policy asked for a command, as its nth one."""

    stream: str
    version: int
    policy: str
    nth: int


class Done(NamedTuple):
    """A command that was carried out, and when: counted in facts of the history. The id of a policy's command
    is not known here, since it follows from where its cause will stand."""

    at: float
    id: UUID | None
    name: str
    payload: str
    digest: bytes
    actor_id: UUID | None
    correlation_id: UUID
    cause: Cause | None
    stream: str
    version: int
    reason: str
    facts: tuple[tuple[str, int, str], ...]
    names: Names

    @property
    def versions(self) -> tuple[int | None, int | None]:
        """The first and the last one that it led to."""
        return (self.version + 1, self.version + len(self.facts)) if self.facts else (None, None)


class Chapter(NamedTuple):
    """Commands that are written together, in parts that follow from each other; and how many facts they led to."""

    parts: tuple[list[Done], ...]
    facts: int


def chapters(seed: int, facts: int) -> Iterator[Chapter]:
    """The history of a seed until it has so many facts; commands are whole, so it may be one more."""
    told = 0
    for annals in (_Annals(Village(seed, nth)) for nth in count()):
        for _ in range(CHAPTERS):
            chapter = annals.chapter(told, min(CHAPTER, facts - told))
            yield chapter
            told += chapter.facts
            if told >= facts:
                return


class _Annals:
    """What has happened in a village: the states of its streams, and the names that are held."""

    def __init__(self, village: Village) -> None:
        self._village, self._wishes = village, village.wishes()
        self._states: dict[str, tuple[int, Any]] = {}
        self._held: dict[tuple[str, str], str] = {}

    def chapter(self, began: int, most: int) -> Chapter:
        joined: list[Done] = []
        followed: list[Done] = []
        rest: list[Done] = []
        facts = 0
        for wish in self._village.arrivals():
            joined.append(self._carry_out(wish, began + len(joined) / 100))
            followed += self._reactions(joined[-1], began + 0.5 + len(followed) / 100)
            facts = sum(len(done.facts) for done in chain(joined, followed))
            if facts >= most:
                break
        self._village.settle_in()
        while facts < most:
            rest.append(self._carry_out(next(self._wishes), began + facts))
            facts += len(rest[-1].facts)
        return Chapter((joined, followed, rest), facts)

    def _reactions(self, done: Done, at: float) -> Iterator[Done]:
        """What policies ask for because of a command's facts."""
        for version, fact in enumerate(done.facts, start=done.version + 1):
            for policy in policies:
                for nth, command in enumerate(policy.commands(_fact(done, version, *fact))):
                    cause = Cause(done.stream, version, policy.name, nth)
                    yield self._carry_out(Wish(command, None), at, done.correlation_id, cause)

    def _carry_out(
        self, wish: Wish, at: float, correlation_id: UUID | None = None, cause: Cause | None = None
    ) -> Done:
        command, id_ = wish.command, self._village.id()
        decider = deciders.of(command)
        stream = decider.stream(command)
        version, state = self._states.get(stream, (0, decider.initial))
        reason, events, names = self._decided(decider, stream, state, command)
        for event in events:
            state = decider.evolve(state, event)
        self._states[stream] = version + len(events), state
        return Done(
            at=at,
            id=None if cause else id_,
            name=COMMAND_TYPES[type(command)].name,
            payload=codec.payload(command),
            digest=blake2b(codec.wording(command), digest_size=16).digest(),
            actor_id=wish.actor_id,
            correlation_id=correlation_id or id_,
            cause=cause,
            stream=stream,
            version=version,
            reason=reason,
            facts=tuple(map(codec.encode, events)),
            names=names,
        )

    def _decided(
        self, decider: Decider, stream: str, state: Any, command: object
    ) -> tuple[str, tuple[Any, ...], Names]:
        """Why it was refused (""), the facts that it led to, and their names."""
        try:
            events, names = decide_all(decider, state, command)
            self._settle(stream, names)
        except Rejection as refusal:
            return f"{type(refusal).__name__}: {refusal}", (), ()
        return "", events, names

    def _settle(self, stream: str, names: Names) -> None:
        for name in names:
            if isinstance(name, Require) and (name.kind, name.key) not in self._held:
                raise Missing(f"{name.kind} not found")
        for name in names:
            if isinstance(name, Claim):
                self._held[name.kind, name.key] = stream
            elif not isinstance(name, Require):
                self._held.pop((name.kind, name.key), None)


def _fact(done: Done, version: int, type_: str, schema: int, data: str) -> Fact:
    """As a policy is shown it, which reads nothing of it but the event."""
    return Fact(0, done.stream, version, type_, schema, data, UUID(int=0), datetime.min.replace(tzinfo=UTC))
