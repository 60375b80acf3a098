"""Several processes on one database, and the end of one of them."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack

from tests.live.listening import aside, becomes, cookie, now, ticket_for
from tests.live.wire import Page, a_site, answer, broken, said, ticket

SOCKETS = 200


def heart(port, person, article):
    """Pressed in a browser: by a form, on this site."""
    token = "t" * 32
    cookies = f"{cookie(person)}; csrftoken={token}"
    form = {"content_type": "application/x-www-form-urlencoded", "cookie": cookies}
    return answer(port, f"{article.path}/favorite", "POST", f"csrfmiddlewaretoken={token}", **form)[0]


def test_what_is_done_in_either_of_two_processes_is_heard_in_both_and_one_that_is_told_to_stop_does(
    site, people
):
    """One test, since another process takes seconds to start."""
    articles = [people.jake.publishes() for _ in range(2)]
    assert people.jane.browser
    with a_site() as (port, process):
        asyncio.run(heard_within_a_second((site[0], port), people.jane, articles))
        assert broken(site[1]) == []
        took, codes = asyncio.run(stopped(port, process, articles[0], people.jake))
        assert (process.returncode, broken(process)) == (0, []), said(process)
    assert took < 10
    assert codes <= {1001, 1006}


async def heard_within_a_second(ports, person, articles):
    at, rooms = await now(), ticket(*(f"hearts:{article.id}" for article in articles))
    async with Page(ports[0], rooms, at) as one, Page(ports[1], rooms, at) as other:
        await asyncio.gather(*(page.until(lambda page: page.heard) for page in (one, other)))
        for port, article in zip(ports, articles, strict=True):
            assert await asyncio.to_thread(heart, port, person, article) == 302
            key = f"hearts-{article.id}"
            heard = (page.until(lambda page, key=key: key in page.keys, within_s=1) for page in (one, other))
            await asyncio.gather(*heard)


async def stopped(port, process, article, person):
    """How long it took with so many sockets open, one of which is being told something, and how they ended."""
    async with AsyncExitStack() as stack:
        pages = [Page(port, ticket_for(article), await now()) for _ in range(SOCKETS)]
        for page in pages:
            await stack.enter_async_context(page)
        assert {page.status for page in pages} == {101}
        await asyncio.gather(*(page.until(lambda page: page.heard) for page in pages))
        await aside(person.says, "The last word.", article)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        codes = await asyncio.gather(*(page.ends(within_s=10) for page in pages))
        assert await asyncio.to_thread(becomes, lambda: process.poll() is not None, 10)
        return time.monotonic() - began, set(codes)
