"""Who hears what, on a WebSocket and by asking: what a page's ticket says, as long as its reader may hear it."""

import asyncio
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.commands import GrantPermissions, RevokeStaff
from conduit.asgi import live
from eventstore.dispatch import dispatch
from eventstore.live.pages import listening
from tests.access.rules import KINDS, VISITORS
from tests.feed.listener import Listener, a_site
from tests.pages.admin import METADATA, staff

OPEN, REFUSED = "open", "refused"


def rooms(world):
    """Every kind of room, whose ticket it is ("": anybody's; None: their own), and who may listen with it."""
    article, author = world.things["article_id"], world.things["author_id"]
    public = [f"article:{article}", f"hearts:{article}", "articles", "tags", "tag:fire", f"author:{author}"]
    everybody, known = set(KINDS), set(KINDS) - {*VISITORS}
    return [
        (public, "", everybody),
        (public, None, known | {"anonymous"}),
        (public, author, {"author"}),
        ([f"following:{author}"], author, {"author"}),
        (["log"], None, {"watcher", "superuser"}),
        (["log"], "", set()),
        (["articles", "log"], None, {"watcher", "superuser"}),
    ]


def visits(world):
    for names, reader, allowed in rooms(world):
        for kind, person in world.people.items():
            whose = person.id if reader is None else reader or None
            yield kind, names, listening(names, whose, 0).ticket, OPEN if kind in allowed else REFUSED


def test_asking_is_for_whom_the_ticket_is_for_and_who_still_may(world):
    wrong = []
    for kind, names, ticket, expected in visits(world):
        browser = world.people[kind].browser
        answer = browser.get("/live", {"page": ticket}, headers={"If-None-Match": '"0"'})
        if (OPEN if answer.status_code in {200, 304} else REFUSED) != expected or answer.status_code == 400:
            wrong.append(f"{kind} at {names}: {answer.status_code}, not {expected}")
    assert wrong == []


def test_a_socket_opens_for_the_same_people(world):
    async def knock():
        return [
            f"{kind} at {names}: not {expected}"
            for kind, names, ticket, expected in visits(world)
            if await opens(ticket, world.people[kind].browser.cookies) != expected
        ]

    assert asyncio.run(knock()) == []


async def opens(ticket, cookies):
    """How the site answers the handshake of a page on its own address."""
    incoming, said = asyncio.Queue(), asyncio.Queue()
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
    headers = {"host": "localhost", "origin": "http://localhost", "cookie": cookie}
    scope = {
        "type": "websocket",
        "path": "/live",
        "query_string": urlencode({"page": ticket, "after": 0}).encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    incoming.put_nowait({"type": "websocket.connect"})
    page = asyncio.ensure_future(live(scope, incoming.get, said.put))
    async with asyncio.timeout(30):
        first = await said.get()
        incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await page
    return OPEN if first["type"] == "websocket.accept" else REFUSED


@pytest.mark.parametrize("change", ["other rights", "none at all"])
def test_a_ticket_to_the_log_ends_with_the_right_to_see_it(world, change):
    browser = staff(f"olga-{change[:4]}", METADATA)
    person = SimpleNamespace(id=browser.get("/").wsgi_request.user.pk)
    ticket = listening(["log"], person.id, 0).ticket
    assert asked(browser, ticket) in {200, 304}
    other = GrantPermissions(user_id=person.id, permissions=("blog.view_article",))
    dispatch(other if change == "other rights" else RevokeStaff(user_id=person.id))
    assert asked(browser, ticket) == 403

    assert asyncio.run(opens(ticket, browser.cookies)) == REFUSED


def asked(browser, ticket):
    return browser.get("/live", {"page": ticket}, headers={"If-None-Match": '"0"'}).status_code


def test_a_ticket_is_worth_nothing_with_another_session(world):
    ticket = listening(["articles"], world.people["author"].id, 0).ticket
    assert asked(Client(), ticket) == 403


def test_the_stream_of_facts_says_the_same_to_everybody(world):
    """To strangers, to whoever's cookie or token comes along, be it dead: it knows nobody, and tells what is public."""

    async def hear(person):
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in person.browser.cookies.items())
        async with Listener(a_site(), cookie=cookies, authorization=f"Token {person.token}") as stream:
            return stream, list(await stream.hears(5))[:5]

    async def everybody():
        return [await hear(world.people[kind]) for kind in ("anonymous", "closed", "author", "superuser")]

    heard = asyncio.run(everybody())
    assert {stream.start["status"] for stream, _ in heard} == {200}
    assert all(told == heard[0][1] for _, told in heard)
    assert not any("@conduit.example" in str(told) for _, told in heard)
