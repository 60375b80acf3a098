"""Sessions, beside the log: which browsers somebody is signed in with, since when, and when each was last seen.

The table has the SHA-256 of a session's key, never the key: nobody signs in with what a copy of the database says.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.db import DatabaseError
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.browsers import in_words
from accounts.models import Session, User
from eventstore.ids import uuid7

NOTED_EVERY = timedelta(minutes=10)
MOST_SHOWN = 100


class SessionStore(SessionBase):
    """A session as Django asks for it: one statement reads it, one writes it."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.came_with = session_key
        self.id: UUID | None = None
        """What the session is called where its key must not be told."""
        self.browser, self.began_at = "", timezone.now()

    def load(self) -> dict[str, Any]:
        found = _open().filter(digest=_digest(self.session_key)).first()
        if found is None:
            self._session_key = None
            return {}
        _note_use(found)
        self.id, self.browser, self.began_at = found.id, found.browser, found.began_at
        data: dict[str, Any] = self.decode(found.data)
        return data

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(digest=_digest(session_key)).exists()

    def create(self) -> None:
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # django-stubs leave it out
        self.save(must_create=True)
        self.modified = True

    def cycle_key(self) -> None:
        """Another key for the same session; one that was ended meanwhile is left, and an empty one begun."""
        data, key = self._session, self.session_key  # type: ignore[attr-defined]
        if key is None:
            return self.create()
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
        self._session_cache, self.modified = data, True
        if not Session.objects.filter(digest=_digest(key)).update(digest=_digest(self.session_key)):
            self.flush()
        return None

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - as Django calls it
        """Writes it down, unless it was ended meanwhile: what is under way is answered, and does not bring it back."""
        if self.session_key is None:
            return self.create()
        row = self._row(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        if must_create:
            self.id = uuid7()
            Session.objects.create(id=self.id, digest=_digest(self.session_key), **row)
        else:
            Session.objects.filter(digest=_digest(self.session_key)).update(**row)
        return None

    def _row(self, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "user_id": data.get(SESSION_KEY),
            "data": self.encode(data),
            "browser": self.browser,
            "began_at": self.began_at,
            "last_seen_at": timezone.now(),
            "expires_at": self.get_expiry_date(),
        }

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            Session.objects.filter(digest=_digest(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expires_at__lte=timezone.now()).delete()


@receiver(user_logged_in)
def begin(sender: Any, request: Any, user: Any, **_: Any) -> None:
    """Whoever signs in has a new key, also in a browser that was signed in already."""
    session: SessionStore = request.session
    if session.session_key == session.came_with:
        session.cycle_key()
    session.browser = in_words(request.META.get("HTTP_USER_AGENT", ""))
    session.began_at = timezone.now()


def here(request: HttpRequest) -> UUID | None:
    """What the session that a request came with is called."""
    session: Any = request.session
    session.get(SESSION_KEY)  # read now, if nobody has yet
    found: UUID | None = session.id
    return found


def of(person: User) -> list[Session]:
    """The sessions that a person is signed in with, the latest seen first. One statement."""
    hashes = {person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()}
    found = _open().filter(user_id=person.pk).order_by("-last_seen_at", "-began_at")[:MOST_SHOWN]
    return [
        session for session in found if SessionStore().decode(session.data).get(HASH_SESSION_KEY) in hashes
    ]


def still_open(ids: Iterable[UUID]) -> set[UUID]:
    """Of these sessions those that have neither ended nor expired. One statement."""
    return set(_open().filter(pk__in=set(ids)).values_list("pk", flat=True))


def end(user_id: UUID, session_id: UUID) -> bool:
    """Ends one of a person's own sessions; whether there was one."""
    return bool(Session.objects.filter(user_id=user_id, pk=session_id).delete()[0])


def end_all(user_id: UUID, but: UUID | None = None) -> None:
    """Ends a person's sessions, save the one in use."""
    ended = Session.objects.filter(user_id=user_id)
    (ended.exclude(pk=but) if but else ended).delete()


def _open() -> QuerySet[Session]:
    return Session.objects.filter(expires_at__gt=timezone.now())


def _note_use(session: Session) -> None:
    """So seldom that reading stays reading; the condition lets one of many at once do it.

    Not to be noted is no reason not to be let in, as when a disk is full.
    """
    now = timezone.now()
    if abs(now - session.last_seen_at) > NOTED_EVERY:
        with suppress(DatabaseError):
            Session.objects.filter(pk=session.pk, last_seen_at=session.last_seen_at).update(last_seen_at=now)


def _digest(key: str | None) -> bytes:
    return sha256((key or "").encode(errors="surrogatepass")).digest()
