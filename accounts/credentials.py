"""Passwords, beside the log: only their hashes, in a table that no projector and no event knows of."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import BoundedSemaphore
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.hashers import check_password, get_hasher, make_password
from django.db import transaction

from accounts.commands import WrongCredentials
from accounts.models import Credential
from accounts.throttling import CONFIRM, spend
from eventstore.budgets import Spent

AT_ONCE = 4
"""So few compare at once with a hasher that has no bound: fewer than any account may try."""

_turns = BoundedSemaphore(AT_ONCE)


class Proof(NamedTuple):
    """That somebody knew this person's password: good for as long as that is the password."""

    user_id: UUID
    password_hash: str


def hashed(password: str) -> str:
    """The hash to store. Slow by design: call it before a transaction is opened, never inside one."""
    return make_password(password)


def turn() -> AbstractContextManager[None]:
    """Few compare at once: what counts tries waits in here, so that none is counted that was not made.

    Raises `TooBusy` where the hasher has a bound of its own, and too many are there.
    """
    found: AbstractContextManager[None] = getattr(get_hasher(), "turn", _few)()
    return found


@contextmanager
def _few() -> Iterator[None]:
    with _turns:
        yield


def store(user_id: UUID, password_hash: str) -> None:
    """Makes this the person's password; in the transaction of the fact that says so."""
    Credential.objects.update_or_create(user_id=user_id, defaults={"password": password_hash})


def forget(user_id: UUID) -> None:
    """From now on no password is the person's; in the transaction of the fact that says why."""
    Credential.objects.filter(user_id=user_id).delete()


def proof(user_id: UUID, password: str) -> Proof | None:
    """If this is the person's password; takes as long for somebody who does not exist."""
    credential = Credential.objects.filter(user_id=user_id).first()
    if credential is None:
        make_password(password)
        return None
    return Proof(user_id, credential.password) if check_password(password, credential.password) else None


def confirmed(user_id: UUID, password: str) -> Proof | None:
    """If whoever is known already knows the password as well; raises `TooMany` from whoever only guesses."""
    with turn():
        tried = spend(CONFIRM, account=str(user_id))
        return compared(tried, user_id, password)


def compared(tried: Spent, user_id: UUID, password: str) -> Proof | None:
    """The proof that a try has given, which is not counted then."""
    found = proof(user_id, password)
    if found:
        tried.give_back()
    return found


def locked(user_id: UUID) -> str:
    """The hash, which nobody replaces before the caller's transaction has ended; empty if there is none.

    Whoever takes this lock and writes facts of the account takes it first.
    """
    credential = Credential.objects.select_for_update().filter(user_id=user_id).first()
    return credential.password if credential else ""


@contextmanager
def standing(proof: Proof) -> Iterator[None]:
    """What is stored inside is given for a password that is still the person's; else `WrongCredentials`.

    Whoever replaces the password waits, and finds what was given.
    """
    with transaction.atomic():
        if locked(proof.user_id) != proof.password_hash:
            raise WrongCredentials
        yield
