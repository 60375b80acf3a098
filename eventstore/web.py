"""What every context's views need: where to go next, and what to say there."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from eventstore.budgets import TooMany
from eventstore.forms import CommandForm
from eventstore.messages import Rejection


class Request(HttpRequest):
    """A request as the middleware leaves it."""

    htmx: HtmxDetails
    user: Any
    """Whoever is signed in, or an AnonymousUser: its pk is a UUID, or None."""


READ_OR_SEND = ["GET", "HEAD", "POST"]
UNPROCESSABLE = 422
CONFLICT = 409
TOO_MANY = 429


def sent(request: HttpRequest) -> QueryDict | None:
    """What was sent with a form, be it nothing; None where the form is only asked for."""
    return request.POST if request.method == "POST" else None


def next_url(request: HttpRequest, otherwise: str, *args: Any) -> str:
    """Where the reader wants to go back to, if that is on this site; else `otherwise`, a URL's name."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    on_site = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if on_site and asked.startswith("/") else resolve_url(otherwise, *args)


def unprocessable(
    request: HttpRequest, template: str, context: dict[str, Any], form: CommandForm
) -> HttpResponse:
    """The page with the form once more: what was typed, and what is wrong with it."""
    return later(form.refusal, render(request, template, context, status=UNPROCESSABLE))


def later(refusal: Rejection | None, response: HttpResponse) -> HttpResponse:
    """A response that says when to come again, if that is why something was refused."""
    if isinstance(refusal, TooMany):
        response.status_code = TOO_MANY
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response


def page_behind(request: Request, otherwise: str) -> str:
    """The page of this site whose htmx asks; else `otherwise`, for a header that names none, or that makes no sense."""
    try:
        return request.htmx.current_url_abs_path or otherwise
    except ValueError:
        return otherwise


def go(request: Request, url: str) -> HttpResponse:
    """Sends the browser somewhere, whether it or htmx asked."""
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)


def offer_undo(request: HttpRequest, text: str, action: str) -> None:
    """The next page says what was done, with a button that takes it back."""
    request.session["undo"] = {"text": text, "action": action}


def notify(request: HttpRequest, text: str) -> None:
    """The next page says this."""
    request.session["notice"] = text


def come_back(request: HttpRequest, what: str) -> HttpResponse:
    """For a command that stands while the pages can't show it yet: says so, and leads home."""
    notify(request, f"{what} is saved. The pages are still updating; it will be here in a moment.")
    return HttpResponseRedirect(resolve_url("home"))
