"""Who is behind a socket, by the session's cookie as on any page; and whether they still are."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import get_user

from accounts import queries, sessions
from accounts.sessions import SessionStore


class Person(NamedTuple):
    """Somebody who is signed in: by which session, with which password and rights."""

    id: UUID
    session: UUID
    standing: tuple[object, ...]


def person(key: str | None, needs: Iterable[str] = ()) -> Person | None:
    """Who is signed in with the session of this key, and has these permissions; None for nobody."""
    if not (key and key.isascii() and key.isalnum()):
        return None
    session = SessionStore(key)
    user: Any = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]  # it asks for no more
    known = user.is_authenticated and all(map(user.has_perm, needs))
    standing = queries.standing([user.pk]).get(user.pk) if known else None
    return Person(user.pk, session.id, standing) if standing and session.id else None


def still_there(people: Iterable[Person]) -> set[Person]:
    """Of these people those who have not signed out, nor been signed out, since. Two statements."""
    everybody = set(people)
    open_ones = sessions.still_open({each.session for each in everybody})
    standing = queries.standing({each.id for each in everybody})
    return {
        each for each in everybody if each.session in open_ones and standing.get(each.id) == each.standing
    }
