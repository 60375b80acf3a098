"""Policies: whenever this happened, ask for that.

A policy follows the log after the projectors, with a checkpoint of its own. Each of its commands has an id
derived from the fact and the policy, so that asking again changes nothing. Rebuilding never runs one.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Any

from django.db import transaction

from eventstore import checkpoints
from eventstore.acting import Acting, act
from eventstore.database import execute, rows, sql
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


def whenever(*events: type[Any], name: str) -> Callable[[Reaction], Reaction]:
    """Makes a policy of a generator of commands; `name` is its checkpoint's for good."""

    def register(reaction: Reaction) -> Reaction:
        policy = Policy(name)
        policy.on(*events)(reaction)
        policies.append(policy)
        return reaction

    return register


def react(policy: Policy, fact: Fact) -> None:
    """Dispatches what a policy asks for because of a fact; a refusal is an answer, and is in the audit."""
    from eventstore.dispatch import record

    for nth, command in enumerate(policy.commands(fact)):
        with act(Acting(correlation_id=_correlation(fact), caused_by=fact.position)):
            try:
                record(command, id=derived(fact.position, policy.name, nth))
            except Rejection as refusal:
                logger.info("%s was refused: %s", policy.name, refusal)


def _correlation(fact: Fact) -> Any:
    [(correlation_id,)] = rows(
        b"SELECT correlation_id FROM eventstore_command WHERE id = %s", (fact.command_id,)
    )
    return correlation_id


def run_policies(deadline: float | None = None) -> None:
    """Lets every policy react to what the projectors have passed, unless another process is at it.

    What their commands lead to is in the log afterwards, not yet in the read models.
    """
    for policy in policies:
        while _react_to_some(policy):
            if deadline is not None and monotonic() > deadline:
                return


def _react_to_some(policy: Policy) -> bool:
    """One transaction: the policy's checkpoint and the facts that its commands lead to. True: there is more."""
    with transaction.atomic():
        position = _locked_position(policy)
        if position is None:
            return False
        upto = checkpoints.passed(projectors)
        wanted = {"types": policy.types(), "after": position, "upto": upto, "limit": REACTIONS}
        facts = [Fact._make(row) for row in rows(sql("of_types"), wanted)]
        for fact in facts:
            react(policy, fact)
        more = len(facts) == REACTIONS
        _move(policy, facts[-1].position if more else max(upto, position))
        return more


def _locked_position(policy: Policy) -> int | None:
    """The policy's position with its row locked; None if another process has it."""
    for _ in range(2):
        held = rows(
            b"SELECT position FROM eventstore_checkpoint WHERE name = %s FOR UPDATE SKIP LOCKED",
            (policy.name,),
        )
        if held:
            return int(held[0][0])
        checkpoints.ensure([policy.name])
    return None


def _move(policy: Policy, position: int) -> None:
    execute(
        b"UPDATE eventstore_checkpoint SET position = %s, moved_at = clock_timestamp() WHERE name = %s",
        (position, policy.name),
    )
