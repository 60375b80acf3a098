"""A crowd and its wishes, the same for the same seed: people join, write, talk, follow, and now and then err.

It lives in villages that know nothing of each other, so that a longer history takes no more memory.
"""

import random
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple
from uuid import UUID

from accounts.commands import RegisterUser, SignIn, UpdateProfile
from blog.commands import (
    CommentOnArticle,
    DeleteArticle,
    DeleteComment,
    EditArticle,
    FavoriteArticle,
    FollowAuthor,
    PublishArticle,
    UnfavoriteArticle,
    UnfollowAuthor,
)
from conduit.demo.words import TAGS, Texts

BEGINNING_MS = 1_704_067_200_000  # 2024, where the ids of a crowd count from
IDS_OF_A_VILLAGE = 1_000_000
GUESTS = 25
"""People who join at once."""

FAILS = 0.1
"""Of those who sign in."""


class Wish(NamedTuple):
    """A command, and whose it is: somebody signed in, or nobody yet."""

    command: object
    actor_id: UUID | None


class Village:
    """People, what they have made so far, and what they may want next."""

    def __init__(self, seed: int, nth: int) -> None:
        self.chance = random.Random(f"{seed} {nth}")  # noqa: S311
        self._name = f"{seed}-{nth}"
        self._drawn = BEGINNING_MS + nth * IDS_OF_A_VILLAGE
        self._texts = _texts()
        self._guests: list[UUID] = []
        self.people: list[UUID] = []
        self.articles: list[tuple[UUID, UUID]] = []
        self.comments: list[tuple[UUID, UUID]] = []
        self.hearts: list[tuple[UUID, UUID]] = []
        self.follows: list[tuple[UUID, UUID]] = []

    def id(self) -> UUID:
        """A UUID version 7 of this village's own time: what is made later sorts after what was made before."""
        self._drawn += 1
        bits = self.chance.getrandbits(74)
        return UUID(int=self._drawn << 80 | 7 << 76 | bits >> 62 << 64 | 2 << 62 | bits & (1 << 62) - 1)

    def arrivals(self) -> Iterator[Wish]:
        """Some more people join; what they wish comes when they have settled in."""
        for _ in range(GUESTS):
            user_id = self.id()
            self._guests.append(user_id)
            name = f"crowd-{self._name}-{len(self.people) + len(self._guests)}"
            yield Wish(RegisterUser(user_id=user_id, username=name, email=f"{name}@conduit.example"), None)

    def settle_in(self) -> None:
        self.people += self._guests
        self._guests.clear()

    def wishes(self) -> Iterator[Wish]:
        """What people ask for, for ever; now and then for what is so already, or for what they may not."""
        yield self.publish()
        asks = (
            (self.favorite, 43),
            (self.comment, 20),
            (self.follow, 14),
            (self.publish, 9),
            (self.take_back, 5),
            (self.sign_in, 4),
            (self.edit, 3),
            (self.describe, 1),
            (self.err, 1),
        )
        kinds, weights = zip(*asks, strict=True)
        while True:
            for ask in self.chance.choices(kinds, weights, k=100):
                yield ask()

    def somebody(self) -> UUID:
        return self.people[int(len(self.people) * self.chance.random())]

    def something(self) -> tuple[UUID, UUID]:
        """An article and its author, new ones more often than old ones."""
        return self.articles[int(len(self.articles) * self.chance.random() ** 0.5)]

    def publish(self) -> Wish:
        article_id, author_id = self.id(), self.somebody()
        self.articles.append((article_id, author_id))
        slug = f"crowd-{self._name}-{len(self.articles)}"
        title = f"{self.remark()[:60].rstrip()} {len(self.articles)}"
        body = self.chance.choice(self._texts.bodies)
        tags = tuple(sorted(self.chance.sample(TAGS, self.chance.randrange(4))))
        wanted = PublishArticle(
            article_id=article_id,
            author_id=author_id,
            slug=slug,
            title=title,
            description=self.remark(),
            body=body,
            tags=tags,
        )
        return Wish(wanted, author_id)

    def edit(self) -> Wish:
        article_id, author_id = self.something()
        body = self.chance.choice(self._texts.bodies)
        return Wish(EditArticle(article_id=article_id, author_id=author_id, body=body), author_id)

    def comment(self) -> Wish:
        comment_id, author_id, (article_id, _) = self.id(), self.somebody(), self.something()
        self.comments.append((comment_id, author_id))
        wanted = CommentOnArticle(
            comment_id=comment_id, article_id=article_id, author_id=author_id, body=self.remark()
        )
        return Wish(wanted, author_id)

    def favorite(self) -> Wish:
        article_id, reader_id = pair = self.something()[0], self.somebody()
        self.hearts.append(pair)
        return Wish(FavoriteArticle(article_id=article_id, reader_id=reader_id), reader_id)

    def follow(self) -> Wish:
        author_id, follower_id = pair = self.somebody(), self.somebody()
        if author_id != follower_id:
            self.follows.append(pair)
        return Wish(FollowAuthor(author_id=author_id, follower_id=follower_id), follower_id)

    def sign_in(self) -> Wish:
        matched = self.chance.random() > FAILS
        return Wish(SignIn(user_id=self.somebody(), password_matched=matched), None)

    def describe(self) -> Wish:
        user_id = self.somebody()
        return Wish(UpdateProfile(user_id=user_id, bio=self.remark()), user_id)

    def err(self) -> Wish:
        """Somebody lays hands on what is somebody else's."""
        somebody, (article_id, _) = self.somebody(), self.something()
        return Wish(DeleteArticle(article_id=article_id, author_id=somebody), somebody)

    def take_back(self) -> Wish:
        match self.chance.choices(("heart", "follow", "comment", "article"), (60, 20, 15, 5))[0]:
            case "heart" if self.hearts:
                article_id, reader_id = self.chance.choice(self.hearts)
                return Wish(UnfavoriteArticle(article_id=article_id, reader_id=reader_id), reader_id)
            case "follow" if self.follows:
                author_id, follower_id = self.chance.choice(self.follows)
                return Wish(UnfollowAuthor(author_id=author_id, follower_id=follower_id), follower_id)
            case "comment" if self.comments:
                comment_id, author_id = self.chance.choice(self.comments)
                return Wish(DeleteComment(comment_id=comment_id, author_id=author_id), author_id)
            case _:
                article_id, author_id = self.something()
                return Wish(DeleteArticle(article_id=article_id, author_id=author_id), author_id)

    def remark(self) -> str:
        return self._texts.remarks[int(1000 * self.chance.random())]


@cache
def _texts() -> Texts:
    return Texts()
