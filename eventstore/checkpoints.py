"""How far each projector and policy has come.

The lock on a checkpoint's row is the fence: only its holder may write what the subscriber writes, and the
checkpoint moves in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from eventstore import measures
from eventstore.codec import FutureEvent, storable
from eventstore.database import execute, rows, sql
from eventstore.log import Fact
from eventstore.projector import Following

F = TypeVar("F", bound=Following)

ERROR_LENGTH = 1000

IDLE_S = 5.0
"""How long a holder may do nothing until the database ends its transaction, and others take over."""

_unreadable: dict[str, int] = {}
"""The positions after which this process is too old to go on, by subscriber. Another one may be newer."""


@dataclass(slots=True)
class Follower(Generic[F]):
    """A subscriber at its checkpoint, while this transaction holds the lock."""

    subscriber: F
    position: int
    parked: set[str]
    status: str
    error: str = ""

    @property
    def name(self) -> str:
        return self.subscriber.name

    @property
    def stopped(self) -> bool:
        return self.status == "stopped"

    @property
    def paused(self) -> bool:
        """Somebody wants it to stay where it is."""
        return self.status == "paused"

    @property
    def able(self) -> bool:
        """Running, or stopped where this process has not tried: its code may read what stopped another's."""
        return not self.paused and (not self.stopped or _unreadable.get(self.name) != self.position)

    def wants(self, fact: Fact) -> bool:
        return not self.error and fact.position > self.position and self.subscriber.follows(fact.type)

    def has_passed(self, position: int) -> None:
        if not self.error:
            self.position = max(self.position, position)

    def stop_before(self, fact: Fact, future: FutureEvent) -> None:
        """Goes no farther: this code is too old for the fact."""
        self.position, self.error, self.status = fact.position - 1, str(future), "stopped"
        _unreadable[self.name] = self.position
        measures.failed(self.name)

    def park(self, fact: Fact, error: Exception | None = None, tries: int = 0) -> None:
        """Sets a fact aside, and with it whatever follows in its stream."""
        reason = f"{type(error).__name__}: {error}" if error else "an earlier fact of this stream is parked"
        self.parked.add(fact.stream)
        if error:
            measures.failed(self.name)
        values = {"name": self.name, "position": fact.position, "stream": fact.stream, "tries": tries}
        execute(sql("park"), {**values, "error": storable(reason)[:ERROR_LENGTH]})


def lock(subscribers: Sequence[F], patience_s: float, *, durably: bool = True) -> list[Follower[F]]:
    """The subscribers' checkpoints, made if they are new, locked in the order of their names.

    An OperationalError if somebody else holds one for longer than `patience_s` seconds. A transaction that need
    not be durable may be lost, whole, if the server crashes in the second after it: right for rows and
    checkpoint of a projector, which are at worst where they were, and follow the log again.
    """
    by_name = {subscriber.name: subscriber for subscriber in subscribers}
    wanted = {"names": list(by_name), "patience_ms": _ms(patience_s), "idle_ms": _ms(IDLE_S)}
    statement = sql("lock_checkpoints", *(() if durably else ("again",)))
    held = rows(statement, wanted)
    if len(held) < len(by_name):
        ensure(by_name)
        held = rows(statement, wanted)
    return [Follower(by_name[name], position, set(parked), status) for name, position, status, parked in held]


def lock_if_free(subscriber: F) -> Follower[F] | None:
    """The subscriber's checkpoint, locked; None if somebody else holds it."""
    wanted = {"name": subscriber.name, "idle_ms": _ms(IDLE_S)}
    held = rows(sql("lock_free_checkpoint"), wanted)
    if not held and ensure([subscriber.name]):
        held = rows(sql("lock_free_checkpoint"), wanted)
    for _, position, status, parked in held:
        return Follower(subscriber, position, set(parked), status)
    return None


def _ms(seconds: float) -> str:
    """As PostgreSQL takes it; 0 would be for ever."""
    return str(max(1, round(seconds * 1000)))


def ensure(names: Iterable[str]) -> int:
    """Makes the checkpoints that are missing, at the beginning of the log; their number."""
    return execute(
        b"INSERT INTO eventstore_checkpoint (name, position, status, last_error) "
        b"SELECT name, 0, 'running', '' FROM unnest(%s::text[]) AS new (name) ORDER BY name "
        b"ON CONFLICT DO NOTHING",
        (list(names),),
    )


def move(followers: Sequence[Follower[F]]) -> None:
    """Records the followers' positions, and what stopped one of them. Who is paused stays so."""
    execute(
        sql("move_checkpoints"),
        {
            "names": [follower.name for follower in followers],
            "positions": [follower.position for follower in followers],
            "errors": [follower.error for follower in followers],
        },
    )


def passed(subscribers: Sequence[Following]) -> int:
    """The position that all of these have passed, those that are stopped or paused left aside."""
    [(position,)] = rows(
        b"SELECT coalesce(min(position), 0) FROM eventstore_checkpoint "
        b"WHERE name = ANY(%s::text[]) AND status = 'running'",
        ([subscriber.name for subscriber in subscribers],),
    )
    return int(position)


def behind(subscribers: Iterable[Following]) -> bool:
    """Whether one of these, those that are stopped or paused left aside, has facts before it."""
    [(found,)] = rows(sql("behind"), {"names": [subscriber.name for subscriber in subscribers]})
    return bool(found)
