"""How far each projector and policy has come. The lock on a checkpoint's row is the fence: only its holder may
write what the subscriber writes, and it moves in the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eventstore.database import execute, rows, sql
from eventstore.log import Fact
from eventstore.projector import Following


@dataclass(slots=True)
class Follower:
    """A subscriber at its checkpoint, while this transaction holds the lock."""

    subscriber: Following
    position: int
    parked: set[str]
    stopped: bool
    error: str = ""

    def wants(self, fact: Fact) -> bool:
        return not self.error and fact.position > self.position and self.subscriber.follows(fact.type)

    def has_passed(self, position: int) -> None:
        if not self.error:
            self.position = max(self.position, position)


def lock(subscribers: Sequence[Following]) -> list[Follower]:
    """The subscribers' checkpoints, made if they are new, locked in the order of their names."""
    by_name = {subscriber.name: subscriber for subscriber in subscribers}
    held = rows(sql("lock_checkpoints"), {"names": list(by_name)})
    if len(held) < len(by_name):
        ensure(by_name)
        held = rows(sql("lock_checkpoints"), {"names": list(by_name)})
    return [
        Follower(by_name[name], position, set(parked), status == "stopped")
        for name, position, status, parked in held
    ]


def ensure(names: Iterable[str]) -> None:
    """Makes the checkpoints that are missing, at the beginning of the log."""
    execute(
        b"INSERT INTO eventstore_checkpoint (name, position, status, last_error) "
        b"SELECT name, 0, 'running', '' FROM unnest(%s::text[]) AS new (name) ORDER BY name "
        b"ON CONFLICT DO NOTHING",
        (list(names),),
    )


def move(followers: Sequence[Follower]) -> None:
    """Records the followers' positions, and what stopped one of them."""
    execute(
        sql("move_checkpoints"),
        {
            "names": [follower.subscriber.name for follower in followers],
            "positions": [follower.position for follower in followers],
            "errors": [follower.error for follower in followers],
        },
    )


def passed(subscribers: Sequence[Following]) -> int:
    """The position that all of these have passed, stopped ones left aside."""
    [(position,)] = rows(
        b"SELECT coalesce(min(position), 0) FROM eventstore_checkpoint "
        b"WHERE name = ANY(%s::text[]) AND status = 'running'",
        ([subscriber.name for subscriber in subscribers],),
    )
    return int(position)
