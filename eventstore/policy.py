"""Policies: whenever this happened, ask for that.

A policy follows the log after the projectors, with a checkpoint of its own. Each of its commands has an id
derived from the fact and the policy, so that asking again changes nothing. A fact whose reaction fails is
parked, as by a projector, and the other streams go on. Rebuilding never runs a policy.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import monotonic, perf_counter
from typing import Any

from django.db import transaction

from eventstore import checkpoints, log, measures
from eventstore.acting import Acting, act
from eventstore.carry_out import CommandIdReused, TooBusy, carry_out
from eventstore.checkpoints import Follower
from eventstore.codec import FutureEvent
from eventstore.database import is_trouble, rows
from eventstore.ids import derived
from eventstore.log import Fact
from eventstore.messages import Rejection
from eventstore.projector import Following, projectors

logger = logging.getLogger(__name__)

REACTIONS = 50
"""Facts dealt with in one transaction; small, since readers of the log wait for it to end."""

Reaction = Callable[[Any, Fact], Iterable[object]]


class Policy(Following):
    """One rule of the form "whenever … then …"."""

    def commands(self, fact: Fact) -> Iterator[object]:
        """What the fact asks for."""
        if self.follows(fact.type):
            yield from self._ask(fact)


policies: list[Policy] = []

Lock = Callable[[Policy], Follower[Policy] | None]
"""Locks a policy's checkpoint; None if there is nothing for this process to do there."""


def whenever(*events: type[Any], name: str) -> Callable[[Reaction], Reaction]:
    """Makes a policy of a generator of commands; `name` is its checkpoint's for good."""

    def register(reaction: Reaction) -> Reaction:
        policy = Policy(name)
        policy.on(*events)(reaction)
        policies.append(policy)
        return reaction

    return register


def react(policy: Policy, fact: Fact) -> None:
    """Dispatches what a policy asks for because of a fact; a refusal is an answer, and is in the audit.

    None is `CommandIdReused`, which is raised: somebody else has the id, and what was asked for was never decided.
    """
    for nth, command in enumerate(policy.commands(fact)):
        with act(Acting(correlation_id=_correlation(fact), caused_by=fact.position)):
            try:
                carry_out(command, derived(fact.position, policy.name, nth))
            except CommandIdReused:
                raise
            except Rejection as refusal:
                logger.info("%s was refused: %s", policy.name, refusal)


def _correlation(fact: Fact) -> Any:
    [(correlation_id,)] = rows(
        b"SELECT correlation_id FROM eventstore_command WHERE id = %s", (fact.command_id,)
    )
    return correlation_id


def run_policies(deadline: float | None = None) -> None:
    """Lets every policy react to what the projectors have passed, unless another process is at it.

    What their commands lead to is in the log afterwards, not yet in the read models. Never raises: a policy
    in trouble (the database is away, a stream keeps moving) stays where it is, for whoever looks next.
    """
    for policy in policies:
        _run(policy, checkpoints.lock_if_free, deadline)


def reacted(concerned: Sequence[Policy], position: int, deadline: float) -> bool:
    """Lets these policies react as far as a position that the projectors have passed, and waits for whoever is
    at it; False if that takes longer than until the deadline, or if one is in trouble, stopped or paused.
    """
    everyone = [_has_reacted(policy, position, deadline) for policy in concerned]
    return all(everyone)


def _has_reacted(policy: Policy, position: int, deadline: float) -> bool:
    def lock(policy: Policy) -> Follower[Policy] | None:
        [follower] = checkpoints.lock([policy], max(0.0, deadline - monotonic()))
        return follower if follower.position < position else None

    _run(policy, lock, deadline)
    return checkpoints.passed([policy]) >= position


def _run(policy: Policy, lock: Lock, deadline: float | None) -> None:
    try:
        while _react_to_some(policy, lock):
            if deadline is not None and monotonic() > deadline:
                return
    except Exception as error:
        if is_trouble(error):
            logger.warning("%s will react later: %s", policy.name, error)
        else:
            logger.exception("%s will react later", policy.name)


def _react_to_some(policy: Policy, lock: Lock) -> bool:
    """One transaction: the checkpoint and the facts that the commands lead to. True: there is more."""
    with transaction.atomic():
        follower = lock(policy)
        if follower is None or not follower.able:
            return False
        upto = checkpoints.passed(projectors)
        facts = log.of_types(policy.among(log.types()), follower.position, upto, REACTIONS)
        began = perf_counter()
        for fact in facts:
            _react_or_park(follower, fact)
        measures.projected(follower.name, len(facts), perf_counter() - began)
        more = len(facts) == REACTIONS
        follower.has_passed(facts[-1].position if more else upto)
        checkpoints.move([follower])
        return more and not follower.error


def _react_or_park(follower: Follower[Policy], fact: Fact) -> None:
    if not follower.wants(fact):
        return
    try:
        if fact.stream in follower.parked:
            follower.park(fact)
        else:
            with transaction.atomic():
                react(follower.subscriber, fact)
    except FutureEvent as future:
        logger.error("%s stopped before %s: %s", follower.name, fact.position, future)  # noqa: TRY400
        follower.stop_before(fact, future)
    except Exception as error:
        if is_trouble(error) or isinstance(error, TooBusy):
            raise
        logger.exception("%s parks %s of %s", follower.name, fact.position, fact.stream)
        follower.park(fact, error, tries=1)
