"""Carrying a command out: read the stream, fold it, decide, append.

Every attempt leaves a row in the audit, refusals included. The command's id makes it safe to repeat: the same
command again is answered with what it led to the first time.
"""

import random
import time
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any
from uuid import UUID

from eventstore import audit, codec, log, store, streams, text
from eventstore.acting import acting
from eventstore.decider import Decider, decide_all, deciders, otherwise
from eventstore.ids import uuid7
from eventstore.messages import COMMAND_TYPES, AlreadyTaken, Rejection

ATTEMPTS = 5
JITTER_S = 0.02


class TooBusy(Exception):
    """Too many people are changing this at once. Please try again."""


class CommandIdReused(Rejection):
    """This form was sent before with something else in it. Please load the page again."""


class RefusedBefore(Rejection):
    """This was refused before. Please load the page again."""


@dataclass(slots=True)
class Receipt:
    """What came of a command: its facts (none: it was so already) and where the last of them stands."""

    command_id: UUID
    stream: str
    events: tuple[Any, ...] = ()
    position: int | None = None
    repeated: bool = False
    shown: bool = True
    """Whether the read models show it: not yet inside a transaction, or when projecting takes too long."""


def carry_out(command: object, command_id: UUID | None = None) -> Receipt:
    """Carries a command out, once: durable when it returns, not shown yet.

    Raises the aggregate's `Rejection`, `AlreadyTaken`, `BadInput`, or `TooBusy` when the stream keeps moving.
    An id that was refused stays refused; one whose attempt failed may be sent again.
    """
    attempt = audit.Attempt(order(command, command_id))
    with attempt.audited():
        known = _repeated(attempt.order) if command_id else None
        receipt = known or _until_it_fits(command, attempt)
        attempt.stream, attempt.position = receipt.stream, receipt.position
        attempt.repeated = receipt.repeated
        return receipt


def order(command: object, command_id: UUID | None = None) -> store.Order:
    """The command as its row in the audit says it, on behalf of whoever is acting."""
    who = acting()
    return store.Order(
        id=command_id or uuid7(),
        name=COMMAND_TYPES[type(command)].name,
        payload=codec.payload(command),
        digest=blake2b(codec.wording(command), digest_size=16).digest(),
        actor_id=who.actor(),
        address=who.address,
        correlation_id=who.correlation_id,
        caused_by=who.caused_by,
    )


def _until_it_fits(command: Any, attempt: audit.Attempt) -> Receipt:
    """Again when the stream moved, or under another name when one was taken."""
    text.check(command)
    decider = deciders.of(command)
    for nth in range(ATTEMPTS):
        attempt.retries = nth
        try:
            return _try(decider, command, attempt)
        except store.StreamMoved:
            time.sleep(random.random() * JITTER_S * (nth + 1))  # noqa: S311
        except AlreadyTaken as taken:
            command = _otherwise(decider, command, taken)
        except (store.CommandKnown, Rejection) as stopped:
            return _first_time(attempt.order, stopped)
    raise TooBusy


def _try(decider: Decider, command: Any, attempt: audit.Attempt) -> Receipt:
    attempt.stream = stream = decider.stream(command)
    past = streams.load(decider, stream)
    events, names = decide_all(decider, past.state, command)
    receipt = Receipt(attempt.order.id, stream, events)
    if events:
        positions = store.append(attempt.order, stream, past.version, events, names, attempt.effort())
        receipt.position = positions[-1]
    elif not store.record(attempt.order, stream, "accepted", "", attempt.effort()):
        raise store.CommandKnown(attempt.order.id)
    return receipt


def _otherwise(decider: Decider, command: Any, taken: AlreadyTaken) -> Any:
    """What to ask for instead; the refusal stands if there is nothing, or nothing else."""
    instead = otherwise(decider, command, taken.kinds[0])
    if instead is None or instead == command:
        raise taken
    return instead


def _first_time(order: store.Order, stopped: Exception) -> Receipt:
    """What the same command came to the first time: sent twice at once, it may have stopped itself."""
    if receipt := _repeated(order):
        return receipt
    if isinstance(stopped, store.CommandKnown):
        raise AlreadyTaken(*stopped.taken) if stopped.taken else RefusedBefore
    raise stopped


def _repeated(order: store.Order) -> Receipt | None:
    """The receipt of the first time, if this command was carried out before."""
    known = store.known(order.id)
    if known and known.digest != order.digest:
        raise CommandIdReused
    if known is None or known.outcome != "accepted":
        return None
    receipt = Receipt(order.id, known.stream or "", repeated=True)
    if known.first_version and known.last_version:
        count = known.last_version - known.first_version + 1
        facts = list(islice(log.read_stream(receipt.stream, known.first_version - 1, count), count))
        receipt.events, receipt.position = tuple(fact.event for fact in facts), facts[-1].position
    return receipt
