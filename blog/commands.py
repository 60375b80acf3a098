"""What can be asked of the blog, and what is said when it can't be done."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from eventstore.messages import Forbidden, Missing, Rejection, command
from eventstore.text import Text

Title = Annotated[str, Text(200)]
Slug = Annotated[str, Text(100, blank=True)]
Description = Annotated[str, Text(500)]
Body = Annotated[str, Text(65_536, lines=True)]
Tag = Annotated[str, Text(40, blank=True)]
CommentBody = Annotated[str, Text(8_192, lines=True)]

MOST_TAGS = 30


@command("blog.create_author", audit="author_id user_id")
class CreateAuthor:
    author_id: UUID
    user_id: UUID


@command("blog.follow_author", audit="author_id follower_id")
class FollowAuthor:
    author_id: UUID
    follower_id: UUID


@command("blog.unfollow_author", audit="author_id follower_id")
class UnfollowAuthor:
    author_id: UUID
    follower_id: UUID


@command("blog.publish_article", audit="article_id author_id slug title tags written_at")
class PublishArticle:
    """`written_at` for what was first published elsewhere; otherwise it is new now."""

    article_id: UUID
    author_id: UUID
    slug: Slug
    title: Title
    description: Description
    body: Body
    tags: tuple[Tag, ...] = ()
    written_at: datetime | None = None


@command("blog.edit_article", audit="article_id author_id slug title tags expected_version")
class EditArticle:
    """None leaves a thing as it is; the slug goes with the title. A version that has passed is refused."""

    article_id: UUID
    author_id: UUID
    slug: Slug | None = None
    title: Title | None = None
    description: Description | None = None
    body: Body | None = None
    tags: tuple[Tag, ...] | None = None
    expected_version: int | None = None


@command("blog.delete_article", audit="article_id author_id expected_version")
class DeleteArticle:
    """A version that has passed is refused."""

    article_id: UUID
    author_id: UUID
    expected_version: int | None = None


@command("blog.restore_article", audit="article_id author_id")
class RestoreArticle:
    article_id: UUID
    author_id: UUID


@command("blog.favorite_article", audit="article_id reader_id")
class FavoriteArticle:
    article_id: UUID
    reader_id: UUID


@command("blog.unfavorite_article", audit="article_id reader_id")
class UnfavoriteArticle:
    article_id: UUID
    reader_id: UUID


@command("blog.comment_on_article", audit="comment_id article_id author_id")
class CommentOnArticle:
    comment_id: UUID
    article_id: UUID
    author_id: UUID
    body: CommentBody


@command("blog.delete_comment", audit="comment_id author_id")
class DeleteComment:
    comment_id: UUID
    author_id: UUID


@command("blog.restore_comment", audit="comment_id author_id")
class RestoreComment:
    comment_id: UUID
    author_id: UUID


class NoSuchAuthor(Missing):
    """There is nobody here by that name."""

    field = "profile"


class NoSuchArticle(Missing):
    """There is no such article."""

    field = "article"


class AlreadyPublished(Rejection):
    """This article has been published already."""


class NotTheAuthor(Forbidden):
    """Only its author may change an article."""

    field = "article"


class EditedMeanwhile(Rejection):
    """Somebody saved this article since you opened it."""

    field = "article"


class TooManyTags(Rejection):
    """can be at most 30"""

    field = "tags"


class NoSuchComment(Missing):
    """There is no such comment."""

    field = "comment"


class AlreadyCommented(Rejection):
    """This comment has been posted already."""


class NotTheCommenter(Forbidden):
    """Only its author may take back a comment."""

    field = "comment"


class FollowingOneself(Rejection):
    """Nobody can follow themselves."""

    field = "profile"


class AlreadyAnAuthor(Rejection):
    """This person is an author already."""
