"""What the rows of the table are about: something of the author's for every `{…}`, and another for every `{+…}`."""

import re
from itertools import count
from typing import Any
from unittest.mock import patch

from django.test import Client

from accounts import queries as accounts
from blog.commands import DeleteArticle, DeleteComment, NoSuchArticle, PublishArticle
from blog.projectors import blog
from eventstore import operating, replays
from eventstore.database import rows
from eventstore.dispatch import dispatch
from eventstore.ids import uuid7
from tests.access.people import everybody
from tests.api.program import Program
from tests.cast import Person

PAUSED = "accounts.users"
USED_UP = re.compile(r"\{\+(\w+)\}")


class World:
    def __init__(self):
        self.people = everybody()
        self.author, somebody = self.people["author"].person, Person("sam")
        self.numbers = count(1)
        self.article = self.author.publishes("Dragons", tags=("fire",))
        event = one("SELECT min(position) FROM eventstore_event WHERE type = 'blog.article_published'")
        command = one(f"SELECT command_id FROM eventstore_event WHERE position = {event}")
        self.things = {
            "article": self.article.slug,
            "article_id": self.article.id,
            "stream": f"article-{self.article.id}",
            "author": self.author.name,
            "author_id": self.author.id,
            "somebody": somebody.name,
            "event": event,
            "command": command,
            "correlation": one(f"SELECT correlation_id FROM eventstore_command WHERE id = '{command}'"),
            **{
                name: self.another(name)
                for name in ("gone", "said", "unsaid", "token", "session", "replay", "parked")
            },
            "log": "/admin/eventstore",
            "typing": "/admin/autocomplete/?app_label=blog&model_name=comment&field_name=article&term=D",
        }
        self.things["comment_id"] = one("SELECT min(id::text) FROM blog_comment")

    def of(self, row, person, *, allowed):
        """What stands for each `{…}`, for this person's visit."""
        used_up = USED_UP.findall(row.path) if allowed else []
        mine = {"name": person.name, "email": person.email, "password": person.password}
        fresh = {name: self.another(name) for name in used_up} | {"new": f"newcomer{next(self.numbers)}"}
        return self.things | mine | fresh

    def another(self, name):
        return getattr(self, f"a_{name}")()

    def a_article(self):
        return self.author.publishes("Dragons").slug

    def a_gone(self):
        article = self.author.publishes("Gone")
        dispatch(DeleteArticle(article_id=article.id, author_id=self.author.id))
        return article.slug

    def a_said(self):
        return self._number(self.author.says("Mine is red", self.article))

    def a_unsaid(self):
        said = self.author.says("Mine is red", self.article)
        dispatch(DeleteComment(comment_id=said, author_id=self.author.id))
        return self._number(said)

    def _number(self, comment):
        return one(f"SELECT number FROM blog_comment WHERE id = '{comment}'")

    def a_token(self):
        Program(self.author)
        its = f"SELECT id FROM accounts_apitoken WHERE user_id = '{self.author.id}'"
        return one(f"{its} ORDER BY created_at DESC, id DESC LIMIT 1")

    def a_session(self):
        """One of the author's in another browser."""
        before = {session for (session,) in self._sessions()}
        elsewhere = Client()
        elsewhere.force_login(accounts.person(self.author.id))
        [(session,)] = [row for row in self._sessions() if row[0] not in before]
        return session

    def _sessions(self):
        return rows(b"SELECT id FROM accounts_session WHERE user_id = %s", (self.author.id,))

    def a_replay(self):
        self.tidy()
        return operating.order_replay(PAUSED, "to see", "ada")

    def a_parked(self):
        """The position of a fact that the pages could not show."""
        words = {"title": "Tea", "description": "Green", "body": "Hot.", "slug": "tea"}
        unseen = PublishArticle(article_id=uuid7(), author_id=self.author.id, **words)
        with patch.dict(blog._handlers, {"blog.article_published": [_clumsy]}):
            dispatch(unseen)
        return one("SELECT max(position) FROM eventstore_parked")

    def paused(self):
        operating.pause(PAUSED, "to see", "ada")

    def tidy(self):
        """Undoes what operators did."""
        for replay in replays.replays():
            if replay.open:
                replays.stop(replay.id)
        for (name,) in rows(b"SELECT name FROM eventstore_checkpoint WHERE status = 'paused'"):
            operating.resume(name, "", "ada")


class Anything(dict[str, Any]):
    """Things, and a word for what is a visit's own."""

    def __missing__(self, name):
        return "x"


def _clumsy(event, fact):
    raise NoSuchArticle
    yield


def one(statement):
    return rows(statement.encode())[0][0]
