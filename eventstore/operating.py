"""What operators do to projectors and policies: pause, resume, and ask for a rebuild or a check.

Each is an act: it is in the audit with who and why, in the transaction that makes it true. Rebuilding may take
long: it is written down as a wish here, and done by a worker (`pulse.py`).
"""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError, transaction

from eventstore import checkpoints, replays, store
from eventstore.carry_out import order
from eventstore.checkpoints import Follower
from eventstore.database import execute
from eventstore.messages import Missing, Rejection, command
from eventstore.policy import Policy, policies
from eventstore.projector import Projector, projectors
from eventstore.replays import Taken

PATIENCE_S = 5.0

Subscriber = Projector | Policy


class Unknown(Missing):
    """There is no projector or policy of that name."""


class PausedAlready(Rejection):
    """It is paused already."""


class NotPaused(Rejection):
    """It is not paused."""


class ReplayAsked(Rejection):
    """It is being rebuilt or checked already, or somebody has asked for that."""


class NothingToStop(Rejection):
    """That has ended already."""


@command("eventstore.pause", audit="subscriber reason by")
class Pause:
    subscriber: str
    reason: str
    by: str


@command("eventstore.resume", audit="subscriber reason by")
class Resume:
    subscriber: str
    reason: str
    by: str


@command("eventstore.rebuild", audit="subscriber reason by")
class OrderRebuild:
    subscriber: str
    reason: str
    by: str


@command("eventstore.check", audit="subscriber reason by")
class OrderCheck:
    subscriber: str
    reason: str
    by: str


@command("eventstore.stop_replay", audit="subscriber replay reason by")
class StopReplay:
    subscriber: str
    replay: UUID
    reason: str
    by: str


Act = Pause | Resume | OrderRebuild | OrderCheck | StopReplay


def pause(name: str, reason: str, by: str = "") -> None:
    """Keeps a projector or policy where it is, whatever is appended, until somebody resumes it.

    What it has begun is finished first; afterwards nobody moves it. Raises `Unknown`, `PausedAlready`, and an
    OperationalError if it is busy for longer than `PATIENCE_S` seconds.
    """
    with locked(name) as follower:
        if follower.paused:
            raise PausedAlready
        execute(b"UPDATE eventstore_checkpoint SET status = 'paused' WHERE name = %s", (name,))
        record(Pause(subscriber=name, reason=reason, by=by or operator()))


def resume(name: str, reason: str, by: str = "") -> None:
    """Lets a projector or policy follow the log again, from where it stands. Raises `Unknown`, `NotPaused`."""
    with locked(name) as follower:
        if not follower.paused:
            raise NotPaused
        execute(
            b"UPDATE eventstore_checkpoint SET status = 'running', last_error = '', moved_at = clock_timestamp() "
            b"WHERE name = %s",
            (name,),
        )
        record(Resume(subscriber=name, reason=reason, by=by or operator()))


def order_replay(
    name: str, reason: str, by: str = "", *, check_only: bool = False, keep_parked: bool = False
) -> UUID:
    """Asks for a rebuild of a projector, or for a check that repairs nothing; the id of the wish.

    The next worker that looks takes it. What is parked is tried again, unless `keep_parked`. Raises `Unknown` and
    `ReplayAsked`.
    """
    if name not in {projector.name for projector in projectors}:
        raise Unknown
    kind = OrderCheck if check_only else OrderRebuild
    act = kind(subscriber=name, reason=reason, by=by or operator())
    try:
        with transaction.atomic():
            replays.bury()
            replay_id = record(act)
            replays.ask(Taken(replay_id, name, check_only, keep_parked), act.by, reason)
    except IntegrityError as error:
        raise ReplayAsked from error
    return replay_id


def stop_replay(replay_id: UUID, reason: str, by: str = "") -> None:
    """Ends a rebuild or a check before it has changed anything; one that is merging already is finished.

    Raises `NothingToStop`.
    """
    with transaction.atomic():
        name = replays.stop(replay_id)
        if name is None:
            raise NothingToStop
        record(StopReplay(subscriber=name, replay=replay_id, reason=reason, by=by or operator()))


@contextmanager
def locked(name: str, patience_s: float | None = None) -> Iterator[Follower[Subscriber]]:
    """The projector or policy at its checkpoint, which this transaction holds."""
    subscriber = known(name)
    with transaction.atomic():
        [follower] = checkpoints.lock([subscriber], patience_s or PATIENCE_S)
        yield follower


def known(name: str) -> Subscriber:
    """The projector or policy of that name; raises `Unknown`."""
    everyone: tuple[Subscriber, ...] = (*projectors, *policies)
    for subscriber in everyone:
        if subscriber.name == name:
            return subscriber
    raise Unknown


def record(act: object, stream: str | None = None) -> UUID:
    """Puts an operator's act in the audit; its id there."""
    recorded = order(act)
    store.record(recorded, stream, "accepted", "")
    return recorded.id


def operator() -> str:
    """Who works at this machine, as far as it knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
