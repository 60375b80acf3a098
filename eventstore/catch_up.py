"""Catching up: the projectors move along the log, in one transaction with what they write.

Whoever holds the checkpoints' locks applies everybody's facts; the others find their work done. A fact that
can't be applied is parked with the later facts of its stream, and the other streams go on.
"""

import logging
from collections.abc import Sequence
from time import monotonic, perf_counter
from uuid import UUID

from django.db import transaction

from eventstore import checkpoints, log, measures, store
from eventstore.carry_out import Receipt
from eventstore.changes import Buffer
from eventstore.checkpoints import Follower
from eventstore.codec import FutureEvent
from eventstore.database import is_trouble
from eventstore.live.wake import wake
from eventstore.log import Fact
from eventstore.messages import EVENT_TYPES
from eventstore.policy import policies, reacted, run_policies
from eventstore.projector import Projector, projectors
from eventstore.store import Consequence

logger = logging.getLogger(__name__)

BATCH = 500
PATIENCE_S = 2.0
FLUSH_S = 1.0
"""Well below `checkpoints.IDLE_S`: whoever folds for long shows now and then that it is alive."""

Followers = Sequence[Follower[Projector]]


def show(receipt: Receipt) -> bool:
    """Projects what a command led to, lets the policies react to it, and projects what they led to; True if
    the read models show all of it now, False if that takes longer than `PATIENCE_S` seconds, or if a projector
    or policy can't.

    Never raises: the facts stand either way, and whoever catches up next completes the work.
    """
    try:
        return _show(receipt.command_id, _facts(receipt), monotonic() + PATIENCE_S)
    except Exception:
        logger.exception("the read models will catch up later")
        return False


def _facts(receipt: Receipt) -> list[Consequence]:
    position = receipt.position or 0
    return [Consequence(position, receipt.stream, EVENT_TYPES[type(event)].name) for event in receipt.events]


def _show(command_id: UUID, facts: Sequence[Consequence], deadline: float) -> bool:
    if not facts:
        return True
    position = max(fact.position for fact in facts)
    followers = catch_up(position, deadline)
    if not all(_shows(follower, facts, position) for follower in followers):
        return False
    concerned = [policy for policy in policies if any(policy.follows(fact.type) for fact in facts)]
    if not concerned:
        return True
    if not reacted(concerned, position, deadline):
        return False
    more = [fact for fact in store.consequences(command_id) if fact.position > position]
    return _show(command_id, more, deadline)


def _shows(follower: Follower[Projector], facts: Sequence[Consequence], position: int) -> bool:
    streams = {fact.stream for fact in facts if follower.subscriber.follows(fact.type)}
    return not streams or (follower.position >= position and streams.isdisjoint(follower.parked))


def catch_up(to: int | None = None, deadline: float | None = None, batch: int = BATCH) -> Followers:
    """Moves the projectors on until they have passed `to` (None: everything settled) and what followed from it
    by a policy, or are stopped, or the deadline has passed. Returns them where they stand then."""
    while True:
        followers, facts = _next_batch(to, deadline, batch)
        if facts:
            wake()
        if any(policy.follows(fact.type) for policy in policies for fact in facts):
            run_policies(deadline)
            to = None if to is None else log.head()
        elif not facts or _all_have_passed(followers, to):
            return followers
        if deadline is not None and monotonic() > deadline:
            return followers


def _all_have_passed(followers: Followers, to: int | None) -> bool:
    return to is not None and all(follower.position >= to for follower in followers)


def _next_batch(to: int | None, deadline: float | None, size: int) -> tuple[Followers, list[Fact]]:
    try:
        return _project(to, deadline, size, carefully=False)
    except Exception as error:
        if is_trouble(error):
            raise
        logger.exception("a batch failed; going through it fact by fact")
        return _project(to, deadline, size, carefully=True)


def _project(
    to: int | None, deadline: float | None, size: int, *, carefully: bool
) -> tuple[Followers, list[Fact]]:
    """One batch under the locks: where the projectors stand, and the facts that some of them passed."""
    step = _one_by_one if carefully else _at_once
    with transaction.atomic():
        followers = checkpoints.lock(projectors, _left(deadline), durably=False)
        moving, facts = _next_facts(followers, to, deadline, size)
        for follower in moving:
            wanted, began = [fact for fact in facts if follower.wants(fact)], perf_counter()
            step(follower, wanted)
            follower.has_passed(facts[-1].position)
            measures.projected(follower.name, len(wanted), perf_counter() - began)
        if moving:
            checkpoints.move(moving)
        return followers, facts


def _left(deadline: float | None) -> float:
    """Seconds that one wait may take."""
    return PATIENCE_S if deadline is None else max(0.0, deadline - monotonic())


def _next_facts(
    followers: Followers, to: int | None, deadline: float | None, size: int
) -> tuple[Followers, list[Fact]]:
    """The projectors that are farthest along and have facts before them, and those facts.

    The foremost go first, so that a new projector, with the whole log before it, keeps nobody waiting.
    """
    able = [follower for follower in followers if follower.able]
    for position in sorted({follower.position for follower in able}, reverse=True):
        if to is None or position < to:
            facts = log.settled(position, size, patience_s=_left(deadline))
            if facts:
                return [follower for follower in able if follower.position == position], facts
    return [], []


def _at_once(follower: Follower[Projector], facts: Sequence[Fact]) -> None:
    buffer, flushed = Buffer(), monotonic()
    for fact in facts:
        if fact.stream in follower.parked:
            follower.park(fact)
        elif not _take(follower, fact, buffer):
            break
        if monotonic() > flushed + FLUSH_S:
            buffer.flush()
            flushed = monotonic()
    buffer.flush()


def _take(follower: Follower[Projector], fact: Fact, buffer: Buffer) -> bool:
    """Adds what the fact does to the buffer; False if it comes from the future, which stops the projector."""
    try:
        buffer.take(follower.subscriber.project(fact))
    except FutureEvent as future:
        logger.error("%s stopped before %s: %s", follower.name, fact.position, future)  # noqa: TRY400
        follower.stop_before(fact, future)
        return False
    return True


def _one_by_one(follower: Follower[Projector], facts: Sequence[Fact]) -> None:
    """Each fact behind a savepoint of its own, so that one that fails can be parked alone."""
    for fact in facts:
        if follower.error:
            return
        try:
            with transaction.atomic():
                _at_once(follower, [fact])
        except Exception as error:
            if is_trouble(error):
                raise
            logger.exception("%s parks %s of %s", follower.name, fact.position, fact.stream)
            follower.park(fact, error, tries=2)
