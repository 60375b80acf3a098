"""The blog in Django admin, to be read: its rows, the streams that made them, and the pages that facts concern."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import models
from django.urls import reverse

from accounts.events import ProfileUpdated, UsernameChanged, UserRegistered
from blog import events
from blog.models import Article, Author, Comment, Favorite, Follow, FormerSlug, Tag, Tagging, Tally
from eventstore.admin import ReadOnly
from eventstore.telling import Link, concerns, origins

MOST = 400
"""Streams of one kind that are named as the origin of a row."""


@admin.register(Article)
class ArticleAdmin(ReadOnly):
    list_display = ("title", "author", "created_at", "version", "deleted_at")
    list_select_related = ("author",)
    search_fields = ("title", "slug")
    ordering = ("-created_at",)


@admin.register(Author)
class AuthorAdmin(ReadOnly):
    list_display = ("name", "joined_at", "articles_count", "followers_count")
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(Comment)
class CommentAdmin(ReadOnly):
    list_display = ("number", "author", "article", "created_at", "deleted")
    list_select_related = ("author", "article")
    ordering = ("-number",)


@admin.register(FormerSlug)
class FormerSlugAdmin(ReadOnly):
    list_display = ("slug", "article")
    list_select_related = ("article",)
    search_fields = ("slug",)
    ordering = ("slug",)


@admin.register(Tag)
class TagAdmin(ReadOnly):
    list_display = ("name", "count")
    search_fields = ("name",)
    ordering = ("-count", "name")


@admin.register(Tally)
class TallyAdmin(ReadOnly):
    list_display = ("name", "count")
    ordering = ("name",)


@origins(Article)
def of_an_article(article: Article) -> Iterator[str]:
    yield f"article-{article.id}"
    hearts = Favorite.objects.filter(article_id=article.id).values_list("reader_id", flat=True)
    yield from (f"favorite-{article.id}-{reader}" for reader in hearts[:MOST])
    said = Comment.objects.filter(article_id=article.id).order_by("number").values_list("pk", flat=True)
    yield from (f"comment-{comment}" for comment in said[:MOST])


@origins(Author)
def of_an_author(author: Author) -> Iterator[str]:
    yield from (f"user-{author.id}", f"author-{author.id}")
    yield from _articles(Article.objects.filter(author_id=author.id))
    followers = Follow.objects.filter(author_id=author.id).values_list("follower_id", flat=True)
    yield from (f"follow-{follower}-{author.id}" for follower in followers[:MOST])


@origins(Comment)
def of_a_comment(comment: Comment) -> Iterator[str]:
    yield f"comment-{comment.id}"


@origins(FormerSlug)
def of_an_address(slug: FormerSlug) -> Iterator[str]:
    yield f"article-{slug.article_id}"


@origins(Tag)
def of_a_tag(tag: Tag) -> Iterator[str]:
    tagged = Tagging.objects.filter(tag=tag.name).values_list("article_id", flat=True)
    yield from (f"article-{article}" for article in tagged[:MOST])


@origins(Tally)
def of_a_tally(tally: Tally) -> Iterator[str]:
    yield from _articles(Article.objects.order_by("position"))


def _articles(found: "models.QuerySet[Article]") -> Iterator[str]:
    ids = found.values_list("pk", flat=True)[:MOST]
    yield from (f"article-{article}" for article in islice(ids, MOST))


@concerns(
    events.ArticlePublished,
    events.ArticleEdited,
    events.ArticleDeleted,
    events.ArticleRestored,
    events.ArticleFavorited,
    events.ArticleUnfavorited,
    events.ArticleCommented,
    events.CommentDeleted,
    events.CommentRestored,
)
def page_of_an_article(event: Any) -> Link | None:
    article = Article.objects.filter(pk=event.article_id).only("slug", "title").first()
    return Link(reverse("article", args=[article.slug]), article.title) if article else None


@concerns(events.AuthorCreated, events.AuthorFollowed, events.AuthorUnfollowed)
def page_of_an_author(event: Any) -> Link | None:
    return _profile(event.author_id)


@concerns(UserRegistered, UsernameChanged, ProfileUpdated)
def page_of_a_person(event: Any) -> Link | None:
    return _profile(event.user_id)


def _profile(author_id: UUID) -> Link | None:
    name = Author.objects.filter(pk=author_id).values_list("name", flat=True).first()
    return Link(reverse("profile", args=[name]), name) if name else None
