"""Commands go in here: read the stream, fold it, decide, append; then bring the read models up to date.

Every attempt leaves a row in the audit, refusals included. The command's id makes it safe to repeat: the same
command again is answered with what it led to the first time.
"""

import random
import time
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from eventstore import audit, codec, log, store, text
from eventstore.acting import acting
from eventstore.catch_up import bring_up_to_date
from eventstore.database import in_transaction
from eventstore.decider import Decider, decide_all, deciders, fold, otherwise
from eventstore.ids import uuid7
from eventstore.messages import COMMAND_TYPES, AlreadyTaken, Rejection

ATTEMPTS = 5
JITTER_S = 0.02


class TooBusy(Exception):  # noqa: N818
    """Too many people are changing this at once. Please try again."""


class CommandIdReused(Rejection):
    """This form was sent before with something else in it. Please load the page again."""


@dataclass(slots=True)
class Receipt:
    """What came of a command: its facts (none: it was so already) and where the last of them stands."""

    command_id: UUID
    stream: str
    events: tuple[Any, ...] = ()
    position: int | None = None
    repeated: bool = False
    shown: bool = True
    """Whether the read models show it: False inside a transaction, or when projecting takes too long."""


def dispatch(command: object, *, id: UUID | None = None) -> Receipt:  # noqa: A002
    """Carries a command out, once: durable and shown when it returns.

    Raises the aggregate's `Rejection`, `AlreadyTaken` or `BadInput` (nothing is stored then but the audit's row),
    and `TooBusy` when the stream keeps moving. Inside `transaction.atomic()` it joins: what the caller stores
    stands and falls with the facts, which are shown on commit.
    """
    receipt = record(command, id=id)
    _show(receipt)
    return receipt


def record(command: object, *, id: UUID | None = None) -> Receipt:  # noqa: A002
    """Carries a command out without bringing the read models up to date; for who does that anyway."""
    attempt = audit.Attempt(_order(command, id))
    with attempt.audited():
        receipt = _repeated(command, attempt.order) if id else None
        return receipt or _carry_out(command, attempt)


def _order(command: object, command_id: UUID | None) -> store.Order:
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


def _carry_out(command: Any, attempt: audit.Attempt) -> Receipt:
    """Reads, decides and appends; again when the stream moved, or under another name when one was taken."""
    text.check(command)
    decider = deciders.of(command)
    for nth in range(ATTEMPTS):
        try:
            return _try(decider, command, attempt)
        except store.StreamMoved:
            time.sleep(random.random() * JITTER_S * (nth + 1))  # noqa: S311
        except store.CommandKnown:
            return _repeated(command, attempt.order) or _refused_before()
        except AlreadyTaken as taken:
            instead = otherwise(decider, command, taken.kinds[0])
            if instead is None or instead == command:
                raise
            command = instead
    raise TooBusy


def _try(decider: Decider, command: Any, attempt: audit.Attempt) -> Receipt:
    attempt.stream = stream = decider.stream(command)
    past = list(log.read_stream(stream))
    state = fold(decider, (fact.event for fact in past))
    events, names = decide_all(decider, state, command)
    receipt = Receipt(attempt.order.id, stream, events)
    if events:
        after = past[-1].version if past else 0
        positions = store.append(attempt.order, stream, after, events, names, attempt.elapsed_us())
        receipt.position = positions[-1]
    elif not store.record(attempt.order, stream, "accepted", "", attempt.elapsed_us()):
        raise store.CommandKnown
    return receipt


def _repeated(command: object, order: store.Order) -> Receipt | None:
    """The receipt of the first time, if this command was carried out before."""
    known = store.known(order.id)
    if known and known.digest != order.digest:
        raise CommandIdReused
    if known is None or known.outcome != "accepted" or known.stream is None:
        return None
    receipt = Receipt(order.id, known.stream, repeated=True)
    if known.first_version and known.last_version:
        facts = list(log.read_stream(known.stream, known.first_version - 1))
        facts = facts[: known.last_version - known.first_version + 1]
        receipt.events, receipt.position = tuple(fact.event for fact in facts), facts[-1].position
    return receipt


def _refused_before() -> Receipt:
    raise CommandIdReused


def _show(receipt: Receipt) -> None:
    """Brings the read models to the receipt's facts, after the commit that makes them true."""
    if receipt.position is None:
        return
    if in_transaction():
        receipt.shown = False
        transaction.on_commit(lambda: _show(receipt))
    else:
        receipt.shown = bring_up_to_date(receipt.position)
