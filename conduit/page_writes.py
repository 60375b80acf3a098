"""What signed-in people send by pages is counted with what their programs write: one allowance for both doors.

A statement each, as for a write of the API (conduit/rate_limits.py). Whoever is refused gets a page that has what they
typed, to be sent again; a browser with scripts stays where it is, and says so.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render

from conduit.api_door import OF_THE_API
from conduit.confided import FIELDS
from conduit.rate_limits import MINUTE, SAFE, Budget, until_next_minute, write
from eventstore.budgets import Counter, Limit, TooMany
from eventstore.web import later

WAYS_OUT = {"logout", "end-others", "revoke-tokens"}
"""Lead out of a session or a token that somebody else floods the site with: they are counted, and never refused."""

KEPT = FIELDS | {"password", "csrfmiddlewaretoken"}
"""A form that has other fields is not repeated: it might be without what matters."""


class PageWrites:
    """Middleware, in front of the one that knows forged forms: they are counted as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._forgeries = CsrfViewMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        budget = _spend(request)
        if budget is None or not budget.overdrawn:
            return None
        forged = self._forgeries.process_view(request, view, args, kwargs) is not None
        if not forged and request.resolver_match and request.resolver_match.view_name in WAYS_OUT:
            return None
        return _one_too_many(request, budget, forged=forged)


def _spend(request: HttpRequest) -> Budget | None:
    """None for what is not counted here, and if the database is in trouble, as the view will say."""
    if not settings.API_RATE_LIMITS or request.method in SAFE or OF_THE_API.match(request.path_info):
        return None
    try:
        who = request.user.pk
        return write(str(who)) if who else None
    except DatabaseError:
        return None


def _one_too_many(request: HttpRequest, budget: Budget, *, forged: bool) -> HttpResponse:
    """What somebody else may have made them send is not offered to them."""
    refusal = TooMany(Counter("writes", "", Limit(budget.limit, MINUTE)), until_next_minute())
    context: dict[str, Any] = {"message": str(refusal)}
    if not forged and not request.headers.get("HX-Request") and request.POST.keys() <= KEPT:
        context["again"] = _sent(request)
    return later(refusal, render(request, "429.html", context))


def _sent(request: HttpRequest) -> dict[str, Any]:
    """What was typed, but for a password: that is asked for once more."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in {"password", "csrfmiddlewaretoken"}
    ]
    return {"fields": fields, "password": bool(request.POST.get("password"))}
