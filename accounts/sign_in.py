"""Signing in, by whichever door: the password is compared beside the log, the attempt is a fact of it."""

from uuid import UUID

from accounts import credentials, queries
from accounts.commands import SignIn, WrongCredentials
from accounts.events import SignedIn
from accounts.models import User
from eventstore.dispatch import dispatch

NOBODY = UUID(int=0)


def sign_in(login: str, password: str) -> User:
    """The person with this address or name and password; `WrongCredentials` says no more than that."""
    user_id = queries.by_login(login)
    matched = credentials.matches(user_id, password)
    receipt = dispatch(SignIn(user_id=user_id or NOBODY, password_matched=matched))
    person = queries.person(user_id) if user_id else None
    if person is None or not any(isinstance(event, SignedIn) for event in receipt.events):
        raise WrongCredentials
    return person
