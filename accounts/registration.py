"""Registering, and changing a password: a fact in the log and a hash beside it, in one transaction.

A new password ends the tokens and the sessions, save the one in use, in the same transaction.
"""

from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from accounts import credentials, queries, sessions, tokens
from accounts.commands import ChangePassword, RegisterUser, UpdateUser
from accounts.credentials import Proof
from accounts.models import User
from accounts.throttling import AGAIN, REGISTER, spend
from eventstore.dispatch import CommandIdReused, Receipt, dispatch


class Registration(NamedTuple):
    """What came of it, the person if they can be shown by now, and the proof that whoever asked knows the password."""

    receipt: Receipt
    person: User | None
    proof: Proof


def register(command: RegisterUser, password: str, command_id: UUID | None = None) -> Registration:
    """Registers a person with a password; both stand, or neither. Raises `TooMany` from an address with many others.

    Sent again, it is answered only to who knows the password, and how often that is tried is counted: a command's id
    proves nothing.
    """
    spend(REGISTER)
    password_hash = credentials.hashed(password)
    receipt = with_hash(command, password_hash, command_id)
    person = queries.person(command.user_id)
    if not receipt.repeated:
        return Registration(receipt, person, Proof(command.user_id, password_hash))
    if proof := credentials.confirmed(command.user_id, password, AGAIN):
        return Registration(receipt, person, proof)
    raise CommandIdReused


def update(
    command: UpdateUser,
    password: str,
    command_id: UUID | None = None,
    *,
    token: str = "",
    session: UUID | None = None,
) -> Receipt:
    """Changes what the settings form says, the password with it if one was given; the token, or the session, in use
    stays good.
    """
    if not password:
        return dispatch(command, id=command_id)
    return with_hash(command, credentials.hashed(password), command_id, token=token, session=session)


def change_password(user_id: UUID, password: str) -> Receipt:
    return with_hash(ChangePassword(user_id=user_id), credentials.hashed(password))


def with_hash(
    command: RegisterUser | UpdateUser | ChangePassword,
    password_hash: str,
    command_id: UUID | None = None,
    *,
    token: str = "",
    session: UUID | None = None,
) -> Receipt:
    """Carries the command out and makes this the hash of the person's password: both stand, or neither."""
    with transaction.atomic():
        credentials.locked(command.user_id)
        receipt = dispatch(command, id=command_id)
        if not receipt.repeated:
            credentials.store(command.user_id, password_hash)
            tokens.revoke_all(command.user_id, but=token)
            sessions.end_all(command.user_id, but=session)
    return receipt
