"""Settings: what one may change about oneself, and who else is signed in as oneself."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import leaving, queries, sessions, tokens
from accounts.commands import WrongPassword
from accounts.credentials import confirmed
from accounts.forms import ClosingForm, SettingsForm
from accounts.registration import update
from eventstore.messages import Rejection
from eventstore.web import READ_OR_SEND, Request, come_back, notify, sent, unprocessable

SETTINGS, CLOSE = "accounts/settings.html", "accounts/close.html"


def from_settings(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A button of the settings: for whoever is signed in; others come back to the settings, not to the button."""

    @require_POST
    @wraps(view)
    def respond(request: Request, **more: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(reverse("settings"))
        return view(request, **more)

    return respond


@sensitive_post_parameters("password")
@login_required
@require_http_methods(READ_OR_SEND)
def settings(request: Request) -> HttpResponse:
    form = SettingsForm(sent(request), initial=_present(request.user))
    if request.method != "POST":
        return render(request, SETTINGS, _around(request, form))
    if form.is_valid():
        password = form.cleaned_data["password"]
        try:
            update(form.update(request.user.pk), password, form.id, session=sessions.here(request))
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            return _updated(request, queries.person(request.user.pk), form)
    return unprocessable(request, SETTINGS, _around(request, form), form)


def _around(request: Request, form: SettingsForm) -> dict[str, Any]:
    person = request.user
    return {"form": form, "sessions": sessions.of(person), "tokens": tokens.of(person.pk)}


def _present(person: Any) -> dict[str, str]:
    return {name: getattr(person, name) for name in ("image", "username", "bio", "email")}


def _updated(request: Request, person: queries.User | None, form: SettingsForm) -> HttpResponse:
    """The profile as it is now; this session goes on, even if a new password has ended the others."""
    if person is None or person.username != form.cleaned_data["username"]:
        return come_back(request, "Your profile")
    if form.cleaned_data["password"]:  # only then: a session that is renewed ends for whoever clicks twice
        update_session_auth_hash(request, person)
    return redirect("profile", person.username)


@from_settings
def end_session(request: Request, session_id: UUID) -> HttpResponse:
    """Signs out another browser; only one of one's own."""
    if not sessions.end(request.user.pk, session_id):
        raise Http404
    if session_id == sessions.here(request):
        logout(request)
        return redirect("home")
    notify(request, "That browser is signed out.")
    return redirect("settings")


@from_settings
def end_others(request: Request) -> HttpResponse:
    """Signs out everywhere but here: browsers, and programs too if that is asked for."""
    sessions.end_all(request.user.pk, but=sessions.here(request))
    if request.POST.get("programs"):
        tokens.revoke_all(request.user.pk)
    notify(request, "You are signed out everywhere else.")
    return redirect("settings")


@from_settings
def revoke_token(request: Request, token_id: UUID) -> HttpResponse:
    """Signs out a program; only one's own."""
    if not tokens.revoke(request.user.pk, token_id):
        raise Http404
    notify(request, "That program is signed out.")
    return redirect("settings")


@from_settings
def revoke_tokens(request: Request) -> HttpResponse:
    tokens.revoke_all(request.user.pk)
    notify(request, "All programs are signed out.")
    return redirect("settings")


@sensitive_post_parameters("password")
@login_required
@require_http_methods(READ_OR_SEND)
def close_account(request: Request) -> HttpResponse:
    """For good, by who knows the password: a browser left open does not do."""
    form = ClosingForm(sent(request))
    if request.method != "POST":
        return render(request, CLOSE, {"form": form})
    if form.is_valid():
        try:
            _close(request.user.pk, form)
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            logout(request)
            notify(request, "Your account is closed. Thank you for having been here.")
            return redirect("home")
    return unprocessable(request, CLOSE, {"form": form}, form)


def _close(user_id: UUID, form: ClosingForm) -> None:
    if confirmed(user_id, form.cleaned_data["password"]) is None:
        raise WrongPassword
    leaving.close(user_id, form.id)
