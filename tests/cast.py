"""Jake writes, Jane reads, Mallory meddles. Worlds are built by dispatching commands, never by inserting rows."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.test import Client

from accounts import queries as accounts
from accounts.commands import RegisterUser
from accounts.registration import register
from blog.commands import CommentOnArticle, FavoriteArticle, FollowAuthor, PublishArticle
from blog.events import ArticlePublished
from blog.wording import slug_of
from eventstore.dispatch import dispatch
from eventstore.ids import uuid7

PASSWORD = "a long password"


class Article:
    """An article that somebody published: its id, and the slug that it got."""

    def __init__(self, article_id: UUID, slug: str) -> None:
        self.id, self.slug = article_id, slug
        self.path = f"/article/{slug}"


class Person:
    """Somebody who has registered."""

    def __init__(self, name: str) -> None:
        self.name, self.email, self.id = name, f"{name}@conduit.example", uuid7()
        self.path = f"/profile/{name}"
        assert register(
            RegisterUser(user_id=self.id, username=name, email=self.email), PASSWORD
        ).receipt.shown

    @cached_property
    def browser(self) -> Client:
        """A client in which this person is signed in."""
        client = Client()
        person = accounts.person(self.id)
        assert person is not None
        client.force_login(person)
        return client

    def publishes(
        self, title: str = "How to train your dragon", *, tags: tuple[str, ...] = (), **texts: Any
    ) -> Article:
        words = {"description": "Ever wonder how?", "body": "You have to believe.", **texts}
        command = PublishArticle(
            article_id=uuid7(), author_id=self.id, slug=slug_of(title), title=title, tags=tags, **words
        )
        receipt = dispatch(command)
        assert receipt.shown
        [event] = receipt.events
        assert isinstance(event, ArticlePublished)
        return Article(event.article_id, event.slug)

    def follows(self, author: "Person") -> None:
        assert dispatch(FollowAuthor(author_id=author.id, follower_id=self.id)).shown

    def favorites(self, article: Article) -> None:
        assert dispatch(FavoriteArticle(article_id=article.id, reader_id=self.id)).shown

    def says(self, body: str, below: Article) -> UUID:
        """Comments on an article; the comment's id."""
        comment_id = uuid7()
        told = CommentOnArticle(comment_id=comment_id, article_id=below.id, author_id=self.id, body=body)
        assert dispatch(told).shown
        return comment_id


class Cast:
    """The people of a test, who join when they are first named."""

    @cached_property
    def jake(self) -> Person:
        return Person("jake")

    @cached_property
    def jane(self) -> Person:
        return Person("jane")

    @cached_property
    def mallory(self) -> Person:
        return Person("mallory")
