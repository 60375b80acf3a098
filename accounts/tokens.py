"""Tokens of the API, beside the log: opaque, told once, known by their SHA-256.

Their owner ends one of them, a new password ends them all but the one in use, and one too many ends the one that was
used longest ago.
"""

from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from django.db import DatabaseError
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.credentials import Proof, standing
from accounts.models import ApiToken, User
from eventstore.ids import uuid7

BITS = 256
LONGEST_NAME = 100
MOST = 50
"""So many a person has at once: some programs log in anew each time."""

NOTED_EVERY = timedelta(minutes=10)


def issue(proof: Proof, name: str, token: str = "") -> str:
    """A new token for who knows the password; nobody can say it again, but for who sends again the request that made it.

    Given only while that is the password: one that is replaced at the same moment ends the token, or refuses it with
    `WrongCredentials`.
    """
    token, now = token or token_urlsafe(BITS // 8), timezone.now()
    digest, its = _digest(token), {"name": name[:LONGEST_NAME], "created_at": now, "last_used_at": now}
    with standing(proof):
        made = ApiToken(id=uuid7(), user_id=proof.user_id, digest=digest, **its)
        ApiToken.objects.bulk_create([made], ignore_conflicts=True)
        _make_room(proof.user_id, digest)
    return token


def _make_room(user_id: UUID, digest: bytes) -> None:
    """Of a person's other tokens the latest used stay."""
    others = ApiToken.objects.filter(user_id=user_id).exclude(digest=digest)
    too_many = others.order_by("-last_used_at", "-created_at", "-pk").values("pk")[MOST - 1 :]
    ApiToken.objects.filter(pk__in=too_many).delete()


def repeatable(command_id: UUID | None, body: bytes) -> str:
    """The token for this command sent with this body, which holds the password: always the same, known to nobody
    else. Empty if the command may not be repeated.
    """
    if command_id is None:
        return ""
    made = salted_hmac("accounts.token", command_id.bytes + body, algorithm="sha256").digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def is_known(token: str) -> bool:
    """Whether this is somebody's token, and was not ended."""
    return ApiToken.objects.filter(digest=_digest(token)).exists()


def owner(token: str) -> User | None:
    """Whose token this is, unless it was revoked or the account closed. One statement; now and then another."""
    found = (
        ApiToken.objects.filter(digest=_digest(token), user__is_active=True).select_related("user").first()
    )
    if found is None:
        return None
    _note_use(found)
    return found.user


def _note_use(token: ApiToken) -> None:
    """So seldom that reading stays reading; the condition lets one of many at once do it.

    Where nothing can be written just now, reading goes on all the same. A clock that was put back keeps it from nothing.
    """
    now = timezone.now()
    if abs(now - token.last_used_at) > NOTED_EVERY:
        with suppress(DatabaseError):
            ApiToken.objects.filter(pk=token.pk, last_used_at=token.last_used_at).update(last_used_at=now)


def of(user_id: UUID) -> list[ApiToken]:
    """A person's tokens, the latest used first. One statement."""
    return list(ApiToken.objects.filter(user_id=user_id).order_by("-last_used_at", "-created_at"))


def revoke(user_id: UUID, token_id: UUID) -> bool:
    """Ends one of a person's own tokens; whether there was one."""
    return bool(ApiToken.objects.filter(user_id=user_id, pk=token_id).delete()[0])


def revoke_all(user_id: UUID, but: str = "") -> None:
    """Ends a person's tokens, save the one in use."""
    ApiToken.objects.filter(user_id=user_id).exclude(digest=_digest(but)).delete()


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="surrogatepass")).digest()
