"""A comment: said once below a living article, taken back and said after all by whoever said it."""

from collections.abc import Iterator
from uuid import UUID

from blog.commands import (
    AlreadyCommented,
    CommentOnArticle,
    DeleteComment,
    NoSuchComment,
    NotTheCommenter,
    RestoreComment,
)
from blog.events import ArticleCommented, CommentDeleted, CommentRestored
from eventstore.messages import Require, state

CommentCommand = CommentOnArticle | DeleteComment | RestoreComment
CommentEvent = ArticleCommented | CommentDeleted | CommentRestored


@state
class Unsaid: ...


@state
class Said:
    article_id: UUID
    author_id: UUID


@state
class TakenBack:
    article_id: UUID
    author_id: UUID


Comment = Unsaid | Said | TakenBack
initial: Comment = Unsaid()


def stream(command: CommentCommand) -> str:
    return f"comment-{command.comment_id}"


def decide(comment: Comment, command: CommentCommand) -> Iterator[CommentEvent]:
    match comment, command:
        case Unsaid(), CommentOnArticle():
            yield ArticleCommented(
                comment_id=command.comment_id,
                article_id=command.article_id,
                author_id=command.author_id,
                body=command.body,
            )
        case _, CommentOnArticle():
            raise AlreadyCommented
        case Unsaid(), _:
            raise NoSuchComment
        case Said(author_id=author) | TakenBack(author_id=author), _ if author != command.author_id:
            raise NotTheCommenter
        case Said(article_id=article), DeleteComment():
            yield CommentDeleted(
                comment_id=command.comment_id, article_id=article, author_id=command.author_id
            )
        case TakenBack(article_id=article), RestoreComment():
            yield CommentRestored(
                comment_id=command.comment_id, article_id=article, author_id=command.author_id
            )
        case Said(), RestoreComment():
            pass
        case TakenBack(), DeleteComment():
            pass


def evolve(comment: Comment, event: CommentEvent) -> Comment:
    match event:
        case ArticleCommented() | CommentRestored():
            return Said(article_id=event.article_id, author_id=event.author_id)
        case CommentDeleted():
            return TakenBack(article_id=event.article_id, author_id=event.author_id)


def names(comment: Comment, event: CommentEvent) -> Iterator[Require]:
    """Only below a living article can something be said."""
    if not isinstance(event, CommentDeleted):
        yield Require("article", str(event.article_id))
