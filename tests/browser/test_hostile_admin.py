"""The admin in a real browser, over a log full of what Mallory typed: it tells everything and runs nothing."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from accounts.commands import Bio, GrantStaff, UpdateProfile
from blog.commands import DeleteArticle, Description, EditArticle, NotTheAuthor, Title
from blog.wording import tidy
from eventstore.database import rows
from eventstore.dispatch import dispatch
from tests.browser.browsing import Browse, browsing
from tests.browser.in_process import served
from tests.browser.living import prepared
from tests.cast import Cast, Person
from tests.pages.admin import LOG
from tests.xss import payloads
from tests.xss.looking import LISTEN, looked_at, mentions
from tests.xss.packing import bodies, packed


class World(NamedTuple):
    """Where there is something to see, by somebody who may see everything."""

    ada: Person
    paths: list[str]


@pytest.fixture(scope="module")
def world(fresh_database: Any) -> Iterator[World]:
    with fresh_database():
        cast, ada = Cast(), Person("ada")
        dispatch(GrantStaff(user_id=ada.id, superuser=True))
        meddle(cast)
        assert ada.browser.session  # signed in while nobody has an event loop
        yield World(ada, pages(cast))


def meddle(cast: Cast) -> None:
    """Mallory writes, rewords, tells of himself, tries what he may not, and guesses."""
    mallory, jake = cast.mallory, cast.jake
    titles, said = packed(payloads.FOR_FIELDS, Title), packed(payloads.FOR_FIELDS, Description)
    tags = tidy(["<b>", "'\"><script>", "{{ 7|add:7 }}"])
    hostile = mallory.publishes(
        titles[0], description=said[0], body=bodies(payloads.FOR_FIELDS)[0], tags=tags
    )
    for title, words in zip(titles[1:], said, strict=False):
        dispatch(EditArticle(article_id=hostile.id, author_id=mallory.id, title=title, description=words))
    mallory.says("\n\n".join(payloads.BREAKOUTS), hostile)
    [bio, *_] = packed(payloads.FOR_FIELDS, Bio)
    dispatch(UpdateProfile(user_id=mallory.id, bio=bio, image=payloads.IMAGES[0]))
    dispatch(UpdateProfile(user_id=jake.id, bio=payloads.BREAKOUTS[0]))
    with pytest.raises(NotTheAuthor):
        dispatch(DeleteArticle(article_id=hostile.id, author_id=jake.id))
    for text in payloads.BREAKOUTS:
        Client().post("/login", {"email": text, "password": "wrong password"})
        mallory.browser.post("/editor", {"title": text * 20, "description": text, "body": text, "tags": text})


def pages(cast: Cast) -> list[str]:
    """Every page about the log that quotes anybody, and every row."""
    found = rows(
        b"SELECT position, stream FROM eventstore_event WHERE type ~ '^(blog|accounts)' ORDER BY position"
    )
    events = [f"{LOG}/event/{position}/change/" for position, _ in found]
    streams = {f"{LOG}/stream/{stream}/?version=1" for _, stream in found}
    commands = [
        f"{LOG}/command/{command}/change/" for (command,) in rows(b"SELECT id FROM eventstore_command")
    ]
    tables = ["blog/article", "blog/author", "blog/comment", "blog/tag", "accounts/user"]
    lists = [f"/admin/{table}/" for table in tables] + [f"{LOG}/event/", f"{LOG}/command/?outcome=refused"]
    [(article,)] = rows(b"SELECT id FROM blog_article ORDER BY position LIMIT 1")
    why = [f"{LOG}/why/blog.article/{article}/", f"{LOG}/why/accounts.user/{cast.mallory.id}/"]
    asked = [f"{LOG}/event/?stream={text}" for text in ("<script>hit()</script>", '"onmouseover="hit()')]
    row = [f"/admin/blog/article/{article}/change/", f"/admin/accounts/user/{cast.mallory.id}/change/"]
    return [*why, *row, *lists, *asked, *sorted(streams), *events[::7], *commands[-4:]]


@pytest.fixture(scope="module")
def site(world: World) -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def browse(site: str, chromium: Browser, trouble: list[str]) -> Iterator[Browse]:
    with browsing(chromium, site, trouble) as browse:
        yield browse
    assert trouble == []


def test_the_admin_quotes_what_was_typed_and_runs_none_of_it(browse: Browse, world: World) -> None:
    page, found, said = prepared(browse, world.ada), list[str](), 0
    page.add_init_script(LISTEN)
    for path in world.paths:
        assert seen(page, path) < 500
        found += looked_at(page)
        said += mentions(page)
    assert found == []
    assert said > 300


def seen(page: Page, path: str) -> int:
    answer = page.goto(path)
    assert answer
    return answer.status
