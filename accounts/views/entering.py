"""Coming in and going out: sign in, sign up, sign out."""

from django.contrib.auth import login, logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import devices, queries
from accounts.forms import SignInForm, SignUpForm
from accounts.registration import Registration, register
from accounts.sign_in import noted
from eventstore.forms import CommandForm
from eventstore.messages import Rejection
from eventstore.web import READ_OR_SEND, Request, come_back, next_url, sent, unprocessable


@sensitive_post_parameters("password")
@require_http_methods(READ_OR_SEND)
def sign_in(request: Request) -> HttpResponse:
    form = SignInForm(sent(request))
    if request.method != "POST":
        return _form_unless_known(request, "accounts/sign_in.html", form)
    if form.is_valid():
        try:
            known = form.sign_in(request.COOKIES.get(devices.COOKIE, ""))
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            login(request, known.person)
            return redirect(next_url(request, "home"))
    return _form(request, "accounts/sign_in.html", form)


@sensitive_post_parameters("password")
@require_http_methods(READ_OR_SEND)
def sign_up(request: Request) -> HttpResponse:
    form = SignUpForm(sent(request))
    if request.method != "POST":
        return _form_unless_known(request, "accounts/sign_up.html", form)
    if form.is_valid():
        try:
            joined = _joined(form)
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            return _welcome(request, joined.person)
    return _form(request, "accounts/sign_up.html", form)


def _joined(form: SignUpForm) -> Registration:
    """Sent again it is a way to come in, and on record as one."""
    joined = register(form.register(), form.cleaned_data["password"], form.id)
    if joined.receipt.repeated:
        noted(joined.proof)
    return joined


def _welcome(request: Request, person: queries.User | None) -> HttpResponse:
    if person is None:
        return come_back(request, "Your account")
    login(request, person)
    return redirect(next_url(request, "home"))


@require_POST
def sign_out(request: Request) -> HttpResponse:
    logout(request)
    return redirect("home")


def _form_unless_known(request: Request, template: str, form: CommandForm) -> HttpResponse:
    """The form, but for whoever is signed in already."""
    if request.user.is_authenticated:
        return redirect(next_url(request, "home"))
    return render(request, template, {"form": form, "next": request.GET.get("next", "")})


def _form(request: Request, template: str, form: CommandForm) -> HttpResponse:
    """The form once more, with what is wrong."""
    return unprocessable(request, template, {"form": form, "next": request.POST.get("next", "")}, form)
