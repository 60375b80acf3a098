"""For who has forgotten the password: ask for a link, follow it, set a new one.

The link is in no address of a page: following it leads on at once, and what it allows is remembered by the session. Its
secret is in the query, which logs leave out.
"""

from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import post, resetting
from accounts.forms import ForgottenForm, NewPasswordForm
from accounts.resetting import Leave
from eventstore.budgets import TooMany
from eventstore.messages import Rejection
from eventstore.web import READ_OR_SEND, Request, notify, sent, unprocessable

ASK, NEW, OVER = "accounts/forgotten.html", "accounts/new_password.html", "accounts/link_over.html"
LEAVE = "may_set_password"
GONE = 410


@require_http_methods(READ_OR_SEND)
def ask(request: Request) -> HttpResponse:
    form = ForgottenForm(sent(request))
    context = {"form": form, "mail": post.is_open()}
    if request.method != "POST" or not post.is_open():
        return render(request, ASK, context)
    if form.is_valid():
        try:
            resetting.ask(form.cleaned_data["email"])
        except Rejection as refusal:
            form.refuse(refusal)
        else:
            return redirect("password-reset-sent")
    return unprocessable(request, ASK, context, form)


@require_safe
def asked(request: Request) -> HttpResponse:
    return render(request, "accounts/link_sent.html", {"printed": post.is_printed()})


@require_safe
def follow(request: Request) -> HttpResponse:
    leave = resetting.follow(request.GET.get("user", ""), request.GET.get("token", ""))
    if leave is None:
        response = _over(request)
    else:
        request.session.cycle_key()  # somebody else may know the one that there was
        request.session[LEAVE] = leave.said()
        response = redirect("password-reset-new")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@sensitive_post_parameters("password")
@require_http_methods(READ_OR_SEND)
def set_new(request: Request) -> HttpResponse:
    leave = Leave.of(request.session.get(LEAVE))
    form = NewPasswordForm(sent(request))
    if leave is None:
        return _over(request)
    if request.method != "POST":
        return render(request, NEW, {"form": form}) if leave.stands() else _over(request)
    if form.is_valid():
        return _set(request, leave, form)
    return unprocessable(request, NEW, {"form": form}, form)


def _set(request: Request, leave: Leave, form: NewPasswordForm) -> HttpResponse:
    """Whoever was signed in here is so no more; who set the password shows that they know it."""
    try:
        resetting.use(leave, form.cleaned_data["password"], form.id)
    except TooMany:
        raise
    except Rejection:
        return _over(request)
    if request.user.is_authenticated:
        logout(request)
    notify(request, "Your new password is set. Sign in with it.")
    return redirect("login")


def _over(request: Request) -> HttpResponse:
    return render(request, OVER, status=GONE)
