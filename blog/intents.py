"""Whoever is not signed in is asked to, comes back to where they were, and finds done what they meant to do."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpResponse
from django.urls import resolve, reverse

from eventstore.messages import Rejection
from eventstore.web import Request, go, next_url

View = Callable[..., HttpResponse]

LIGHT = {"favorite", "unfavorite", "follow", "unfollow"}
"""What is remembered. Nothing else is: a planted session's cookie would have it done in the name of who signs in."""


def signed_in(view: View) -> View:
    """Lets readers in; of anybody else remembers until they have signed in which heart or author they meant."""

    @wraps(view)
    def ask_who(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.resolver_match and request.resolver_match.url_name in LIGHT:
            request.session["intent"] = request.path
        return to_sign_in(request, next_url(request, *_page_of(kwargs)))

    return ask_who


def to_sign_in(request: Request, back: str) -> HttpResponse:
    return go(request, f"{reverse('login')}?next={quote(back)}")


def _page_of(kwargs: dict[str, Any]) -> tuple[str, str]:
    """What an action's address is about: where one was, if the form does not say."""
    return ("article", kwargs["slug"]) if "slug" in kwargs else ("profile", kwargs["username"])


@receiver(user_logged_in)
def do_what_was_meant(sender: object, request: Request, **signal: Any) -> None:
    """Carries out what was asked for before signing in; if that can't be done any more, it is let go."""
    if path := request.session.pop("intent", None):
        match = resolve(path)
        with suppress(Rejection):
            match.func(request, *match.args, **match.kwargs)
