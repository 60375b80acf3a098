"""How long pages listen, and how many: while their readers are signed in; so many of a person's, of an address's, in
all."""

import asyncio
import time
from contextlib import AsyncExitStack

from django.test import Client
from django.utils import timezone

from accounts import leaving, queries, sessions
from accounts.commands import GrantStaff, RevokeStaff
from accounts.models import Session
from accounts.registration import change_password
from eventstore.dispatch import dispatch
from tests.cast import PASSWORD, Person
from tests.live.listening import aside, cookie, now, session_of, ticket_for
from tests.live.site_settings import LIVE_SOCKETS, LIVE_SOCKETS_A_PERSON, LIVE_SOCKETS_AN_ADDRESS
from tests.live.wire import Page, broken

SIGNED_OUT = 4401
SENT_AWAY = (
    *("out", "ended", "others", "leaves", "renamed", "closed", "dismissed", "by-the-fact", "expired"),
    "deleted",
)


def session_row(person):
    """Where the session of a person's browser stands."""
    digest = sessions._digest(session_of(person))
    return Session.objects.filter(digest=digest)


def signed_in(person):
    """Another browser of theirs."""
    browser = Client()
    browser.force_login(queries.person(person.id))
    return browser


def test_who_is_signed_out_in_any_way_is_sent_away_within_5_s_and_everybody_else_stays(site, people, article):
    """All ways at once, since each takes its time."""
    port = site[0]
    ways = {name: Person(name) for name in (*SENT_AWAY, "stays")}
    ways["elsewhere"] = ways["stays"]
    dispatch(GrantStaff(user_id=ways["dismissed"].id))
    dispatch(GrantStaff(user_id=ways["by-the-fact"].id))
    cookies = {name: cookie(person) for name, person in ways.items()}
    rows = {name: session_row(person) for name, person in ways.items()}

    def sign_out():
        assert ways["out"].browser.post("/logout").status_code == 302
        assert (
            signed_in(ways["ended"]).post(f"/settings/sessions/{rows['ended'].get().id}/end").status_code
            == 302
        )
        assert signed_in(ways["others"]).post("/settings/sessions/end-others").status_code == 302
        assert ways["leaves"].browser.post("/settings/close", {"password": PASSWORD}).status_code == 302
        change_password(ways["renamed"].id, "another long password")
        leaving.close(ways["closed"].id)
        leaving.revoke_staff(ways["dismissed"].id)
        dispatch(RevokeStaff(user_id=ways["by-the-fact"].id))
        rows["expired"].update(expires_at=timezone.now() - timezone.timedelta(seconds=1))
        rows["deleted"].delete()

    async def listen():
        at = await now()
        async with AsyncExitStack() as stack:
            pages = {
                name: await stack.enter_async_context(
                    Page(port, ticket_for(article, reader=person.id), at, Cookie=cookies[name])
                )
                for name, person in ways.items()
            }
            pages["anonymous"] = await stack.enter_async_context(Page(port, ticket_for(article), at))
            assert {page.status for page in pages.values()} == {101}
            await asyncio.gather(*(page.until(lambda page: page.heard) for page in pages.values()))
            await aside(sign_out)
            began = time.monotonic()
            gone = [pages.pop(name) for name in SENT_AWAY]
            codes = [await page.ends(within_s=5) for page in gone]
            took = time.monotonic() - began
            comment = str(await aside(people.jane.says, "For those who stayed.", article))
            await asyncio.gather(*(page.until(lambda page: comment in page.keys) for page in pages.values()))
            return (
                codes,
                took,
                [page.closed for page in pages.values()],
                [comment in page.keys for page in gone],
            )

    codes, took, closed, told = asyncio.run(listen())
    assert dict(zip(SENT_AWAY, codes, strict=True)) == dict.fromkeys(SENT_AWAY, SIGNED_OUT)
    assert took < 5
    assert closed == [None] * 3
    assert told == [False] * len(SENT_AWAY)


async def opened(stack, number, *arguments, **headers):
    pages = [Page(*arguments, **headers) for _ in range(number)]
    return [await stack.enter_async_context(page) for page in pages]


def statuses(pages):
    return [page.status for page in pages]


async def let_in(stack, *arguments, **headers):
    """Waits for a seat that is becoming free."""
    for _ in range(100):
        [page] = await opened(stack, 1, *arguments, **headers)
        if page.status == 101:
            return True
        await asyncio.sleep(0.05)
    return False


def test_a_person_has_so_many_sockets_an_address_so_many_and_the_site_so_many(site, people, article):
    """A person's sockets come from several addresses here, and an address's are several people's."""
    port = site[0]
    hers, anybody_s = (ticket_for(article, reader=people.jane.id), 0), (ticket_for(article), 0)
    jane = {"Cookie": cookie(people.jane)}

    async def come():
        async with AsyncExitStack() as stack:
            janes = await opened(stack, LIVE_SOCKETS_A_PERSON, port, *hers, **jane)
            assert statuses(janes) == [101] * LIVE_SOCKETS_A_PERSON
            assert statuses(await opened(stack, 1, port, *hers, address="127.0.0.2", **jane)) == [403]
            left = LIVE_SOCKETS_AN_ADDRESS - LIVE_SOCKETS_A_PERSON
            assert statuses(await opened(stack, left, port, *anybody_s)) == [101] * left
            assert statuses(await opened(stack, 1, port, *anybody_s)) == [403]
            left = LIVE_SOCKETS - LIVE_SOCKETS_AN_ADDRESS
            assert statuses(await opened(stack, left, port, *anybody_s, address="127.0.0.2")) == [101] * left
            assert statuses(await opened(stack, 1, port, *anybody_s, address="127.0.0.3")) == [403]
            await janes[0].__aexit__()
            assert await let_in(stack, port, *hers, **jane)

    asyncio.run(come())


def test_none_of_it_has_left_a_traceback(site):
    """The last of this file: it looks back at the others."""
    assert broken(site[1]) == []
