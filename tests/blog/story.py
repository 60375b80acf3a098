"""Who is there, and what may have happened: facts and requests for specifications without a database.

Jake writes, Jane reads, Mallory meddles.
"""

from typing import Any
from uuid import UUID

from accounts.events import UserRegistered
from blog.commands import (
    CommentOnArticle,
    DeleteArticle,
    DeleteComment,
    EditArticle,
    PublishArticle,
    RestoreArticle,
    RestoreComment,
)
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
from eventstore.messages import Claim, Release, Require

JAKE = UUID("01970a00-0000-7000-8000-0000000000a1")
JANE = UUID("01970a00-0000-7000-8000-0000000000a2")
MALLORY = UUID("01970a00-0000-7000-8000-0000000000a3")
DRAGONS = UUID("01970b00-0000-7000-8000-0000cafe0001")
TEA = UUID("01970b00-0000-7000-8000-0000cafe0002")
PRAISE = UUID("01970c00-0000-7000-8000-00000000c001")
DOUBT = UUID("01970c00-0000-7000-8000-00000000c002")

WORDS: dict[str, Any] = {
    "slug": "how-to-train-your-dragon",
    "title": "How to train your dragon",
    "description": "Ever wonder how?",
    "body": "You have to believe.",
    "tags": ("dragons", "training"),
}
IT = {"article_id": DRAGONS, "author_id": JAKE}
HEART = {"article_id": DRAGONS, "reader_id": JANE}
BOND = {"author_id": JAKE, "follower_id": JANE}
SAYING = {"comment_id": PRAISE, "article_id": DRAGONS, "author_id": JANE}
HERS = {"comment_id": PRAISE, "author_id": JANE}

SLUG = Claim("slug", "how-to-train-your-dragon")
LIVING = Claim("article", str(DRAGONS))
GONE = Release("article", str(DRAGONS))
ALIVE = Require("article", str(DRAGONS))
AN_AUTHOR = Require("author", str(JAKE))


def publish(**said: Any) -> PublishArticle:
    return PublishArticle(**IT | WORDS | said)


def edit(**said: Any) -> EditArticle:
    return EditArticle(**IT | said)


def delete(**said: Any) -> DeleteArticle:
    return DeleteArticle(**IT | said)


def restore(**said: Any) -> RestoreArticle:
    return RestoreArticle(**IT | said)


def published(**said: Any) -> ArticlePublished:
    return ArticlePublished(**IT | WORDS | said)


def edited(**said: Any) -> ArticleEdited:
    return ArticleEdited(**IT | said)


def deleted(**said: Any) -> ArticleDeleted:
    return ArticleDeleted(**IT | {"tags": WORDS["tags"]} | said)


def restored(**said: Any) -> ArticleRestored:
    return ArticleRestored(**IT | {"tags": WORDS["tags"]} | said)


def say(**said: Any) -> CommentOnArticle:
    return CommentOnArticle(**SAYING | {"body": "So true!"} | said)


def take_back(**said: Any) -> DeleteComment:
    return DeleteComment(**HERS | said)


def say_after_all(**said: Any) -> RestoreComment:
    return RestoreComment(**HERS | said)


def commented(**said: Any) -> ArticleCommented:
    return ArticleCommented(**SAYING | {"body": "So true!"} | said)


def taken_back(**said: Any) -> CommentDeleted:
    return CommentDeleted(**SAYING | said)


def said_after_all(**said: Any) -> CommentRestored:
    return CommentRestored(**SAYING | said)


def registered(person: UUID, name: str) -> UserRegistered:
    return UserRegistered(user_id=person, username=name, email=f"{name}@conduit.example")


def favorited(**said: Any) -> ArticleFavorited:
    return ArticleFavorited(**HEART | said)


def unfavorited(**said: Any) -> ArticleUnfavorited:
    return ArticleUnfavorited(**HEART | said)


def followed(**said: Any) -> AuthorFollowed:
    return AuthorFollowed(**BOND | said)


def unfollowed(**said: Any) -> AuthorUnfollowed:
    return AuthorUnfollowed(**BOND | said)
