"""Loading the demo: each line of its files becomes a command, sent once however often it is loaded."""

import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import frontmatter

from accounts.commands import GrantStaff, RegisterUser, UpdateProfile
from accounts.registration import register
from blog.commands import CommentOnArticle, EditArticle, FavoriteArticle, FollowAuthor, PublishArticle
from blog.wording import slug_of
from conduit.demo import PASSWORD
from eventstore import store
from eventstore.dispatch import dispatch
from eventstore.ids import derived
from eventstore.log import read_all

FOLDER = Path(__file__).parent
ADMIN = "ines"
Step = tuple[str, object]
"""What makes the step's id, and its command."""


def is_wanted() -> bool:
    """Whether the log is empty, or holds a demo that was not loaded to its end."""
    begun = store.known(_id("register", Demo().people[0]["username"]))
    if begun is None:
        return next(read_all(batch=1), None) is None
    return store.known(_id("complete")) is None


def load() -> Iterator[str]:
    """Sends every command that was not sent before; yields a word on each."""
    demo = Demo()
    for person in demo.people:
        register(demo.registration(person), PASSWORD, _id("register", person["username"]))
        yield person["username"]
    for name, command in demo.steps():
        dispatch(command, id=_id(name))
        yield name
    dispatch(GrantStaff(user_id=demo.person(ADMIN), superuser=True), id=_id("complete"))


def _id(*parts: object) -> UUID:
    return derived("demo", *parts)


class Demo:
    """The files, as commands in the order in which things happen."""

    @cached_property
    def people(self) -> list[dict[str, str]]:
        return _toml("people")["people"]  # type: ignore[no-any-return]

    @cached_property
    def articles(self) -> dict[str, frontmatter.Post]:
        paths = sorted((FOLDER / "articles").glob("*.md"))
        return {path.stem: frontmatter.load(str(path)) for path in paths}

    def person(self, username: str) -> UUID:
        return _id("person", username)

    def registration(self, person: dict[str, str]) -> RegisterUser:
        username, email = person["username"], person["email"]
        return RegisterUser(user_id=self.person(username), username=username, email=email)

    def article(self, stem: str) -> UUID:
        return _id("article", stem)

    def author_of(self, stem: str) -> UUID:
        return self.person(str(self.articles[stem]["author"]))

    def steps(self) -> Iterator[Step]:
        talk = _toml("conversation")
        yield from (self._profile(person) for person in self.people)
        yield from (self._publish(stem, post) for stem, post in self.articles.items())
        yield from (self._follow(line) for line in talk["follows"])
        yield from (
            self._favorite(line["reader"], stem) for line in talk["favorites"] for stem in line["articles"]
        )
        yield from (self._comment(nth, line) for nth, line in enumerate(talk["comments"]))
        yield from self._edits(talk["edits"])

    def _profile(self, person: dict[str, str]) -> Step:
        command = UpdateProfile(
            user_id=self.person(person["username"]), bio=person["bio"], image=person["image"]
        )
        return f"profile of {person['username']}", command

    def _publish(self, stem: str, post: frontmatter.Post) -> Step:
        title = str(post["title"])
        command = PublishArticle(
            article_id=self.article(stem),
            author_id=self.author_of(stem),
            slug=slug_of(title),
            title=title,
            description=str(post["description"]),
            body=post.content,
            tags=tuple(post["tags"]),  # type: ignore[arg-type]
            written_at=post["date"],  # type: ignore[arg-type]
        )
        return f"publish {stem}", command

    def _follow(self, line: dict[str, str]) -> Step:
        command = FollowAuthor(
            author_id=self.person(line["author"]), follower_id=self.person(line["follower"])
        )
        return f"{line['follower']} follows {line['author']}", command

    def _favorite(self, reader: str, stem: str) -> Step:
        command = FavoriteArticle(article_id=self.article(stem), reader_id=self.person(reader))
        return f"{reader} favorites {stem}", command

    def _comment(self, nth: int, line: dict[str, str]) -> Step:
        command = CommentOnArticle(
            comment_id=_id("comment", nth),
            article_id=self.article(line["article"]),
            author_id=self.person(line["author"]),
            body=line["body"],
        )
        return f"comment {nth}", command

    def _edits(self, lines: list[dict[str, str]]) -> Iterator[Step]:
        """Edits in order: each goes on from the text that the one before it left."""
        texts: dict[tuple[str, str], str] = {}
        for nth, line in enumerate(lines):
            stem, part = line["article"], line["part"]
            present = texts.get((stem, part)) or _part(self.articles[stem], part)
            texts[stem, part] = reworded = present.replace(line["old"], line["new"], 1)
            slug = slug_of(reworded) if part == "title" else None
            changes: dict[str, Any] = {part: reworded, "slug": slug}
            yield (
                f"edit {nth}",
                EditArticle(article_id=self.article(stem), author_id=self.author_of(stem), **changes),
            )


def _part(post: frontmatter.Post, part: str) -> str:
    return post.content if part == "body" else str(post[part])


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
