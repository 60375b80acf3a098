"""Profiles: who somebody is, what they wrote, what they took to heart; following them."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from blog import live, queries
from blog.commands import FollowAuthor, NoSuchAuthor, UnfollowAuthor
from blog.intents import signed_in
from blog.views.lists import page_of, part
from eventstore.dispatch import Receipt, dispatch
from eventstore.web import Request, next_url


@require_safe
def profile(request: Request, username: str) -> HttpResponse:
    return _profile(request, username, "articles")


@require_safe
def favorites(request: Request, username: str) -> HttpResponse:
    return _profile(request, username, "favorites")


def _profile(request: Request, username: str, tab: str) -> HttpResponse:
    author = author_or_404(username, request.user.pk)
    if author.name != username:
        return redirect("profile" if tab == "articles" else "favorites", author.name, permanent=True)
    listing = queries.written_by if tab == "articles" else queries.favorited_by
    page = page_of(request, listing(author, request.user.pk, part(request)))
    heard = live.list_page([live.author(author.id)], page.articles, request.user.pk, author.passed)  # type: ignore[attr-defined]
    return render(request, "blog/profile.html", {"author": author, "tab": tab, "page": page, "live": heard})


def author_or_404(username: str, viewer: queries.Viewer = None) -> queries.Author:
    if author := queries.author_named(username, viewer):
        return author
    raise NoSuchAuthor


@require_POST
@signed_in
def follow(request: Request, username: str) -> HttpResponse:
    author = author_or_404(username)
    receipt = dispatch(FollowAuthor(author_id=author.id, follower_id=request.user.pk))
    return _followed(request, author, receipt)


@require_POST
@signed_in
def unfollow(request: Request, username: str) -> HttpResponse:
    author = author_or_404(username)
    receipt = dispatch(UnfollowAuthor(author_id=author.id, follower_id=request.user.pk))
    return _followed(request, author, receipt)


def _followed(request: Request, author: queries.Author, receipt: Receipt) -> HttpResponse:
    """The button as it is now; everyone without htmx gets the page back."""
    if not request.htmx:
        return redirect(next_url(request, "profile", author.name))
    author = author_or_404(author.name, request.user.pk)
    if request.POST.get("place") == "article":
        return render(request, "blog/article.html#follows", {"article": {"author": author}, "mine": False})
    return render(request, "blog/profile.html#follow", {"author": author, "position": receipt.position})
