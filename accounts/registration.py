"""Registering, and changing a password: a fact in the log and a hash beside it, in one transaction.

A new password ends the tokens and the sessions, save the one in use, in the same transaction.
"""

from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from accounts import credentials, queries, sessions, tokens
from accounts.commands import ChangePassword, RegisterUser, UpdateUser, WrongCredentials
from accounts.credentials import Proof
from accounts.models import User
from accounts.sign_in import proved
from accounts.throttling import REGISTER, spend
from eventstore.dispatch import CommandIdReused, Receipt, dispatch, was_accepted


class Registration(NamedTuple):
    """What came of it, the person if they can be shown by now, and the proof that whoever asked knows the password."""

    receipt: Receipt
    person: User | None
    proof: Proof


def register(command: RegisterUser, password: str, command_id: UUID | None = None) -> Registration:
    """Registers a person with a password; both stand, or neither. Raises `TooMany` from an address with many others.

    Sent again, it is answered only to who could sign in with its address and password: a command's id proves nothing.
    """
    spend(REGISTER)
    if command_id and was_accepted(command_id):
        return _again(command, password, command_id)
    password_hash = credentials.hashed(password)
    receipt = with_hash(command, password_hash, command_id)
    if command_id and receipt.repeated:
        return _again(command, password, command_id)
    return Registration(receipt, queries.person(command.user_id), Proof(command.user_id, password_hash))


def _again(command: RegisterUser, password: str, command_id: UUID) -> Registration:
    """A try at the door for signing in: it is counted there, and on record if it is wrong, before anything tells
    whether the command was this one.
    """
    try:
        person, proof = proved(command.email, password)
    except WrongCredentials:
        raise CommandIdReused from None
    receipt = dispatch(command, id=command_id)
    if proof.user_id != command.user_id:
        raise CommandIdReused
    return Registration(receipt, person or _shown_by_now(proof), proof)


def _shown_by_now(proof: Proof) -> User | None:
    """The person, in the time of the very password that was proved."""
    with credentials.standing(proof):
        return queries.person(proof.user_id)


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

    Sent again with a password that is not the one that holds now, it is `CommandIdReused`: no password is part of a
    command, so nothing else tells that it is another.
    """
    if not password:
        return dispatch(command, id=command_id)
    receipt = with_hash(command, credentials.hashed(password), command_id, token=token, session=session)
    if receipt.repeated and not credentials.confirmed(command.user_id, password):
        raise CommandIdReused
    return receipt


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
