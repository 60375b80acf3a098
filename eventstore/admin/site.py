"""How pages about the log hang in Django admin: below /admin/eventstore/, on its index, in its sidebar.

A page is a function; `@page` says where it is and which permission it needs. Whatever asks too much of the
database, or for what can't be meant, is answered in words.
"""

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import path, reverse
from django.urls.resolvers import URLPattern

from eventstore.admin.permissions import METADATA, demand, may
from eventstore.inspection.limits import TooMuch

View = Callable[..., Any]
V = TypeVar("V", bound=View)
Crumb = tuple[str, str]
"""A link of the breadcrumbs: its address and its text."""

UNPROCESSABLE = 422
READING, WORKING = ("GET", "HEAD"), ("GET", "HEAD", "POST")


class Page(NamedTuple):
    """A view in the admin: `admin:eventstore_<name>` at /admin/eventstore/<route>."""

    name: str
    route: str
    view: View
    needs: str
    title: str


PAGES: list[Page] = []


def page(
    route: str, *, name: str, needs: str = METADATA, posts: bool = False, title: str = ""
) -> Callable[[V], V]:
    """Hangs a view in the admin; with a title it is listed on the index, in the sidebar and among the tabs.

    Anonymous people are sent to sign in, people without the permission get 403; 405 answers a method that
    the page has no use for: all but GET and HEAD, and POST where `posts` says so.
    """

    def hang(view: V) -> V:
        guarded = guard(view, needs, WORKING if posts else READING)
        PAGES.append(Page(name, route, guarded, needs, title))
        return view

    return hang


def guard(view: View, needs: str, methods: Collection[str] = READING) -> View:
    """The view for those who have the permission, and by these methods."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        demand(request, needs)
        if str(request.method) not in methods:
            return HttpResponseNotAllowed(methods)
        try:
            return view(request, *args, **kwargs)
        except TooMuch as too_much:
            return respond(request, "too_much.html", "Too much", status=UNPROCESSABLE, said=str(too_much))

    return guarded


def respond(
    request: HttpRequest,
    template: str,
    title: str,
    *,
    crumbs: Iterable[Crumb] = (),
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page of templates/admin/eventstore/ with all that the admin's frame needs."""
    site = {**admin.site.each_context(request), "title": title, "crumbs": list(crumbs), "tabs": tabs(request)}
    return render(request, f"admin/eventstore/{template}", {**site, **context}, status=status)


class Tab(NamedTuple):
    """A page that is always at hand."""

    title: str
    url: str
    here: bool


def tabs(request: HttpRequest) -> list[Tab]:
    """The listed pages that whoever asks may see, the one that is shown among them."""
    own = [("Events", reverse("admin:eventstore_event_changelist"), METADATA)]
    own += [("Commands", reverse("admin:eventstore_command_changelist"), METADATA)]
    hung = [
        (each.title, reverse(f"admin:eventstore_{each.name}"), each.needs) for each in PAGES if each.title
    ]
    every = [*hung[:1], *own, *hung[1:]]
    return [Tab(title, url, request.path == url) for title, url, needs in every if may(request, needs)]


def urls(site: AdminSite) -> list[URLPattern]:
    """Where the pages are."""
    return [
        path(f"eventstore/{each.route}", site.admin_view(each.view), name=f"eventstore_{each.name}")
        for each in PAGES
    ]


def listed(request: HttpRequest) -> list[dict[str, Any]]:
    """The listed pages that whoever asks may see, as the admin's index and sidebar want them."""
    return [
        {
            "name": each.title,
            "object_name": each.name,
            "admin_url": reverse(f"admin:eventstore_{each.name}"),
            "add_url": None,
            "view_only": True,
            "perms": {},
        }
        for each in PAGES
        if each.title and may(request, each.needs)
    ]
