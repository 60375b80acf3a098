"""A history of any length, the same for the same seed: commands decided by the real aggregates, written in bulk.

Of 100 facts, 2 are people who join, 10 articles, 3 edits, 20 comments, 45 favorites, 15 follows, and 5 take
something back. It comes in ages, whose people know nothing of each other, so that writing takes no more memory
for a longer one.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from accounts.commands import RegisterUser
from bench.texts import WORDS, Texts
from blog.commands import (
    CommentOnArticle,
    CreateAuthor,
    DeleteArticle,
    DeleteComment,
    EditArticle,
    FavoriteArticle,
    FollowAuthor,
    PublishArticle,
    UnfavoriteArticle,
    UnfollowAuthor,
)
from eventstore import codec
from eventstore.database import execute
from eventstore.decider import decide_all, deciders
from eventstore.messages import COMMAND_TYPES, Claim, Rejection, Release

BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
AGE = 100_000


class World:
    """People and what they may want next."""

    def __init__(self, seed: int) -> None:
        self._chance, self._seed = random.Random(seed), seed
        self._texts = Texts()
        self.people: list[UUID] = []
        self.articles: list[UUID] = []
        self.authors: dict[UUID, UUID] = {}
        self.comments: list[tuple[UUID, UUID]] = []
        self.hearts: list[tuple[UUID, UUID]] = []
        self.follows: list[tuple[UUID, UUID]] = []

    def commands(self) -> Iterator[object]:
        """What people ask for, for ever; now and then for what is so already, of which nothing comes."""
        for _ in range(20):
            yield from self.join()
        yield self.publish()
        wishes = (
            self.join,
            self.publish,
            self.edit,
            self.comment,
            self.favorite,
            self.follow,
            self.take_back,
        )
        while True:
            [wish] = self._chance.choices(wishes, (1, 10, 3, 20, 45, 15, 5))
            wanted = wish()
            yield from wanted if isinstance(wanted, Iterator) else (wanted,)

    def id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)

    def somebody(self) -> UUID:
        return self._chance.choice(self.people)

    def something(self) -> UUID:
        """An article, new ones more often than old ones."""
        return self.articles[int(len(self.articles) * self._chance.random() ** 0.5)]

    def join(self) -> Iterator[object]:
        user_id = self.id()
        self.people.append(user_id)
        name = f"person-{self._seed}-{len(self.people)}"
        yield RegisterUser(user_id=user_id, username=name, email=f"{name}@conduit.example")
        yield CreateAuthor(author_id=user_id, user_id=user_id)

    def publish(self) -> object:
        article_id, author_id = self.id(), self.somebody()
        self.articles.append(article_id)
        self.authors[article_id] = author_id
        tags = tuple(self._chance.sample(WORDS[:40], self._chance.randrange(4)))
        return PublishArticle(
            article_id=article_id,
            author_id=author_id,
            slug=f"article-{self._seed}-{len(self.articles)}",
            title=self._texts.sentence(6),
            description=self._texts.sentence(12),
            body=self._texts.body(),
            tags=tags,
        )

    def edit(self) -> object:
        article_id = self.something()
        return EditArticle(article_id=article_id, author_id=self.authors[article_id], body=self._texts.body())

    def comment(self) -> object:
        comment_id, author_id = self.id(), self.somebody()
        self.comments.append((comment_id, author_id))
        body = self._texts.sentence(25)
        return CommentOnArticle(
            comment_id=comment_id, article_id=self.something(), author_id=author_id, body=body
        )

    def favorite(self) -> object:
        self.hearts.append((self.something(), self.somebody()))
        article_id, reader_id = self.hearts[-1]
        return FavoriteArticle(article_id=article_id, reader_id=reader_id)

    def follow(self) -> object:
        author_id, follower_id = self._chance.sample(self.people, 2)
        self.follows.append((author_id, follower_id))
        return FollowAuthor(author_id=author_id, follower_id=follower_id)

    def take_back(self) -> object:
        match self._chance.choices(("heart", "follow", "comment", "article"), (60, 20, 15, 5))[0]:
            case "heart" if self.hearts:
                article_id, reader_id = self._chance.choice(self.hearts)
                return UnfavoriteArticle(article_id=article_id, reader_id=reader_id)
            case "follow" if self.follows:
                author_id, follower_id = self._chance.choice(self.follows)
                return UnfollowAuthor(author_id=author_id, follower_id=follower_id)
            case "comment" if self.comments:
                comment_id, author_id = self._chance.choice(self.comments)
                return DeleteComment(comment_id=comment_id, author_id=author_id)
            case _:
                article_id = self.something()
                return DeleteArticle(article_id=article_id, author_id=self.authors[article_id])


def write(events: int) -> int:
    """Writes so many facts to an empty log."""
    connection.ensure_connection()
    for age, before in enumerate(range(0, events, AGE)):
        Age(age, BEGINNING + timedelta(seconds=before)).write(
            connection.connection, min(AGE, events - before)
        )
    for tidying in (b"SET statement_timeout = 0", b"VACUUM ANALYZE", b"CHECKPOINT"):
        execute(tidying, prepare=False)
    return events


class Age:
    """Commands carried out in memory, one after the other: their facts, and the rows that an append writes."""

    def __init__(self, seed: int, beginning: datetime) -> None:
        self._commands = World(seed).commands()
        self._chance, self._beginning = random.Random(seed), beginning
        self._states: dict[str, tuple[int, Any]] = {}
        self._claims: dict[tuple[str, str], str] = {}
        self._count = 0

    def write(self, raw: psycopg.Connection[Any], events: int, batch: int = 5_000) -> None:
        """Writes at least so many facts, with their commands and the names that are held."""
        while self._count < events:
            facts: list[Any] = []
            commands: list[Any] = []
            while len(facts) < batch and self._count + len(facts) < events:
                self._carry_out(next(self._commands), facts, commands)
            _copy(raw, "event (stream, version, type, schema, data, command_id, recorded_at)", facts)
            _copy(raw, f"command ({COMMAND_COLUMNS})", commands)
            self._count += len(facts)
        claims = [(*name, stream) for name, stream in self._claims.items()]
        _copy(raw, "claim (kind, key, stream)", claims)

    def _carry_out(self, command: Any, facts: list[Any], commands: list[Any]) -> None:
        decider = deciders.of(command)
        stream = decider.stream(command)
        version, state = self._states.get(stream, (0, decider.initial))
        try:
            events, names = decide_all(decider, state, command)
        except Rejection:
            return
        if not events or not self._settle(stream, names):
            return
        at = self._beginning + timedelta(seconds=self._count + len(facts))
        command_id = UUID(int=self._chance.getrandbits(128), version=4)
        commands.append(_row(command, command_id, stream, version, len(events), at))
        for event in events:
            version, state = version + 1, decider.evolve(state, event)
            facts.append((stream, version, *codec.encode(event), command_id, at))
        self._states[stream] = version, state

    def _settle(self, stream: str, names: tuple[Any, ...]) -> bool:
        """Claims and releases; False, and nothing, if a name is taken or one that is required is not held."""
        for name in names:
            free = self._claims.get((name.kind, name.key), stream) == stream
            held = (name.kind, name.key) in self._claims
            if not (free if isinstance(name, Claim | Release) else held):
                return False
        for name in names:
            if isinstance(name, Claim):
                self._claims[name.kind, name.key] = stream
            elif isinstance(name, Release):
                self._claims.pop((name.kind, name.key), None)
        return True


COMMAND_COLUMNS = (
    "id, name, stream, first_version, last_version, correlation_id, outcome, reason, payload, digest, address, "
    "duration_us, recorded_at"
)


def _row(
    command: object, command_id: UUID, stream: str, version: int, events: int, at: datetime
) -> tuple[Any, ...]:
    name, digest = COMMAND_TYPES[type(command)].name, blake2b(codec.wording(command), digest_size=16).digest()
    last, payload = version + events, codec.payload(command)
    return command_id, name, stream, version + 1, last, command_id, "accepted", "", payload, digest, "", 0, at


def _copy(raw: psycopg.Connection[Any], target: str, rows: list[Any]) -> None:
    with raw.cursor() as cursor, cursor.copy(f"COPY eventstore_{target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
