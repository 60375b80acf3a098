"""Sign in, sign up, settings: ask, tell, render."""

from typing import Any
from uuid import UUID

from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries, tokens
from accounts.forms import SettingsForm, SignInForm, SignUpForm
from accounts.registration import register, update
from eventstore.forms import CommandForm
from eventstore.messages import Rejection
from eventstore.web import UNPROCESSABLE, Request, come_back, next_url, notify, sent

READ_OR_SEND = ["GET", "HEAD", "POST"]


@sensitive_post_parameters("password")
@require_http_methods(READ_OR_SEND)
def sign_in(request: Request) -> HttpResponse:
    form = SignInForm(sent(request))
    if request.method != "POST":
        return _form_unless_known(request, "accounts/sign_in.html", form)
    if form.is_valid():
        try:
            login(request, form.sign_in())
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            return redirect(next_url(request, "home"))
    return _form(request, "accounts/sign_in.html", form)


@sensitive_post_parameters("password")
@require_http_methods(READ_OR_SEND)
def sign_up(request: Request) -> HttpResponse:
    form = SignUpForm(sent(request))
    if request.method != "POST":
        return _form_unless_known(request, "accounts/sign_up.html", form)
    if form.is_valid():
        command = form.register()
        try:
            register(command, form.cleaned_data["password"], form.id)
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            return _welcome(request, queries.person(command.user_id))
    return _form(request, "accounts/sign_up.html", form)


def _welcome(request: Request, person: queries.User | None) -> HttpResponse:
    if person is None:
        return come_back(request, "Your account")
    login(request, person)
    return redirect(next_url(request, "home"))


@require_POST
def sign_out(request: Request) -> HttpResponse:
    logout(request)
    return redirect("home")


@sensitive_post_parameters("password")
@login_required
@require_http_methods(READ_OR_SEND)
def settings(request: Request) -> HttpResponse:
    form = SettingsForm(sent(request), initial=_present(request.user))
    if request.method != "POST":
        return _settings(request, form)
    if form.is_valid():
        try:
            update(form.update(request.user.pk), form.cleaned_data["password"], form.id)
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            return _updated(request, queries.person(request.user.pk), form)
    return _settings(request, form, UNPROCESSABLE)


def _settings(request: Request, form: SettingsForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "tokens": tokens.of(request.user.pk)}
    return render(request, "accounts/settings.html", context, status=status)


def _updated(request: Request, person: queries.User | None, form: SettingsForm) -> HttpResponse:
    """The profile as it is now; this session goes on, even if a new password has ended the others."""
    if person is None or person.username != form.cleaned_data["username"]:
        return come_back(request, "Your profile")
    if form.cleaned_data["password"]:  # only then: a session that is renewed ends for whoever clicks twice
        update_session_auth_hash(request, person)
    return redirect("profile", person.username)


@login_required
@require_POST
def revoke_token(request: Request, token_id: UUID) -> HttpResponse:
    """Signs out a program; only one's own."""
    if not tokens.revoke(request.user.pk, token_id):
        raise Http404
    notify(request, "That program is signed out.")
    return redirect("settings")


def _present(person: Any) -> dict[str, str]:
    return {name: getattr(person, name) for name in ("image", "username", "bio", "email")}


def _form_unless_known(request: Request, template: str, form: CommandForm) -> HttpResponse:
    """The form, but for whoever is signed in already."""
    if request.user.is_authenticated:
        return redirect(next_url(request, "home"))
    return render(request, template, {"form": form, "next": request.GET.get("next", "")})


def _form(request: Request, template: str, form: CommandForm) -> HttpResponse:
    """The form once more, with what is wrong."""
    context = {"form": form, "next": request.POST.get("next", "")}
    return render(request, template, context, status=UNPROCESSABLE)
