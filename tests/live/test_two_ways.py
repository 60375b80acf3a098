"""Two ways to serve, as deploy/ has them: one process, or pages through WSGI and sockets through ASGI behind nginx."""

import asyncio
import json
import os
import re
import signal
import socket
import ssl
import time
from contextlib import AsyncExitStack
from functools import partial
from http.client import RemoteDisconnected
from itertools import cycle
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from eventstore import log
from eventstore.api import BY_ANYTHING
from tests.browser.browsing import browsing
from tests.browser.conftest import chromium, trouble
from tests.browser.test_raw_requests import HEADERS, OPENINGS
from tests.eventstore.tools import one
from tests.live.coming_back import comment, following, heard, opened, opened_at, shown
from tests.live.listening import aside, becomes
from tests.live.processes import DEPLOY
from tests.live.serving import METRICS_TOKEN, behind_nginx, collect_static, one_process, unproved

__all__ = ["chromium", "trouble"]

both_ways = pytest.mark.parametrize("site", [behind_nginx, one_process], indirect=True)
FOLLOWERS, COMMENTS, MOST = 6, 40, 200
NAME, OK, FORGIVEN_S = "two_ways", 200, 2.1
WORKERS = os.cpu_count() or 1  # of nginx, by `worker_processes auto`
ENDS = (signal.SIGTERM, signal.SIGKILL)
behind = pytest.mark.parametrize("site", [behind_nginx], indirect=True)
TRIES_AGAIN_MS = 60_000
"""A page that has waited long for its site waits 45 s more at most."""
CUT = re.compile("WebSocket connection to .* failed|Failed to load resource: net::ERR_")
"""What Chromium says by itself of a server that is gone."""


@pytest.fixture(scope="module")
def static(tmp_path_factory):
    return collect_static(tmp_path_factory.mktemp("collected"))


@pytest.fixture(scope="module")
def site(request, static, fresh_database, tmp_path_factory):
    """All of it answers; what was asked too early is held against a process by nginx for two seconds."""
    with fresh_database(NAME), request.param(tmp_path_factory.mktemp("site"), static) as site:
        assert becomes(
            lambda: {site.ask_one(server, "/").status for server in site.pages + site.live} == {OK}
        )
        assert becomes(lambda: {site.ask("/").status for _ in range(6)} == {OK})
        time.sleep(FORGIVEN_S if complaints(site) else 0)
        yield site


@pytest.fixture(autouse=True)
def well_again(site):
    """What a test took away is forgiven before the next one: nginx holds it against a process for two seconds."""
    before = complaints(site)
    yield
    if complaints(site) != before:
        assert becomes(
            lambda: {site.ask_one(server, "/").status for server in site.pages + site.live} == {OK}
        )
        time.sleep(FORGIVEN_S)


def complaints(site):
    return site.log.with_name("error.log").read_text().count("upstream") if site.log else 0


@both_ways
def test_what_is_done_through_any_process_is_heard_at_every_one(site, people, article):
    ticket, at = shown(site, article.path)
    bodies = [f"said through {server.port}" for server in site.pages]
    doors = [opened(site, ticket, at), *(opened_at(site, server, ticket, at) for server in site.live)]

    def has_all(page):
        return all(any(body in str(value) for value in page.values) for body in bodies)

    async def listen():
        async with AsyncExitStack() as stack:
            pages = [await stack.enter_async_context(door) for door in doors]
            for body, server in zip(bodies, site.pages, strict=True):
                await aside(comment, site, server, people.jane, article, body)
            await asyncio.gather(*(page.until(has_all) for page in pages))

    heard(listen())


@both_ways
def test_pages_come_back_to_whoever_is_left_and_show_everything_once(site, people, chromium, trouble):
    """A process is told to stop, and then one is killed, while people write: a browser looks on, and others listen."""
    article, said = people.jake.publishes(), []

    def speak():
        said.extend(str(people.jane.says(f"Comment {nth}.", article)) for nth in range(COMMENTS))

    async def listen():
        async with following(site, article.path, FOLLOWERS) as followers:
            for server, number in zip(cycle(site.live), ENDS, strict=False):
                speaking = asyncio.ensure_future(aside(speak))
                await asyncio.to_thread(server.end, number)
                if len(site.live) == 1:
                    server.begin()
                await speaking
                await asyncio.gather(*(follower.has(said) for follower in followers))
                if len(site.live) > 1:
                    await asyncio.to_thread(server.begin().ready)
            return followers

    with browsing(chromium, site.origin, trouble) as browse:
        page = browse(None, article.path, ignore_https_errors=True)
        followers = heard(listen())
        assert [list(follower.comments) for follower in followers] == [said] * FOLLOWERS
        assert sum(follower.sockets for follower in followers) >= FOLLOWERS + len(ENDS)
        assert [follower.late for follower in followers] == [0] * FOLLOWERS
        expect(page.locator("#comments-heading .counter")).to_have_text(
            str(len(said)), timeout=TRIES_AGAIN_MS
        )
        page.locator("#new-comments").click()
        shown = [re.compile(f"Comment {nth}\\.") for _ in ENDS for nth in range(COMMENTS)]
        expect(page.locator("#letters > li")).to_have_text(shown)
    assert [words for words in trouble if not CUT.search(words)] == []
    trouble.clear()


@both_ways
def test_only_the_site_s_own_pages_may_listen(site, article):
    ticket, at = shown(site, article.path)
    scheme, port = site.origin.split(":")[0], site.host.split(":")[1]
    other = {"http": "https", "https": "http"}[scheme]
    foreign = [None, "null", "https://evil.example", f"{other}://{site.host}", f"{scheme}://localhost"]
    foreign += [
        f"{scheme}://127.0.0.1:{port}",
        f"{scheme}://localhost.evil.example:{port}",
        f"{site.origin}/",
    ]
    spoofed = {
        "Origin": "https://evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }

    async def status(**headers):
        async with opened(site, ticket, at, **headers) as page:
            return page.status

    async def knock():
        answers = [await status(Origin=origin) for origin in foreign] + [await status(**spoofed)]
        return answers, await status()

    assert heard(knock()) == ([403] * (len(foreign) + 1), 101)


@both_ways
def test_a_page_without_a_socket_asks_any_process(site, people, article):
    ticket, at = shown(site, article.path)
    people.jane.says("Asked for.", article)
    asked = f"/live?{urlencode({'page': ticket})}"
    for ask in (site.ask, *(partial(site.ask_one, server) for server in (*site.pages, *site.live))):
        news = ask(asked, **{"If-None-Match": f'"{at}"'})
        assert (news.status, "Asked for." in news.body) == (200, True)
        assert ask(asked, **{"If-None-Match": news.headers["etag"]}).status == 304


@both_ways
def test_static_files_are_kept_for_ever_if_they_are_named_for_their_content(site):
    [css] = re.findall(r'href="(/static/css/conduit\.[0-9a-f]{12}\.css)"', site.ask("/").body)
    named = site.ask(css, **{"Accept-Encoding": "gzip"})
    assert (named.status, named.headers["content-encoding"]) == (200, "gzip")
    assert named.headers["cache-control"] == "max-age=315360000, public, immutable"
    plain = site.ask("/static/default-avatar.svg")
    assert (plain.status, plain.headers["cache-control"]) == (200, "max-age=60, public")
    for answer in (named, plain):
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert answer.headers["x-content-type-options"] == "nosniff"
    again = site.ask(css, **{"If-Modified-Since": named.headers["last-modified"]})
    assert (again.status, again.body) == (304, "")


@both_ways
@pytest.mark.parametrize(
    "path", ["/static/", "/static/none.css", "/static/%2e%2e/secret-key", "/static/../manage.py"]
)
def test_nothing_else_is_there(site, path):
    answer = site.ask(path)
    assert answer.status == 404
    assert "conduit</a></div></nav>" in answer.body or 'class="navbar"' in answer.body


@behind
def test_no_odd_request_is_a_mistake_of_ours_in_a_process_of_pages(site):
    """As nginx would never send them."""
    said = b"\r\n".join(f"{name}: {value}".encode() for name, value in site.behind.items())
    asked = [(each, b"X-Odd: no") for each in OPENINGS] + [(b"GET / HTTP/1.1", each) for each in HEADERS]
    for opening, header in asked:
        with socket.create_connection(("127.0.0.1", site.pages[0].port), timeout=20) as client:
            client.sendall(b"\r\n".join([opening, said, b"Connection: close", header]) + b"\r\n\r\n")
            answer = client.recv(64)
        assert int(answer.split()[1]) < 500, (opening, header, answer)


@behind
def test_what_nginx_says_of_the_connection_is_what_counts(site):
    assert site.ask("/", **{"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}).status == 200
    assert site.ask_one(site.pages[0], "/", **{"X-Forwarded-Proto": "http"}).status == 301
    assert (
        site.ask(
            "/api/articles", **{"Daphne-Root-Path": "/elsewhere", "Forwarded": "host=evil.example"}
        ).status
        == 200
    )
    watching = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    doors = (site.ask("/metrics", **watching), site.ask_one(site.pages[0], "/metrics", **watching))
    assert [door.status for door in doors] == [404, 200]


@behind
def test_who_names_another_site_gets_nothing(site):
    with pytest.raises(RemoteDisconnected):
        site.ask("/", Host="evil.example")
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", site.port), 20) as line:
        unproved().wrap_socket(line, server_hostname="evil.example")
    plain = site.ask_plain("/editor?a=1")
    assert (plain.status, plain.headers["location"]) == (301, "https://localhost/editor?a=1")


@behind
def test_a_reader_s_requests_go_to_one_process_and_strangers_to_any(site):
    """Who goes where is as good as chance: of so many, not all go to the same one."""
    time.sleep(FORGIVEN_S)

    def processes(times, path, **headers):
        """Those that answered, once all are noted: nginx notes a visit after it has answered."""
        for _ in range(times):
            site.ask(path, **headers)

        def noted():
            return [line.split()[-1] for line in site.visits() if f'"GET {path}"' in line]

        assert becomes(lambda: len(noted()) == times)
        return set(noted())

    readers = [processes(3, f"/reader-{nth}", Cookie=f"sessionid={nth:032}") for nth in range(30)]
    assert {len(used) for used in readers} == {1}
    everywhere = {f"127.0.0.1:{server.port}" for server in site.pages}
    assert (set.union(*readers), processes(30, "/stranger")) == (everywhere, everywhere)


@behind
def test_a_crowd_comes_back_at_once_to_processes_that_were_away(site, article):
    ticket, at = shown(site, article.path)

    async def statuses(number):
        async with AsyncExitStack() as stack:
            pages = [opened(site, ticket, at) for _ in range(number)]
            await asyncio.gather(*(stack.enter_async_context(page) for page in pages))
            return {page.status for page in pages}

    for server in site.live:
        server.end()
    assert heard(statuses(2 * WORKERS)) == {503}  # now every process of nginx has seen that they are away
    for server in site.live:
        server.begin()
    for server in site.live:
        server.ready()
    assert heard(statuses(20)) == {101}


@behind
def test_the_feed_is_passed_on_while_it_goes_on(site, people):
    at = log.head()
    with site.line() as line:
        line.request("GET", f"/api/events?after={at}", headers={"Accept": "text/event-stream"})
        response = line.getresponse()
        people.jake.publishes()
        assert any(b"blog.article_published" in part for part in response)


@behind
def test_what_conduit_can_t_say_nginx_says_for_it(site, article):
    """All pages are gone; whoever has one open is told things meanwhile."""
    ticket, at = shown(site, article.path)

    async def told():
        async with opened(site, ticket, at) as page:
            await page.until(lambda page: page.heard)

    for server in site.pages:
        server.end()
    try:
        for page in (site.ask("/"), site.ask("/login", "POST", "email=a")):
            assert (page.status, page.headers["retry-after"]) == (503, "5")
            assert page.body == (DEPLOY / "away.html").read_text()
            assert "default-src 'self'" in page.headers["content-security-policy"]
        program = site.ask("/api/articles")
        assert (program.status, program.headers["retry-after"]) == (503, "5")
        assert json.loads(program.body) == {"errors": BY_ANYTHING[503]}
        heard(told())
    finally:
        for server in site.pages:
            server.begin()
        for server in site.pages:
            server.ready()


@behind
def test_what_is_too_long_conduit_never_hears_of(site):
    too_long = b"x" * (1024 * 1024 + 1)

    def refused(path):
        return [line for line in site.visits() if f'"POST {path}" 413' in line]

    for path, kind in (("/login", "text/plain"), ("/api/users", "application/json")):
        answer = site.ask(path, "POST", too_long)
        assert (answer.status, answer.headers["content-type"]) == (413, kind)
        assert becomes(partial(refused, path))
        assert all(line.endswith(" -") for line in refused(path))


@behind
def test_where_a_request_comes_from_is_nginx_word_and_no_clients(site):
    said = json.dumps({"user": {"email": "nobody@conduit.example", "password": "a guess"}})
    lies = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    answer = site.ask("/api/users/login", "POST", said, **{"Content-Type": "application/json"}, **lies)
    assert answer.status == 401
    tried = "SELECT address FROM eventstore_command WHERE name = 'accounts.sign_in' AND outcome = 'refused'"
    assert one(tried) == "127.0.0.1"


@behind
def test_an_address_may_have_200_pages_open(site, article):
    ticket, at = shown(site, article.path)
    assert becomes(lambda: not site.sockets())  # those of other tests have been seen to end

    async def knock():
        async with AsyncExitStack() as stack:
            pages = [opened(site, ticket, at) for _ in range(MOST + 1)]
            await asyncio.gather(*(stack.enter_async_context(page) for page in pages))
            return sorted(page.status for page in pages)

    assert heard(knock()) == [101] * MOST + [429]
