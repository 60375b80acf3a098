"""Whoever is not signed in is asked to, comes back to where they were, and finds done what they meant to do.

Their browser remembers it, in a signed cookie, for an hour and for once: nothing is stored for strangers.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve, reverse

from eventstore.messages import Rejection
from eventstore.web import Request, go, next_url

View = Callable[..., HttpResponse]

LIGHT = {"favorite", "unfavorite", "follow", "unfollow"}
"""What is remembered. Nothing else is: a planted cookie would have it done in the name of who signs in."""

COOKIE = "intent"
SALT = "blog.intent"
HOUR_S = 60 * 60
LONGEST = 200
"""So long an address, in characters of any script, fits into a cookie; those of articles and authors are shorter."""

OVER = "conduit.intent_over"


def signed_in(view: View) -> View:
    """Lets readers in; of anybody else remembers until they have signed in which heart or author they meant."""

    @wraps(view)
    def ask_who(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        response = to_sign_in(request, next_url(request, *_page_of(kwargs)))
        if _is_light(request.resolver_match) and len(request.path) <= LONGEST:
            _tell(response, signing.dumps(request.path, salt=SALT), HOUR_S)
        return response

    return ask_who


def to_sign_in(request: Request, back: str) -> HttpResponse:
    return go(request, f"{reverse('login')}?next={quote(back)}")


def _page_of(kwargs: dict[str, Any]) -> tuple[str, str]:
    """What an action's address is about: where one was, if the form does not say."""
    return ("article", kwargs["slug"]) if "slug" in kwargs else ("profile", kwargs["username"])


def _is_light(match: ResolverMatch | None) -> bool:
    return match is not None and match.url_name in LIGHT


def _tell(response: HttpResponse, value: str, age_s: int) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(COOKIE, value, max_age=age_s, secure=secure, httponly=True, samesite="Lax")


def _meant(request: HttpRequest) -> ResolverMatch | None:
    """What the browser remembers, if we have signed it within the hour and it is still to be done for anybody."""
    with suppress(signing.BadSignature, ValueError, Resolver404):
        match = resolve(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=HOUR_S))
        return match if _is_light(match) else None
    return None


@receiver(user_logged_in)
def do_what_was_meant(sender: object, request: HttpRequest, **signal: Any) -> None:
    """Carries out what was asked for before signing in; if that can't be done any more, it is let go."""
    request.META[OVER] = COOKIE in request.COOKIES
    if match := _meant(request):
        with suppress(Rejection):
            match.func(request, *match.args, **match.kwargs)


def intents(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: by whichever door somebody signs in, what was meant is forgotten."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.META.get(OVER):
            _tell(response, "", 0)
        return response

    return respond
