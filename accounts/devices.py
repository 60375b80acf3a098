"""Browsers in which somebody has signed in before: what is guessed elsewhere keeps nobody out of theirs.

Known by a signed cookie that says who it was, in the time of which password, and which browser. It opens nothing: it
only lets a browser's tries be counted by themselves. A new password ends it.
"""

from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from accounts.models import User

COOKIE = "known_device"
SALT = "accounts.device"
YEAR_S = 365 * 24 * 60 * 60
SIGNED_IN = "conduit.signed_in"


def known(cookie: str, person: User) -> str:
    """What the browser with this cookie is called, if this person has signed in there; else empty."""
    try:
        whose, version, device = signing.loads(cookie, salt=SALT, max_age=YEAR_S)
    except (signing.BadSignature, ValueError):
        return ""
    return str(device) if (whose, version) == (str(person.pk), person.password_version) else ""


def remembered(person: User) -> str:
    """A cookie for a browser in which this person has just signed in."""
    return signing.dumps([str(person.pk), person.password_version, token_urlsafe(16)], salt=SALT)


@receiver(user_logged_in)
def note(request: HttpRequest, user: User, **more: Any) -> None:
    request.META[SIGNED_IN] = user


def devices(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: by whichever door somebody signs in, their browser is remembered."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if person := request.META.get(SIGNED_IN):
            response.set_cookie(
                COOKIE,
                remembered(person),
                max_age=YEAR_S,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    return respond
