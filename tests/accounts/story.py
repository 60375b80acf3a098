"""Jake's account: facts and requests for specifications without a database."""

from typing import Any
from uuid import UUID

from accounts.commands import RegisterUser, UpdateProfile, UpdateUser
from accounts.events import ProfileUpdated, UserEmailChanged, UsernameChanged, UserRegistered
from eventstore.messages import Claim, Release

JAKE = UUID("01970a00-0000-7000-8000-0000000000a1")
WHO: dict[str, Any] = {"user_id": JAKE}
NAME_AND_ADDRESS = {"username": "Jake", "email": "Jake@Conduit.example"}


def register(**said: Any) -> RegisterUser:
    return RegisterUser(**WHO | NAME_AND_ADDRESS | said)


def update(**said: Any) -> UpdateUser:
    return UpdateUser(**WHO | said)


def describe(**said: Any) -> UpdateProfile:
    return UpdateProfile(**WHO | said)


def registered(**said: Any) -> UserRegistered:
    return UserRegistered(**WHO | NAME_AND_ADDRESS | said)


def renamed(username: str) -> UsernameChanged:
    return UsernameChanged(**WHO, username=username)


def moved(email: str) -> UserEmailChanged:
    return UserEmailChanged(**WHO, email=email)


def described(**said: Any) -> ProfileUpdated:
    return ProfileUpdated(**WHO | said)


def name(key: str) -> Claim:
    return Claim("username", key)


def address(key: str) -> Claim:
    return Claim("email", key)


def former_address(key: str) -> Release:
    return Release("email", key)
