"""Pages that are open on the site as it is served, and come back when their socket ends."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from html import unescape
from urllib.parse import urlsplit

from tests.cast import PASSWORD
from tests.live.serving import unproved
from tests.live.wire import PATIENCE_S, Page

AGAIN_S = 0.2


def shown(site, path):
    """The ticket that a page shows, and its position."""
    body = site.ask(path).body
    [(ticket, at)] = re.findall(r'data-live="([^"]+)" data-at="(\d+)"', body)
    return unescape(ticket), int(at)


def opened(site, ticket, after, **headers):
    """By the address that everybody has."""
    place = urlsplit(site.origin)
    tls = unproved() if place.scheme == "https" else None
    headers = {"Host": site.host, "Origin": site.origin} | headers
    return Page(place.port, ticket, after, tls=tls, **headers)


def opened_at(site, server, ticket, after):
    """At one of the processes, as nginx would."""
    return Page(server.port, ticket, after, Origin=site.origin, **site.behind)


class Follower:
    """Listens for a page, on socket after socket, each from where the last one had come to."""

    def __init__(self, site, ticket, after):
        self.site, self.ticket, self.at = site, ticket, after
        self.sockets, self.comments, self.late = 0, {}, 0
        self.news = asyncio.Event()

    async def listen(self):
        while True:
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                async with opened(self.site, self.ticket, self.at) as page:
                    if page.status == 101:
                        await self._hear(page)
            await asyncio.sleep(AGAIN_S)

    async def _hear(self, page):
        self.sockets += 1
        done = 0
        while page.closed is None or done < len(page.heard):
            await page.until(lambda page, done=done: len(page.heard) > done or page.closed is not None)
            for frame in page.heard[done:]:
                self._take(frame)
            done = len(page.heard)

    def _take(self, frame):
        self.at = frame["at"]
        self.late += "late" in frame
        for _, kind, key, _ in frame.get("news", ()):
            if kind == "comment":
                self.comments[key] = True  # heard twice is heard once, as in a browser
        self.news.set()

    async def until(self, wanted):
        """Waits until it is true of this follower."""
        async with asyncio.timeout(2 * PATIENCE_S):
            while not wanted(self):
                self.news.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await self.news.wait()

    async def has(self, comments):
        """Waits until it has heard of all these."""
        await self.until(lambda self: self.comments.keys() >= set(comments))


@asynccontextmanager
async def following(site, path, number):
    """So many pages, all of which listen already."""
    followers = [Follower(site, *shown(site, path)) for _ in range(number)]
    tasks = [asyncio.ensure_future(follower.listen()) for follower in followers]
    try:
        await asyncio.gather(*(follower.until(lambda follower: follower.sockets) for follower in followers))
        yield followers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def heard(journey):
    """In a thread, since Playwright has this one's event loop."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, journey).result()


def comment(site, server, person, article, body):
    """A program's comment, through one of the processes."""
    sent = {"Content-Type": "application/json"}
    user = json.dumps({"user": {"email": person.email, "password": PASSWORD}})
    token = json.loads(site.ask_one(server, "/api/users/login", "POST", user, **sent).body)["user"]["token"]
    said = json.dumps({"comment": {"body": body}})
    path = f"/api/articles/{article.slug}/comments"
    answer = site.ask_one(server, path, "POST", said, Authorization=f"Token {token}", **sent)
    assert answer.status == 201, answer
