"""People of the admin by what they may see, a log that is worth looking at, and every page about it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import psycopg
import pytest
from django.test import Client

from accounts.commands import GrantPermissions, GrantStaff
from blog.commands import DeleteArticle, NotTheAuthor
from eventstore.database import rows
from eventstore.dispatch import dispatch
from tests.cast import Article, Cast, Person

METADATA, PAYLOADS, PERSONAL, OPERATE = (
    f"eventstore.{name}"
    for name in ("see_metadata", "see_payloads", "see_personal_data", "operate_projectors")
)
VIEWS = ("blog.view_article", "accounts.view_user")
MOST_STATEMENTS = 12

LOG = "/admin/eventstore"


def staff(name: str, *permissions: str) -> Client:
    """A browser of somebody who may do these things in the admin, and nothing else there."""
    person = Person(name)
    dispatch(GrantPermissions(user_id=person.id, permissions=permissions))
    return person.browser


def superuser(name: str = "ada") -> Client:
    person = Person(name)
    dispatch(GrantStaff(user_id=person.id, superuser=True))
    return person.browser


class World(NamedTuple):
    """Where there is something to see."""

    article: Article
    published: int
    edited: int
    registered: int
    stream: str
    command: str
    correlation: str
    registering: str
    jake: str
    email: str


def world(cast: Cast) -> World:
    """Jake writes and rewords, Jane likes and comments, Mallory tries what she may not, somebody guesses."""
    article = cast.jake.publishes("Dragons", tags=("fire", "wings"))
    jane = cast.jane.browser
    assert jane.post(f"{article.path}/favorite").status_code == 302
    assert jane.post(f"{article.path}/comments", {"body": "Mine is blue"}).status_code == 302
    edit = {"title": "Dragons", "description": "Ever wonder?", "body": "You have to run.", "tags": "fire"}
    assert cast.jake.browser.post(f"/editor/{article.slug}", edit).status_code == 302
    with pytest.raises(NotTheAuthor):
        dispatch(DeleteArticle(article_id=article.id, author_id=cast.mallory.id))
    guess = {"email": cast.jake.email, "password": "a wrong password"}
    assert Client().post("/login", guess).status_code == 422
    return _world(article, cast.jake)


def _world(article: Article, jake: Person) -> World:
    [(command, correlation)] = rows(
        b"SELECT id, correlation_id FROM eventstore_command WHERE name = 'blog.edit_article'"
    )
    registered = position("type = 'accounts.user_registered'")
    [(registering,)] = rows(b"SELECT command_id FROM eventstore_event WHERE position = %s", (registered,))
    return World(
        article,
        published=position("type = 'blog.article_published'"),
        edited=position("type = 'blog.article_edited'"),
        registered=registered,
        stream=f"article-{article.id}",
        command=str(command),
        correlation=str(correlation),
        registering=str(registering),
        jake=str(jake.id),
        email=jake.email,
    )


def rows_of(at: World) -> dict[str, str]:
    """The key of a row of every table that the admin has, by the table."""
    [(comment,)] = rows(b"SELECT id FROM blog_comment")
    return {
        "eventstore/event": str(at.published),
        "eventstore/command": at.command,
        "blog/article": str(at.article.id),
        "blog/author": at.jake,
        "blog/comment": str(comment),
        "blog/formerslug": at.article.slug,
        "blog/tag": "fire",
        "blog/tally": "articles",
        "accounts/user": at.jake,
    }


def position(condition: str, most: str = "min") -> int:
    """The first fact of which this is true, or the last one."""
    statement = f"SELECT {most}(position) FROM eventstore_event WHERE {condition}"
    return int(rows(statement.encode())[0][0])


def pages(at: World) -> dict[str, str]:
    """Every page about the log, by its name."""
    return {
        "events": f"{LOG}/event/",
        "events, filtered": f"{LOG}/event/?kind=article&type=blog.article_edited&since=1h",
        "event": f"{LOG}/event/{at.edited}/change/",
        "event about a person": f"{LOG}/event/{at.registered}/change/",
        "stream": f"{LOG}/stream/{at.stream}/",
        "stream, compared": f"{LOG}/stream/{at.stream}/?version=1&since=2",
        "stream of a person": f"{LOG}/stream/user-{at.jake}/?version=1",
        "correlation": f"{LOG}/correlation/{at.correlation}/",
        "commands": f"{LOG}/command/",
        "commands, refused": f"{LOG}/command/?outcome=refused",
        "command": f"{LOG}/command/{at.command}/change/",
        "command about a person": f"{LOG}/command/{at.registering}/change/",
        "jump": f"{LOG}/jump/",
        "why": f"{LOG}/why/blog.article/{at.article.id}/",
        "why of a person": f"{LOG}/why/accounts.user/{at.jake}/",
    }


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that is sent to the database meanwhile, by Django or the log, without its comments."""
    sent: list[str] = []
    execute = psycopg.Cursor.execute

    def counted(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else str(query)
        sent.append(re.sub("--.*", "", text))
        return execute(self, query, *args, **kwargs)

    with patch.object(psycopg.Cursor, "execute", counted):
        yield sent


def audited(name: str) -> list[dict[str, Any]]:
    """What the audit has of the commands of a name, in order, each with its actor's name."""
    found = rows(
        b"SELECT payload::text, username FROM eventstore_command AS command "
        b"LEFT JOIN accounts_user AS actor ON actor.id = actor_id WHERE name = %s ORDER BY recorded_at",
        (name,),
    )
    return [json.loads(payload) | {"actor": actor} for payload, actor in found]


def done() -> tuple[int, ...]:
    """How many events, commands that were not refused, and claims there are."""
    [(accepted,)] = rows(b"SELECT count(*) FROM eventstore_command WHERE outcome <> 'refused'")
    events, _, claims = recorded()
    return events, int(accepted), claims


def recorded() -> tuple[int, ...]:
    """How many events, commands and claims there are."""
    tables = (b"event", b"command", b"claim")
    return tuple(int(rows(b"SELECT count(*) FROM eventstore_" + table)[0][0]) for table in tables)
