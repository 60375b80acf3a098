"""Nobody is led off the site: not by `next`, not by a header of htmx's or of a proxy's, not by another host's name."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from tests.access.rules import ADMIN, API
from tests.access.table import SOME
from tests.access.test_table import filled
from tests.access.world import Anything
from tests.pages.reading import HTMX

HOME = "http://testserver"
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/%09/evil.example\t",
    "\t//evil.example",
    " //evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "HTTPS://evil.example",
    "http://testserver.evil.example/",
    "http://testserver@evil.example/",
    "http://evil.example#testserver",
    "http://evil.example\\@testserver/",
    "http://testserver:81/",
    "//testserver:81/",
    "ftp://testserver/",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//[::1]/",
    "//[evil/",
    "//evil%E3%80%82example",
    "//\u2044evil.example",
    "\u3000//evil.example",
    "evil.example",
    ".evil.example",
    "@evil.example",
    "?next=//evil.example",
    "//",
    "/..//evil.example",
]
WITH_ALL = {"GET /login", "sign in", "admin sign in", "from elsewhere /editor/preview"}
LEADING = (
    "Location",
    "HX-Redirect",
    "HX-Location",
    "HX-Push-Url",
    "HX-Replace-Url",
    "Refresh",
    "Content-Location",
)


def leads(answer):
    """Where a browser would go: it takes out tabs and line breaks, and a backslash for a slash."""
    for name in LEADING:
        if name in answer.headers:
            told = re.sub(r"[\t\r\n]", "", answer.headers[name]).strip().replace("\\", "/")
            yield urljoin(f"{HOME}/login", told)


def is_ours(address):
    return urlsplit(address)._replace(path="", query="", fragment="").geturl() == HOME


def doors(world):
    """Every door that leads somewhere else afterwards, as it is asked with `next`."""
    author = world.people["author"]
    mine = {"email": author.email, "password": author.password}
    heart, follow = f"{world.article.path}/favorite", f"/profile/{world.things['somebody']}/follow"

    def sent(browser, path, body=(), headers=None):
        return lambda there: browser.post(path, {**dict(body), "next": there}, headers=headers or {})

    for path in ("/login", "/register"):
        yield f"GET {path}", lambda there, path=path: author.browser.get(path, {"next": there})
    yield "sign in", sent(Client(), "/login", mine)
    yield (
        "admin sign in",
        lambda there: world.people["superuser"].browser.get("/admin/login/", {"next": there}),
    )
    for path in (heart, follow, "/logout", "/editor/preview", "/settings/sessions/end-others"):
        yield f"POST {path}", sent(author.browser, path)
        yield f"POST {path} by htmx", sent(author.browser, path, headers=HTMX)
        yield f"POST {path} by nobody", sent(Client(), path)
        yield f"POST {path} by nobody's htmx", sent(Client(), path, headers=HTMX)
    for path in ("/editor/preview", heart):
        yield (
            f"from elsewhere {path}",
            lambda there, path=path: Client().post(path, headers={**HTMX, "HX-Current-URL": there}),
        )
        yield f"referred {path}", lambda there, path=path: Client().post(path, headers={"Referer": there})


def test_nobody_is_led_off_the_site(world):
    wrong, led = [], 0
    for name, ask in doors(world):
        every = 1 if name in WITH_ALL else 4
        for there in ELSEWHERE[len(name) % every :: every]:
            if "from" in name and not there.isascii():
                continue
            try:
                answer = ask(there)
            except UnicodeEncodeError:  # no header can say that
                continue
            found = list(leads(answer))
            led += len(found)
            wrong += [f"{name} to {there!r}: {address}" for address in found if not is_ours(address)]
            assert answer.status_code < 500
    assert wrong == []
    assert led > 200
    world.people["author"].come_back()


LIKE_OTHERS = ["//evil.example/login", "/\\evil.example", "//evil.example/%2e%2e", "//evil.example/tag/fire"]


@pytest.mark.parametrize("path", LIKE_OTHERS)
def test_an_address_that_looks_like_another_site_s_leads_nowhere(world, path):
    for browser in (Client(), world.people["author"].browser):
        answer = browser.get("/", PATH_INFO=path)
        assert (answer.status_code, list(leads(answer))) == (404, [])
        assert b'="//evil' not in answer.content


LIES = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-Port": "81",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Scheme": "https",
    "X-Host": "evil.example",
    "X-Original-URL": "/settings",
    "X-Rewrite-URL": "/settings",
    "X-Real-IP": "203.0.113.7",
    "X-Forwarded-For": "203.0.113.7",
    "Forwarded": "for=203.0.113.7;host=evil.example;proto=https",
    "Via": "1.1 evil.example",
    "Daphne-Root-Path": "/evil",
    "Script-Name": "/evil",
    "X-Script-Name": "/evil",
    "X-Accel-Redirect": "/secret",
    "X-Remote-User": "superuser",
    "Remote-User": "superuser",
    "X-User": "superuser",
    "X-HTTP-Host-Override": "evil.example",
}


def test_what_a_proxy_might_have_said_is_not_believed(world):
    """Every page is the same with all these headers, and says none of them again."""
    wrong = []
    for row in SOME:
        if row.method != "GET" or "docs" in row.path:
            continue
        person = world.people["superuser" if row.door == ADMIN else "author"]
        path = filled(row.path, Anything(world.things))
        headers = {"Authorization": f"Token {person.token}"} if row.door == API else {}
        plain, lied = (person.browser.get(path, headers=headers | more) for more in ({}, LIES))
        if (plain.status_code, plain.headers.get("Location")) != (
            lied.status_code,
            lied.headers.get("Location"),
        ):
            wrong.append(f"{row}: {plain.status_code} {lied.status_code} {lied.headers.get('Location')}")
        said = lied.getvalue() + str(lied.headers).encode()
        wrong += [f"{row} says {word}" for word in (b"evil", b"203.0.113") if word in said]
    assert wrong == []


HOSTS = [
    "evil.example",
    "testserver.evil.example",
    "testserver@evil.example",
    "testserver, evil.example",
    "testserver/evil",
    "testserver:80:81",
    "testserver:port",
    "TESTSERVER.",
    "[::1",
    "",
    " ",
    "*",
    ".testserver",
    "%65vil.example",
]


@pytest.mark.parametrize("host", HOSTS, ids=repr)
def test_a_host_that_is_none_of_ours_is_refused_at_every_door(world, host):
    """With nothing of it in what is answered."""
    ours = {"TESTSERVER."}  # a name with its dot is the name
    wrong = []
    for path in (
        "/",
        "/login",
        "/editor",
        "/article/x",
        "/api/articles",
        "/api/events",
        "/admin/",
        "/admin/login/",
    ):
        for method in ("GET", "POST"):
            answer = Client().generic(method, path, headers={"host": host})
            if host not in ours and answer.status_code not in {400, 403}:
                wrong.append(f"{method} {path}: {answer.status_code}")
            if b"evil" in answer.content or "evil" in str(answer.headers):
                wrong.append(f"{method} {path} says it again")
    assert wrong == []
