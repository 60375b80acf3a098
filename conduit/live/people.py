"""Who is behind a socket, by the session's cookie as on any page; and whether they still are."""

from collections.abc import Iterable
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import queries

SessionStore: Any = import_module(settings.SESSION_ENGINE).SessionStore


class Person(NamedTuple):
    """Somebody who is signed in: by which session, with which password and rights."""

    id: UUID
    session: str
    standing: tuple[object, ...]


def person(session: str | None) -> Person | None:
    """Who is signed in with this session; None for nobody."""
    if not (session and session.isascii() and session.isalnum()):
        return None
    user: Any = get_user(SimpleNamespace(session=SessionStore(session)))  # type: ignore[arg-type]  # it asks for no more
    standing = queries.standing([user.pk]).get(user.pk) if user.is_authenticated else None
    return Person(user.pk, session, standing) if standing else None


def still_there(people: Iterable[Person]) -> set[Person]:
    """Of these people those who have not signed out, nor been signed out, since. Two statements."""
    everybody = set(people)
    sessions = Session.objects.filter(session_key__in={each.session for each in everybody})
    open_ones = set(sessions.filter(expire_date__gt=timezone.now()).values_list("session_key", flat=True))
    standing = queries.standing({each.id for each in everybody})
    return {
        each for each in everybody if each.session in open_ones and standing.get(each.id) == each.standing
    }
