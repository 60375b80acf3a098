"""Home: everything, what the authors I follow wrote, or what carries a tag."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.encoding import escape_uri_path
from django.views.decorators.http import require_safe

from blog import paging, queries
from eventstore.web import Request


@require_safe
def home(request: Request) -> HttpResponse:
    if request.GET.get("feed") != "following":
        return _list(request, "global", queries.everything(request.user.pk, part(request)))
    if not request.user.is_authenticated:
        return redirect("login")
    return _list(request, "following", queries.by_followed(request.user.pk, part(request)))


@require_safe
def tag(request: Request, tag: str) -> HttpResponse:
    return _list(request, "tag", queries.tagged(tag, request.user.pk, part(request)), tag)


def _number(request: Request) -> int:
    return paging.number(request.GET.get("page"))


def part(request: Request) -> slice:
    """The articles of the page that is asked for."""
    return paging.part(_number(request))


def _list(request: Request, feed: str, listed: queries.Listed, tag: str = "") -> HttpResponse:
    context = {"feed": feed, "tag": tag, "page": page_of(request, listed), "tags": queries.tags()}
    return render(request, "blog/home.html", context)


def page_of(request: Request, listed: queries.Listed) -> paging.Page:
    """A list's page, with links to the others."""
    articles, total = listed
    number = _number(request)
    return paging.Page(
        articles, number, paging.links(escape_uri_path(request.path), request.GET, number, total)
    )
