"""Home: everything, what the authors I follow wrote, or what carries a tag."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.encoding import escape_uri_path
from django.views.decorators.http import require_safe

from blog import live, paging, queries
from eventstore.web import Request

MOST_TAGS = 100


@require_safe
def home(request: Request) -> HttpResponse:
    if request.GET.get("feed") != "following":
        return _list(request, "global", queries.everything(request.user.pk, part(request)), live.ARTICLES)
    if not request.user.is_authenticated:
        return redirect("login")
    reader = request.user.pk
    return _list(request, "following", queries.by_followed(reader, part(request)), live.followed_by(reader))


@require_safe
def tag(request: Request, tag: str) -> HttpResponse:
    listed = queries.tagged(tag, request.user.pk, part(request))
    return _list(request, "tag", listed, live.tagged(tag), tag)


def _number(request: Request) -> int:
    return paging.number(request.GET.get("page"))


def part(request: Request) -> slice:
    """The articles of the page that is asked for."""
    return paging.part(_number(request))


def _list(request: Request, feed: str, listed: queries.Listed, room: str, tag: str = "") -> HttpResponse:
    """On the first page something new may appear; the others only hear of hearts and tags."""
    page = page_of(request, listed)
    rooms = [live.TAGS, *([room] if page.number == 1 else [])]
    context = {
        "feed": feed,
        "tag": tag,
        "page": page,
        "tags": queries.tags(MOST_TAGS),
        "live": live.list_page(rooms, page.articles, request.user.pk, queries.position_of(page.articles)),
    }
    return render(request, "blog/home.html", context)


def page_of(request: Request, listed: queries.Listed) -> paging.Page:
    """A list's page, with links to the others."""
    articles, total = listed
    number = _number(request)
    return paging.Page(
        articles, number, paging.links(escape_uri_path(request.path), request.GET, number, total)
    )
