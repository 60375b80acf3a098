"""An article's life: published once, reworded, taken down and put back by its author."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from blog.commands import (
    MOST_TAGS,
    AlreadyPublished,
    DeleteArticle,
    EditArticle,
    EditedMeanwhile,
    NoSuchArticle,
    NotTheAuthor,
    PublishArticle,
    RestoreArticle,
    TooManyTags,
)
from blog.events import ArticleDeleted, ArticleEdited, ArticlePublished, ArticleRestored
from blog.wording import needs_suffix, tidy, with_suffix
from eventstore.messages import Claim, Release, state

ArticleCommand = PublishArticle | EditArticle | DeleteArticle | RestoreArticle
ArticleEvent = ArticlePublished | ArticleEdited | ArticleDeleted | ArticleRestored


@state
class Unwritten: ...


@state
class Published:
    """What it says now, so that an edit can tell what changed; every slug that it ever had stays its own."""

    author_id: UUID
    version: int
    slug: str
    title: str
    description: str
    body: str
    tags: tuple[str, ...]
    slugs_held: frozenset[str]


@state
class Deleted:
    article: Published


Article = Unwritten | Published | Deleted
initial: Article = Unwritten()


def stream(command: ArticleCommand) -> str:
    return f"article-{command.article_id}"


def decide(article: Article, command: ArticleCommand) -> Iterator[ArticleEvent]:
    match article, command:
        case Unwritten(), PublishArticle():
            yield _published(command)
        case _, PublishArticle():
            raise AlreadyPublished
        case Unwritten(), _:
            raise NoSuchArticle
        case ((Published(author_id=author) | Deleted(article=Published(author_id=author))), _) if (
            author != command.author_id
        ):
            raise NotTheAuthor
        case Deleted(), EditArticle():
            raise NoSuchArticle
        case Published(version=version), EditArticle(expected_version=int(asked)) | DeleteArticle(
            expected_version=int(asked)
        ) if asked != version:
            raise EditedMeanwhile
        case Published(), EditArticle():
            yield from _edited(article, command)
        case Published(author_id=author, tags=tags), DeleteArticle():
            yield ArticleDeleted(article_id=command.article_id, author_id=author, tags=tags)
        case Deleted(article=Published(author_id=author, tags=tags)), RestoreArticle():
            yield ArticleRestored(article_id=command.article_id, author_id=author, tags=tags)
        case Deleted(), DeleteArticle():
            pass
        case Published(), RestoreArticle():
            pass


def _published(command: PublishArticle) -> ArticlePublished:
    slug = with_suffix(command.slug, command.article_id) if needs_suffix(command.slug) else command.slug
    return ArticlePublished(
        article_id=command.article_id,
        author_id=command.author_id,
        slug=slug,
        title=command.title,
        description=command.description,
        body=command.body,
        tags=_at_most(tidy(command.tags)),
        written_at=command.written_at,
    )


def _edited(article: Published, command: EditArticle) -> Iterator[ArticleEdited]:
    """One fact with what differs; none if nothing does."""
    tags = None if command.tags is None else _at_most(tidy(command.tags))
    retagged = tags is not None and tags != article.tags
    event = ArticleEdited(
        article_id=command.article_id,
        author_id=command.author_id,
        slug=_new_slug(article, command),
        title=_new(command.title, article.title),
        description=_new(command.description, article.description),
        body=_new(command.body, article.body),
        tags=tags if retagged else None,
        former_tags=article.tags if retagged else None,
    )
    if any(value is not None for value in (event.title, event.description, event.body, event.tags)):
        yield event


def _new(asked: str | None, present: str) -> str | None:
    return asked if asked != present else None


def _new_slug(article: Published, command: EditArticle) -> str | None:
    """The slug goes with the title. One that needs a suffix anyway keeps the one that it has."""
    if command.slug is None or _new(command.title, article.title) is None:
        return None
    suffixed = with_suffix(command.slug, command.article_id)
    slug = suffixed if needs_suffix(command.slug) or article.slug == suffixed else command.slug
    return _new(slug, article.slug)


def _at_most(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len(tags) > MOST_TAGS:
        raise TooManyTags
    return tags


def otherwise(command: ArticleCommand, taken: str) -> ArticleCommand | None:
    """A slug that is another's gets the end of this article's id."""
    match command:
        case PublishArticle() | EditArticle() if taken == "slug" and command.slug is not None:
            suffixed = with_suffix(command.slug, command.article_id)
            return replace(command, slug=suffixed) if not command.slug.endswith(suffixed[-9:]) else None
        case _:
            return None


def evolve(article: Article, event: ArticleEvent) -> Article:
    match article, event:
        case _, ArticlePublished():
            return Published(
                author_id=event.author_id,
                version=1,
                slug=event.slug,
                title=event.title,
                description=event.description,
                body=event.body,
                tags=event.tags,
                slugs_held=frozenset({event.slug}),
            )
        case Published(), ArticleEdited():
            return _reworded(article, event)
        case Published(), ArticleDeleted():
            return Deleted(article=replace(article, version=article.version + 1))
        case Deleted(), ArticleRestored():
            return replace(article.article, version=article.article.version + 1)
        case _:
            return article


def _reworded(article: Published, event: ArticleEdited) -> Published:
    return Published(
        author_id=article.author_id,
        version=article.version + 1,
        slug=event.slug or article.slug,
        title=event.title or article.title,
        description=event.description or article.description,
        body=event.body or article.body,
        tags=article.tags if event.tags is None else event.tags,
        slugs_held=article.slugs_held | {event.slug} if event.slug else article.slugs_held,
    )


def names(article: Article, event: ArticleEvent) -> Iterator[Claim | Release]:
    """Slugs are claimed for good; while it lives, the article itself is a name that hearts and comments need."""
    living = ("article", str(event.article_id))
    match article, event:
        case _, ArticlePublished():
            yield Claim("slug", event.slug)
            yield Claim(*living)
        case Published(), ArticleEdited(slug=str(slug)) if slug not in article.slugs_held:
            yield Claim("slug", slug)
        case _, ArticleDeleted():
            yield Release(*living)
        case _, ArticleRestored():
            yield Claim(*living)
        case _:
            pass
