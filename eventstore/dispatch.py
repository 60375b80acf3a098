"""Commands go in here. When `dispatch` returns, what they led to is recorded, and the read models show it."""

from uuid import UUID

from django.db import transaction

from eventstore import store
from eventstore.carry_out import CommandIdReused, Receipt, RefusedBefore, TooBusy, carry_out
from eventstore.catch_up import show
from eventstore.database import in_transaction

__all__ = ["CommandIdReused", "Receipt", "RefusedBefore", "TooBusy", "dispatch", "was_accepted"]


def dispatch(command: object, *, id: UUID | None = None) -> Receipt:  # noqa: A002
    """Carries a command out, once: durable and shown when it returns.

    Raises the aggregate's `Rejection`, `AlreadyTaken` or `BadInput` (nothing is stored then but the audit's
    row), and `TooBusy` when the stream keeps moving. Inside `transaction.atomic()` it joins: what the caller
    stores stands and falls with the facts, which are shown on commit.
    """
    receipt = carry_out(command, id)
    if in_transaction():
        receipt.shown = False
        transaction.on_commit(lambda: _show(receipt))
    else:
        _show(receipt)
    return receipt


def was_accepted(command_id: UUID) -> bool:
    """Whether there was a command with this id, whichever: sent again it is answered as the first time, or refused as
    another one.
    """
    known = store.known(command_id)
    return known is not None and known.outcome == "accepted"


def _show(receipt: Receipt) -> None:
    """Brings the read models to the receipt's facts, after the commit that makes them true."""
    receipt.shown = show(receipt)
