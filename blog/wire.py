"""How the API says what the blog is made of: one shape for each thing, which is its schema too."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from blog import queries
from eventstore.api import moment

Moment = Annotated[
    str, Field(examples=["2016-02-18T03:22:56.637Z"], json_schema_extra={"format": "date-time"})
]


class Profile(TypedDict):
    username: Annotated[str, Field(examples=["jake"])]
    bio: Annotated[str | None, Field(examples=["I work at statefarm"])]
    image: Annotated[str | None, Field(examples=[None])]
    following: bool


class Preview(TypedDict):
    """An article in a list: without its text."""

    slug: Annotated[str, Field(examples=["how-to-train-your-dragon"])]
    title: Annotated[str, Field(examples=["How to train your dragon"])]
    description: Annotated[str, Field(examples=["Ever wonder how?"])]
    tagList: Annotated[list[str], Field(examples=[["dragons", "training"]])]
    createdAt: Moment
    updatedAt: Moment
    favorited: bool
    favoritesCount: Annotated[int, Field(examples=[0])]
    author: Profile


class Article(Preview):
    body: Annotated[str, Field(examples=["It takes a Jacobian"])]


class Comment(TypedDict):
    id: Annotated[int, Field(examples=[1])]
    createdAt: Moment
    updatedAt: Moment
    body: Annotated[str, Field(examples=["It takes a Jacobian"])]
    author: Profile


class OneProfile(TypedDict):
    profile: Profile


class OneArticle(TypedDict):
    article: Article


class Articles(TypedDict):
    articles: list[Preview]
    articlesCount: Annotated[int, Field(examples=[1])]


class OneComment(TypedDict):
    comment: Comment


class Comments(TypedDict):
    comments: list[Comment]


class Tags(TypedDict):
    tags: Annotated[list[str], Field(examples=[["dragons", "training"]])]


def profile(author: queries.Author, *, following: bool) -> Profile:
    return {
        "username": author.name,
        "bio": author.bio or None,
        "image": author.image or None,
        "following": following,
    }


def preview(article: Any) -> Preview:
    return {
        "slug": article.slug,
        "title": article.title,
        "description": article.description,
        "tagList": article.tags,
        "createdAt": moment(article.created_at),
        "updatedAt": moment(article.updated_at),
        "favorited": article.favorited,
        "favoritesCount": article.favorites_count,
        "author": profile(article.author, following=article.author_followed),
    }


def article(article: Any) -> Article:
    return {**preview(article), "body": article.body}


def comment(comment: Any) -> Comment:
    """What was said does not change: it was updated when it was created."""
    said_at = moment(comment.created_at)
    return {
        "id": comment.number,
        "createdAt": said_at,
        "updatedAt": said_at,
        "body": comment.body,
        "author": profile(comment.author, following=comment.author_followed),
    }
