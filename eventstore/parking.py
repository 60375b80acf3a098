"""What was parked, and the two ways out of it: try again, or decide that it shall never be applied.

Both are acts of an operator, and are in the audit with their reason. A fact that is skipped is left out by
every rebuild as well, so that the read models stay what the log and these decisions come to.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from eventstore import codec, operating
from eventstore.changes import Buffer
from eventstore.checkpoints import ERROR_LENGTH
from eventstore.database import execute, is_trouble, rows, sql
from eventstore.log import Fact
from eventstore.messages import command
from eventstore.operating import Subscriber, operator, record
from eventstore.policy import Policy, react

PATIENCE_S = 5.0


class NotParked(LookupError):
    """Nothing of that is parked."""


@command("eventstore.retry_parked", audit="subscriber stream reason by")
class RetryParked:
    subscriber: str
    stream: str
    reason: str
    by: str


@command("eventstore.skip_parked", audit="subscriber stream position reason by")
class SkipParked:
    subscriber: str
    stream: str
    position: int
    reason: str
    by: str


class ParkedStream(NamedTuple):
    """A stream that a projector or policy has set aside: the fact that it failed at, how many facts are
    parked (that one and the later ones), how often it was tried, since when, and the last error."""

    subscriber: str
    stream: str
    position: int
    version: int
    type: str
    facts: int
    tries: int
    parked_at: datetime
    error: str


@dataclass(slots=True)
class Retried:
    """What came of a try: facts applied and facts that stay parked, with the error of the first of them."""

    subscriber: str
    stream: str
    applied: int = 0
    left: int = 0
    error: str = ""

    def __str__(self) -> str:
        ending = f", {self.left} stay parked: {self.error}" if self.left else ""
        return f"{self.subscriber}: {self.stream}: {self.applied} applied{ending}"


def parked_streams(subscriber: str | None = None) -> list[ParkedStream]:
    """All that is parked, by one projector or policy or by all of them."""
    return list(map(ParkedStream._make, rows(sql("parked_streams"), {"projector": subscriber})))


def retry(subscriber: str, stream: str, reason: str = "", by: str = "") -> Retried:
    """Applies what is parked of a stream, in order, as far as it goes; recorded however it ends.

    Raises `NotParked` if there is nothing, and an OperationalError if the subscriber is busy for longer than
    `PATIENCE_S` seconds. Other streams may have said something meanwhile about a row that was missing:
    `Rebuild.run(keep_parked=True)` makes up for that.
    """
    with _locked(subscriber) as found:
        facts = _parked_facts(subscriber, stream)
        act = RetryParked(subscriber=subscriber, stream=stream, reason=reason, by=by or operator())
        record(act, stream)
        return _go_through(found, stream, facts)


def skip(subscriber: str, position: int, reason: str, by: str = "") -> Retried:
    """Gives up one fact, the first that is parked of its stream, for good; then tries the ones behind it.

    Raises `NotParked` if it isn't parked, or if an earlier one of its stream is.
    """
    with _locked(subscriber) as found:
        stream = _failed_at(subscriber, position)
        _, *later = _parked_facts(subscriber, stream)
        act = SkipParked(
            subscriber=subscriber, stream=stream, position=position, reason=reason, by=by or operator()
        )
        command_id = record(act, stream)
        execute(
            b"INSERT INTO eventstore_skipped (projector, position, command_id) VALUES (%s, %s, %s)",
            (subscriber, position, command_id),
        )
        _unpark(subscriber, position)
        return _go_through(found, stream, later)


def skipped(projector: str) -> set[int]:
    """The positions that a projector shall never apply."""
    found = rows(b"SELECT position FROM eventstore_skipped WHERE projector = %s", (projector,))
    return {position for (position,) in found}


@contextmanager
def _locked(name: str) -> Iterator[Subscriber]:
    """The projector or policy, whose checkpoint this transaction holds."""
    try:
        operating.known(name)
    except operating.Unknown:
        raise NotParked(f"there is no projector or policy {name}") from None
    with operating.locked(name, PATIENCE_S) as follower:
        yield follower.subscriber


def _parked_facts(subscriber: str, stream: str) -> list[Fact]:
    found = rows(sql("parked_facts"), {"projector": subscriber, "stream": stream})
    if not found:
        raise NotParked(f"{subscriber} has parked nothing of {stream}")
    return list(map(Fact._make, found))


def _failed_at(subscriber: str, position: int) -> str:
    """The stream whose first parked fact this is."""
    streams = parked_streams(subscriber)
    for parked in streams:
        if parked.position == position:
            return parked.stream
    at = ", ".join(str(parked.position) for parked in streams) or "nothing"
    raise NotParked(f"{subscriber} can skip {at}; the facts behind one wait for it")


def _go_through(subscriber: Subscriber, stream: str, facts: Sequence[Fact]) -> Retried:
    """One by one, each behind a savepoint, to the first that fails: it keeps the rest waiting."""
    for nth, fact in enumerate(facts):
        try:
            with transaction.atomic():
                _apply(subscriber, fact)
        except Exception as error:
            if is_trouble(error):
                raise
            reason = _failed_again(subscriber.name, fact.position, error)
            return Retried(subscriber.name, stream, nth, len(facts) - nth, reason)
        _unpark(subscriber.name, fact.position)
    return Retried(subscriber.name, stream, len(facts))


def _apply(subscriber: Subscriber, fact: Fact) -> None:
    if isinstance(subscriber, Policy):
        react(subscriber, fact)
        return
    buffer = Buffer()
    buffer.take(subscriber.project(fact))
    buffer.flush()


def _failed_again(subscriber: str, position: int, error: Exception) -> str:
    reason = codec.storable(f"{type(error).__name__}: {error}")[:ERROR_LENGTH]
    execute(
        b"UPDATE eventstore_parked SET tries = tries + 1, error = %s WHERE projector = %s AND position = %s",
        (reason, subscriber, position),
    )
    return reason


def _unpark(subscriber: str, position: int) -> None:
    execute(b"DELETE FROM eventstore_parked WHERE projector = %s AND position = %s", (subscriber, position))
