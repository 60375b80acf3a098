"""Catching up: the projectors move along the log, in one transaction with what they write.

Whoever holds the checkpoints' locks applies everybody's facts; the others find their work done. A fact that
can't be applied is parked with the later facts of its stream, and the other streams go on.
"""

import logging
from collections.abc import Sequence
from time import monotonic

from django.db import InterfaceError, OperationalError, transaction

from eventstore import checkpoints, log
from eventstore.changes import Buffer
from eventstore.checkpoints import Follower
from eventstore.codec import FutureEvent
from eventstore.database import execute, sql
from eventstore.log import Fact
from eventstore.policy import policies, run_policies
from eventstore.projector import Projector, projectors

logger = logging.getLogger(__name__)

BATCH = 500
PATIENCE_S = 2.0
UNWELL = (OperationalError, InterfaceError)
"""The database's troubles, never a fact's: nothing is parked for them."""

_tried_again: set[str] = set()


def bring_up_to_date(to: int, patience_s: float = PATIENCE_S) -> bool:
    """Projects up to a position and lets the policies react; False if that takes longer than `patience_s`.

    The facts stand either way: whoever catches up next completes the work.
    """
    try:
        return catch_up(to, monotonic() + patience_s)
    except UNWELL:
        logger.warning("the read models will catch up later", exc_info=True)
        return False


def catch_up(to: int | None = None, deadline: float | None = None, batch: int = BATCH) -> bool:
    """Moves the projectors on until they have passed `to` (None: everything settled); True if they have."""
    while True:
        reached, facts = _next_batch(batch)
        reacting = any(policy.follows(fact.type) for policy in policies for fact in facts)
        if reacting:
            run_policies(deadline)
        elif not facts or (to is not None and reached >= to):
            return to is None or reached >= to
        if deadline is not None and monotonic() > deadline:
            return False


def _next_batch(size: int) -> tuple[int, list[Fact]]:
    try:
        return _project(size, carefully=False)
    except UNWELL:
        raise
    except Exception:
        logger.exception("a batch failed; going through it fact by fact")
        return _project(size, carefully=True)


def _project(size: int, *, carefully: bool) -> tuple[int, list[Fact]]:
    """One batch under the locks: how far the projectors have come, and the facts that they passed."""
    with transaction.atomic():
        followers = [follower for follower in checkpoints.lock(projectors) if _is_active(follower)]
        if not followers:
            return log.END, []
        facts = log.settled(min(follower.position for follower in followers), size)
        for follower in followers if facts else ():
            step = _one_by_one if carefully else _at_once
            step(follower, [fact for fact in facts if follower.wants(fact)])
            follower.has_passed(facts[-1].position)
        if facts:
            checkpoints.move(followers)
        return min(follower.position for follower in followers if not follower.error), facts


def _is_active(follower: Follower) -> bool:
    """Running, or stopped by an older process: newer code may be able to read what stopped that one."""
    name = follower.subscriber.name
    if not follower.stopped:
        return True
    if name in _tried_again:
        return False
    _tried_again.add(name)
    return True


def _at_once(follower: Follower, facts: Sequence[Fact]) -> None:
    buffer = Buffer()
    for fact in facts:
        if fact.stream in follower.parked:
            _park(follower, fact, "an earlier fact of this stream is parked", tries=0)
        elif not _take(follower, fact, buffer):
            break
    buffer.flush()


def _take(follower: Follower, fact: Fact, buffer: Buffer) -> bool:
    """Adds what the fact does to the buffer; False if it comes from the future, which stops the projector."""
    assert isinstance(follower.subscriber, Projector)
    try:
        buffer.take(follower.subscriber.project(fact))
    except FutureEvent as future:
        logger.error("%s stopped before %s: %s", follower.subscriber.name, fact.position, future)  # noqa: TRY400
        follower.position, follower.error = fact.position - 1, str(future)
        return False
    return True


def _one_by_one(follower: Follower, facts: Sequence[Fact]) -> None:
    """Each fact behind a savepoint of its own, so that one that fails can be parked alone."""
    for fact in facts:
        if follower.error:
            return
        try:
            with transaction.atomic():
                _at_once(follower, [fact])
        except UNWELL:
            raise
        except Exception as error:
            logger.exception("%s parks %s of %s", follower.subscriber.name, fact.position, fact.stream)
            _park(follower, fact, f"{type(error).__name__}: {error}", tries=2)


def _park(follower: Follower, fact: Fact, error: str, tries: int) -> None:
    follower.parked.add(fact.stream)
    execute(
        sql("park"),
        {
            "projector": follower.subscriber.name,
            "position": fact.position,
            "stream": fact.stream,
            "error": error,
            "tries": tries,
        },
    )
