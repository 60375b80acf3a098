"""What can have happened on the blog: the product's story on one page."""

from datetime import datetime
from uuid import UUID

from eventstore.messages import event


@event("blog.author_created")
class AuthorCreated:
    """Somebody who registered can write here."""

    author_id: UUID
    user_id: UUID


@event("blog.author_followed")
class AuthorFollowed:
    """A reader wants to see what an author writes."""

    author_id: UUID
    follower_id: UUID


@event("blog.author_unfollowed")
class AuthorUnfollowed:
    """A reader does not follow the author any more."""

    author_id: UUID
    follower_id: UUID


@event("blog.article_published")
class ArticlePublished:
    """An article appeared; `written_at` is set where it was written long before, elsewhere."""

    article_id: UUID
    author_id: UUID
    slug: str
    title: str
    description: str
    body: str
    tags: tuple[str, ...]
    written_at: datetime | None = None


@event("blog.article_edited")
class ArticleEdited:
    """Its author reworded it; what is None stayed as it was. New tags come with those that they replace."""

    article_id: UUID
    author_id: UUID
    slug: str | None = None
    title: str | None = None
    description: str | None = None
    body: str | None = None
    tags: tuple[str, ...] | None = None
    former_tags: tuple[str, ...] | None = None


@event("blog.article_deleted")
class ArticleDeleted:
    """Its author took it down. The tags are those that it leaves."""

    article_id: UUID
    author_id: UUID
    tags: tuple[str, ...]


@event("blog.article_restored")
class ArticleRestored:
    """Its author put it back as it was."""

    article_id: UUID
    author_id: UUID
    tags: tuple[str, ...]


@event("blog.article_favorited")
class ArticleFavorited:
    """A reader took it to heart."""

    article_id: UUID
    reader_id: UUID


@event("blog.article_unfavorited")
class ArticleUnfavorited:
    """A reader's heart is elsewhere now."""

    article_id: UUID
    reader_id: UUID


@event("blog.article_commented")
class ArticleCommented:
    """Somebody said something below it."""

    comment_id: UUID
    article_id: UUID
    author_id: UUID
    body: str


@event("blog.comment_deleted")
class CommentDeleted:
    """Whoever said it took it back."""

    comment_id: UUID
    article_id: UUID
    author_id: UUID


@event("blog.comment_restored")
class CommentRestored:
    """Whoever took it back said it after all."""

    comment_id: UUID
    article_id: UUID
    author_id: UUID
