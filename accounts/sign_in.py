"""Signing in, by whichever door: the password is compared beside the log, the attempt is a fact of it."""

from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from accounts import credentials, devices, queries
from accounts.commands import SignIn, WrongCredentials
from accounts.credentials import Proof
from accounts.events import SignedIn
from accounts.models import User
from accounts.names import email_key
from accounts.throttling import KNOWN_DEVICE, SIGN_IN, spend
from eventstore.budgets import Spent
from eventstore.carry_out import carry_out
from eventstore.dispatch import Receipt, TooBusy, dispatch
from eventstore.text import identity

NOBODY = UUID(int=0)
INSISTS = 10
"""Times that it is tried to put on record that somebody came in."""


class Known(NamedTuple):
    """Somebody who said the right password, as they were before it was compared: a change since then ends whatever
    they are given for it.
    """

    person: User
    proof: Proof


def sign_in(login: str, password: str, device: str = "") -> Known:
    """The person with this address or name and password; `WrongCredentials` says no more than that.

    `device`: the cookie of a browser, by which it may be known.
    """
    person, proof = proved(login, password, device)
    noted(proof)
    if person is None:
        raise WrongCredentials
    return Known(person, proof)


def proved(login: str, password: str, device: str = "") -> tuple[User | None, Proof]:
    """That this is the password, and whose it is if they can be shown by now; `WrongCredentials` is on record.

    A try is counted before the password is compared, one that is right is not: `TooMany` if there were too many
    others.
    """
    user_id = queries.by_login(login) or NOBODY
    person = queries.person(user_id)
    with credentials.turn():
        tried = _counted(login, person, device)
        proof = credentials.compared(tried, user_id, password)
    if proof:
        return person, proof
    carry_out(SignIn(user_id=user_id, password_matched=False))  # waits for nothing to be shown, whoever it is
    raise WrongCredentials


def noted(proof: Proof) -> None:
    """Puts on record that somebody came in; `WrongCredentials` if they may not any more.

    A person who comes in by many windows at once waits for each of them.
    """
    receipt = _insisting(SignIn(user_id=proof.user_id, password_matched=True))
    if not any(isinstance(event, SignedIn) for event in receipt.events):
        raise WrongCredentials


def _insisting(command: SignIn) -> Receipt:
    for _ in range(INSISTS - 1):
        with suppress(TooBusy):
            return dispatch(command)
    return dispatch(command)


def _counted(login: str, person: User | None, device: str) -> Spent:
    """From a browser of the person's own it counts for that browser alone."""
    if person and (known := devices.known(device, person)):
        return spend(KNOWN_DEVICE, account=known)
    return spend(SIGN_IN, account=_account(login, person))


def _account(login: str, person: User | None) -> str:
    """All names of a person are one, since everybody may know them; the address is another.

    Counted together, tries by a name would tell whose address it is that is refused next.
    """
    if "@" in login:
        return f"address {email_key(login)}"
    return f"person {person.pk}" if person else f"name {identity(login)}"
