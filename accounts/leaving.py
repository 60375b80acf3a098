"""Leaving for good, or leaving the staff: a fact of the log, and with it whatever is open ends, in one transaction."""

from uuid import UUID

from django.db import transaction

from accounts import credentials, sessions, tokens
from accounts.commands import CloseAccount, RevokeStaff
from eventstore.dispatch import Receipt, dispatch


def close(user_id: UUID, command_id: UUID | None = None) -> Receipt:
    """Closes an account. Nobody signs in to it again, by any door; its password is forgotten."""
    with transaction.atomic():
        receipt = _left(CloseAccount(user_id=user_id), command_id)
        credentials.forget(user_id)
    return receipt


def revoke_staff(user_id: UUID) -> Receipt:
    """Keeps somebody out of the admin. They may sign in again, as a reader."""
    with transaction.atomic():
        return _left(RevokeStaff(user_id=user_id))


def _left(command: CloseAccount | RevokeStaff, command_id: UUID | None = None) -> Receipt:
    credentials.locked(command.user_id)
    receipt = dispatch(command, id=command_id)
    if receipt.events:
        tokens.revoke_all(command.user_id)
        sessions.end_all(command.user_id)
    return receipt
