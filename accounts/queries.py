"""Every question that is asked about accounts."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User as User
from accounts.names import email_key
from eventstore.claims import holder
from eventstore.text import NEVER, identity


def person(user_id: UUID) -> User | None:
    """The person with this id, closed accounts included."""
    return User.objects.filter(pk=user_id).first()


def by_login(login: str) -> UUID | None:
    """Whose address or name this is, in any spelling."""
    if NEVER.search(login):
        return None
    kind, key = ("email", email_key(login)) if "@" in login else ("username", identity(login))
    stream = holder(kind, key)
    return UUID(stream.removeprefix("user-")) if stream else None


def standing(user_ids: Iterable[UUID]) -> dict[UUID, tuple[object, ...]]:
    """Of these people those whose accounts are open, with what changes when they are to sign in again: a new
    password, or other rights. One statement.
    """
    people = User.objects.filter(pk__in=user_ids, is_active=True)
    rights = ("password_version", "is_staff", "is_superuser", "permissions")
    return {pk: (*rest, tuple(permissions)) for pk, *rest, permissions in people.values_list("pk", *rights)}
