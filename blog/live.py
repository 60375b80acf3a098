"""What open pages hear of the blog: which room of which fact, and with which fragment.

Nothing personal is told: every fragment is made for an anonymous reader, and everybody in the room gets the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string

from blog import queries
from blog.events import (
    ArticleCommented,
    ArticleDeleted,
    ArticleEdited,
    ArticleFavorited,
    ArticlePublished,
    ArticleRestored,
    ArticleUnfavorited,
    AuthorFollowed,
    AuthorUnfollowed,
    CommentDeleted,
    CommentRestored,
)
from eventstore.live.pages import Listening, listening
from eventstore.live.tells import Room, Tell, tells
from eventstore.log import Fact

CALM_S = 5.0
"""A number that moves is told so often at most."""

ARTICLES, TAGS = "articles", "tags"
FOLLOWING = "following:"


def article_page(article: queries.Article, viewer: queries.Viewer) -> Listening:
    """An article's page hears of its comments, its hearts and its author's doings with it."""
    rooms = (_of_article(article.id), _hearts(article.id))
    return listening(rooms, viewer, article.passed)  # type: ignore[attr-defined]


def list_page(
    rooms: Iterable[Room], articles: Sequence[queries.Article], viewer: queries.Viewer, position: int
) -> Listening:
    """A list hears of the hearts on it, and of what else concerns it."""
    return listening((*rooms, *(_hearts(article.id) for article in articles)), viewer, position)


def tagged(tag: str) -> Room:
    return f"tag:{tag}"


def followed_by(reader: UUID) -> Room:
    return f"{FOLLOWING}{reader}"


def author(author_id: UUID) -> Room:
    return f"author:{author_id}"


def _of_article(article_id: UUID) -> Room:
    return f"article:{article_id}"


def _hearts(article_id: UUID) -> Room:
    return f"hearts:{article_id}"


@tells(ArticleFavorited, ArticleUnfavorited)
def how_many_hearts(event: ArticleFavorited | ArticleUnfavorited, fact: Fact) -> Iterator[Tell]:
    room = _hearts(event.article_id)
    count = partial(queries.favorites_count, event.article_id)
    yield Tell(room, "count", f"hearts-{event.article_id}", count, CALM_S)


@tells(AuthorFollowed, AuthorUnfollowed)
def how_many_followers(event: AuthorFollowed | AuthorUnfollowed, fact: Fact) -> Iterator[Tell]:
    room = author(event.author_id)
    count = partial(queries.followers_count, event.author_id)
    yield Tell(room, "count", f"followers-{event.author_id}", count, CALM_S)


@tells(ArticleCommented, CommentRestored)
def a_comment(event: ArticleCommented | CommentRestored, fact: Fact) -> Iterator[Tell]:
    room = _of_article(event.article_id)
    yield Tell(room, "comment", str(event.comment_id), partial(_letter, event.comment_id))
    yield _how_many_comments(event.article_id)


@tells(CommentDeleted)
def a_comment_less(event: CommentDeleted, fact: Fact) -> Iterator[Tell]:
    number = partial(_number, event.comment_id)
    yield Tell(_of_article(event.article_id), "gone", str(event.comment_id), number)
    yield _how_many_comments(event.article_id)


def _how_many_comments(article_id: UUID) -> Tell:
    count = partial(queries.comments_count, article_id)
    return Tell(_of_article(article_id), "count", f"comments-{article_id}", count)


@tells(ArticlePublished)
def a_new_article(event: ArticlePublished, fact: Fact) -> Iterator[Tell]:
    """What was written long ago, elsewhere, is not new: its place is not at the top."""
    if event.written_at is None:
        key = str(event.article_id)
        for room in (ARTICLES, *map(tagged, event.tags)):
            yield Tell(room, "article", key)
        yield Tell(partial(_readers_of, event.author_id), "article", key)
    yield Tell(author(event.author_id), *_how_many_articles(event.author_id))
    yield from _tags(event.tags)


@tells(ArticleEdited)
def a_new_wording(event: ArticleEdited, fact: Fact) -> Iterator[Tell]:
    what = partial(queries.what_changed, event.article_id, fact.version)
    yield Tell(_of_article(event.article_id), "edited", "", what)
    yield from _tags(event.tags or ())


@tells(ArticleDeleted)
def an_article_less(event: ArticleDeleted, fact: Fact) -> Iterator[Tell]:
    key = str(event.article_id)
    yield Tell(_of_article(event.article_id), "deleted", "", 1)
    for room in (ARTICLES, *map(tagged, event.tags)):
        yield Tell(room, "article-gone", key)
    yield Tell(partial(_readers_of, event.author_id), "article-gone", key)
    yield Tell(author(event.author_id), *_how_many_articles(event.author_id))


@tells(ArticleRestored)
def an_article_again(event: ArticleRestored, fact: Fact) -> Iterator[Tell]:
    yield Tell(_of_article(event.article_id), "deleted", "", 0)
    yield Tell(author(event.author_id), *_how_many_articles(event.author_id))
    yield from _tags(event.tags)


def _how_many_articles(author_id: UUID) -> tuple[str, str, partial[int]]:
    return "count", f"articles-{author_id}", partial(queries.articles_count, author_id)


def _tags(tags: Iterable[str]) -> Iterator[Tell]:
    for tag in tags:
        yield Tell(TAGS, "tag", tag, partial(_fragment, "blog/home.html#pill", name=tag))


def _readers_of(author_id: UUID, rooms: Iterable[Room]) -> list[Room]:
    """The feeds that are open of those who follow this author."""
    readers = [UUID(room.removeprefix(FOLLOWING)) for room in tuple(rooms) if room.startswith(FOLLOWING)]
    return [followed_by(reader) for reader in queries.followers_among(author_id, readers)] if readers else []


def _letter(comment_id: UUID) -> str | None:
    comment = queries.comment_with(comment_id)
    if comment is None or comment.deleted:
        return None
    return _fragment("blog/article.html#letter", comment=comment, article=comment.article)


def _number(comment_id: UUID) -> int | None:
    comment = queries.comment_with(comment_id)
    return comment.number if comment else None


def _fragment(template: str, **context: Any) -> str:
    """A part of a page, as text."""
    return render_to_string(template, context).strip()
