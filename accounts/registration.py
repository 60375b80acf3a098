"""Registering, and changing a password: a fact in the log and a hash beside it, in one transaction.

A new password ends the tokens, save the one in use, in the same transaction; sessions end by the fact itself.
"""

from uuid import UUID

from django.db import transaction

from accounts import credentials, tokens
from accounts.commands import ChangePassword, RegisterUser, UpdateUser
from eventstore.dispatch import CommandIdReused, Receipt, dispatch


def register(command: RegisterUser, password: str, command_id: UUID | None = None) -> Receipt:
    """Registers a person with a password; both stand, or neither.

    Sent again, it is answered only to who knows the password: a command's id proves nothing.
    """
    receipt = with_password(command, password, command_id)
    if receipt.repeated and not credentials.matches(command.user_id, password):
        raise CommandIdReused
    return receipt


def update(command: UpdateUser, password: str, command_id: UUID | None = None, token: str = "") -> Receipt:
    """Changes what the settings form says, the password with it if one was given; the token in use stays good."""
    if not password:
        return dispatch(command, id=command_id)
    return with_password(command, password, command_id, token)


def change_password(user_id: UUID, password: str) -> Receipt:
    return with_password(ChangePassword(user_id=user_id), password)


def with_password(
    command: RegisterUser | UpdateUser | ChangePassword,
    password: str,
    command_id: UUID | None = None,
    token: str = "",
) -> Receipt:
    password_hash = credentials.hashed(password)
    with transaction.atomic():
        receipt = dispatch(command, id=command_id)
        if not receipt.repeated:
            credentials.store(command.user_id, password_hash)
            tokens.revoke_all(command.user_id, but=token)
    return receipt
