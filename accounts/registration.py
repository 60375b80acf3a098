"""Registering, and changing a password: a fact in the log and a hash beside it, in one transaction."""

from uuid import UUID

from django.db import transaction

from accounts import credentials
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


def update(command: UpdateUser, password: str, command_id: UUID | None = None) -> Receipt:
    """Changes what the settings form says, the password with it if one was given."""
    return with_password(command, password, command_id) if password else dispatch(command, id=command_id)


def change_password(user_id: UUID, password: str) -> Receipt:
    return with_password(ChangePassword(user_id=user_id), password)


def with_password(
    command: RegisterUser | UpdateUser | ChangePassword, password: str, command_id: UUID | None = None
) -> Receipt:
    password_hash = credentials.hashed(password)
    with transaction.atomic():
        receipt = dispatch(command, id=command_id)
        if not receipt.repeated:
            credentials.store(command.user_id, password_hash)
    return receipt
