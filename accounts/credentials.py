"""Passwords, beside the log: only their hashes, in a table that no projector and no event knows of."""

from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password

from accounts.models import Credential


def hashed(password: str) -> str:
    """The hash to store. Slow by design: call it before a transaction is opened, never inside one."""
    return make_password(password)


def store(user_id: UUID, password_hash: str) -> None:
    """Makes this the person's password; in the transaction of the fact that says so."""
    Credential.objects.update_or_create(user_id=user_id, defaults={"password": password_hash})


def matches(user_id: UUID | None, password: str) -> bool:
    """Whether this is the person's password; takes as long for somebody who does not exist."""
    credential = Credential.objects.filter(user_id=user_id).first() if user_id else None
    if credential is None:
        make_password(password)
        return False
    return check_password(password, credential.password)
