"""Facts about the blog, as rows of the pages."""

from typing import Any

from accounts.events import ProfileUpdated, UsernameChanged, UserRegistered
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
from blog.models import Article, Author, Comment, Favorite, Follow, FormerSlug, Revision, Tag, Tagging, Tally
from blog.rendering import reading_minutes, rendered
from eventstore.log import Fact
from eventstore.projector import Add, Changes, Drop, Projector, Put, Set

ARTICLES = "articles"
"""The tally of living articles."""

blog = Projector(
    "blog.pages",
    tables=[Author, Follow, Article, FormerSlug, Revision, Favorite, Comment, Tagging, Tag, Tally],
)


@blog.on(UserRegistered)
def introduce(event: UserRegistered, fact: Fact) -> Changes:
    yield Put(Author, id=event.user_id, name=event.username, joined_at=fact.recorded_at)


@blog.on(UsernameChanged)
def rename(event: UsernameChanged, fact: Fact) -> Changes:
    yield Set(Author, event.user_id, name=event.username)


@blog.on(ProfileUpdated)
def describe(event: ProfileUpdated, fact: Fact) -> Changes:
    said = {"bio": event.bio, "image": event.image}
    yield Set(Author, event.user_id, **{name: text for name, text in said.items() if text is not None})


@blog.on(AuthorFollowed)
def follow(event: AuthorFollowed, fact: Fact) -> Changes:
    yield Put(Follow, follower_id=event.follower_id, author_id=event.author_id)
    yield Add(Author, event.author_id, followers_count=1)


@blog.on(AuthorUnfollowed)
def unfollow(event: AuthorUnfollowed, fact: Fact) -> Changes:
    yield Drop(Follow, (event.follower_id, event.author_id))
    yield Add(Author, event.author_id, followers_count=-1)


@blog.on(ArticlePublished)
def publish(event: ArticlePublished, fact: Fact) -> Changes:
    published_at = event.written_at or fact.recorded_at
    yield Put(
        Article,
        id=event.article_id,
        position=fact.position,
        version=fact.version,
        author_id=event.author_id,
        slug=event.slug,
        title=event.title,
        description=event.description,
        body=event.body,
        html=rendered(event.body),
        reading_minutes=reading_minutes(event.body),
        tags=list(event.tags),
        created_at=published_at,
        updated_at=published_at,
    )
    yield Put(FormerSlug, slug=event.slug, article_id=event.article_id)
    yield Put(Revision, article_id=event.article_id, version=fact.version, at=published_at, what="Published")
    yield from _shelve(event, event.tags, +1)


@blog.on(ArticleEdited)
def reword(event: ArticleEdited, fact: Fact) -> Changes:
    said = {"slug": event.slug, "title": event.title, "description": event.description, "body": event.body}
    columns: dict[str, Any] = {name: text for name, text in said.items() if text is not None}
    if event.body is not None:
        columns |= {"html": rendered(event.body), "reading_minutes": reading_minutes(event.body)}
    if event.tags is not None:
        columns["tags"] = list(event.tags)
    yield Set(
        Article, event.article_id, version=fact.version, updated_at=fact.recorded_at, edited=True, **columns
    )
    if event.slug is not None:
        yield Put(FormerSlug, slug=event.slug, article_id=event.article_id)
    yield _mark(event, fact, _what_changed(event))
    yield from _tag(event, event.former_tags or (), -1)
    yield from _tag(event, event.tags or (), +1)


@blog.on(ArticleDeleted)
def take_down(event: ArticleDeleted, fact: Fact) -> Changes:
    yield Set(Article, event.article_id, version=fact.version, deleted_at=fact.recorded_at)
    yield _mark(event, fact, "Taken down")
    yield from _shelve(event, event.tags, -1)


@blog.on(ArticleRestored)
def put_back(event: ArticleRestored, fact: Fact) -> Changes:
    yield Set(Article, event.article_id, version=fact.version, deleted_at=None)
    yield _mark(event, fact, "Put back")
    yield from _shelve(event, event.tags, +1)


def _shelve(
    event: ArticlePublished | ArticleDeleted | ArticleRestored, tags: tuple[str, ...], by: int
) -> Changes:
    """Counts an article in or out, everywhere that articles are counted."""
    yield Add(Tally, ARTICLES, count=by)
    yield Add(Author, event.author_id, articles_count=by)
    yield from _tag(event, tags, by)


def _tag(
    event: ArticlePublished | ArticleEdited | ArticleDeleted | ArticleRestored, tags: tuple[str, ...], by: int
) -> Changes:
    for tag in tags:
        yield Add(Tag, tag, count=by)
        yield (
            Put(Tagging, tag=tag, article_id=event.article_id)
            if by > 0
            else Drop(Tagging, (tag, event.article_id))
        )


def _mark(event: ArticleEdited | ArticleDeleted | ArticleRestored, fact: Fact, what: str) -> Put:
    return Put(Revision, article_id=event.article_id, version=fact.version, at=fact.recorded_at, what=what)


def _what_changed(event: ArticleEdited) -> str:
    """The parts that an edit reworded, as a sentence: "Title and text reworded"."""
    parts = {"title": event.title, "description": event.description, "text": event.body}
    reworded = [name for name, value in parts.items() if value is not None]
    said = f"{_and(reworded)} reworded" if reworded else ""
    retagged = "tags changed" if event.tags is not None else ""
    return ", ".join(filter(None, (said, retagged))).capitalize()


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


@blog.on(ArticleFavorited)
def fill_a_heart(event: ArticleFavorited, fact: Fact) -> Changes:
    yield Put(Favorite, article_id=event.article_id, reader_id=event.reader_id)
    yield Add(Article, event.article_id, favorites_count=1)


@blog.on(ArticleUnfavorited)
def empty_a_heart(event: ArticleUnfavorited, fact: Fact) -> Changes:
    yield Drop(Favorite, (event.article_id, event.reader_id))
    yield Add(Article, event.article_id, favorites_count=-1)


@blog.on(ArticleCommented)
def show_what_was_said(event: ArticleCommented, fact: Fact) -> Changes:
    yield Put(
        Comment,
        id=event.comment_id,
        number=fact.position,
        article_id=event.article_id,
        author_id=event.author_id,
        body=event.body,
        created_at=fact.recorded_at,
    )
    yield Add(Article, event.article_id, comments_count=1)


@blog.on(CommentDeleted)
def hide_what_was_said(event: CommentDeleted, fact: Fact) -> Changes:
    yield Set(Comment, event.comment_id, deleted=True)
    yield Add(Article, event.article_id, comments_count=-1)


@blog.on(CommentRestored)
def show_it_again(event: CommentRestored, fact: Fact) -> Changes:
    yield Set(Comment, event.comment_id, deleted=False)
    yield Add(Article, event.article_id, comments_count=1)
