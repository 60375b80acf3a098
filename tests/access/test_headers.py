"""What every answer tells a browser, at every door and whatever went wrong: what to run, frame and keep."""

import re

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import OperationalError
from django.http import Http404
from django.test import Client

from blog import queries
from eventstore.budgets import Counter, Limit, TooMany
from tests.access.rules import ADMIN, API, OK
from tests.access.table import SOME
from tests.access.test_table import filled
from tests.access.world import Anything
from tests.pages.reading import HTMX

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = {
    "default-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' https: data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
REFERRERS = {"same-origin", "no-referrer"}


def lacking(answer):
    """What an answer does not say that every answer has to."""
    headers = answer.headers
    found = [name for name, value in ALWAYS.items() if headers.get(name) != value]
    said = dict(
        part.strip().split(" ", 1) for part in headers.get("Content-Security-Policy", "x y").split(";")
    )
    if said != POLICY:
        found.append(f"Content-Security-Policy: {said}")
    if headers.get("Referrer-Policy") not in REFERRERS:
        found.append("Referrer-Policy")
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        found.append("Permissions-Policy")
    return found


def looks(world):
    """Every page and every answer of the API, for nobody, for the author, for a superuser."""
    for row in SOME:
        if row.method == "GET":
            path = filled(row.path, Anything(world.things))
            for kind in ("anonymous", "superuser" if row.door == ADMIN else "author"):
                person = world.people[kind]
                token = {"Authorization": f"Token {person.token}"} if row.door == API and person.token else {}
                yield row, kind, person.browser.get(path, headers=token)


def test_every_answer_protects_itself_and_what_is_somebody_s_is_kept_by_nobody(world):
    wrong, seen = [], 0
    for row, kind, answer in looks(world):
        wrong += [f"{row} for {kind} ({answer.status_code}) lacks {what}" for what in lacking(answer)]
        kept = answer.headers.get("Cache-Control", "")
        if kind != "anonymous" and row.door != API and not {"private", "no-store"} <= set(kept.split(", ")):
            wrong.append(f"{row} for {kind} may be kept: {kept!r}")
        tells = kind != "anonymous" and row.door == API and row.who["ended"] == 401
        if tells and not re.search("private|no-store", kept):
            wrong.append(f"{row} for {kind} may be kept: {kept!r}")
        seen += row.who[kind] == OK
    assert wrong == []
    assert seen > 50


TROUBLES = [
    (SuspiciousOperation("x"), {400}),
    (TooManyFieldsSent("x"), {400, 413}),
    (PermissionDenied("x"), {403}),
    (Http404("x"), {404}),
    (RequestDataTooBig("x"), {413}),
    (TooMany(Counter("tries", "x", Limit(1, 60)), 30), {429}),
    (ZeroDivisionError("x"), {500}),
    (OperationalError("x"), {503}),
]


@pytest.mark.parametrize(("error", "statuses"), TROUBLES, ids=str)
@pytest.mark.parametrize("path", ["/", "/api/tags"])
@pytest.mark.parametrize("kind", ["anonymous", "author"])
def test_every_trouble_has_them_too(world, monkeypatch, kind, path, error, statuses):
    def fails(most):
        raise error

    monkeypatch.setattr(queries, "tags", fails)
    browser = world.people[kind].browser
    browser.raise_request_exception = False
    for headers in ({}, HTMX):
        answer = browser.get(path, headers=headers)
        assert answer.status_code in statuses
        assert lacking(answer) == []
        if kind == "author" and path == "/":
            assert answer.headers["Cache-Control"] == "private, no-store"


def refusals(world):
    """Every other kind of refusal, by its status."""
    article, other = world.article, world.people["other"].browser
    strict = Client(enforce_csrf_checks=True)
    yield 400, other.get("/?feed=%00")
    yield 400, other.get("/", headers={"host": "evil.example"})
    yield 400, Client().get("/api/articles", headers={"host": "evil.example"})
    yield 403, other.get(f"/editor/{article.slug}")
    yield 403, strict.post("/login", {})
    yield 403, other.post("/admin/")
    yield 404, other.get("/nowhere")
    yield 404, world.people["superuser"].browser.get("/admin/nowhere/")
    yield 405, other.post("/")
    yield 405, other.generic("PUT", "/admin/")
    yield 405, Client().post("/api/tags")
    yield 410, other.get(f"/article/{world.things['gone']}")
    yield 422, Client().post("/login", {})
    yield 422, other.post("/editor", {})
    yield 401, Client().get("/api/user")
    yield 302, Client().get("/settings")
    yield 302, Client().get("/admin/")


def test_every_refusal_has_them_too(world):
    found = list(refusals(world))
    assert [answer.status_code for _, answer in found] == [status for status, _ in found]
    assert {answer.request["PATH_INFO"]: lacking(answer) for _, answer in found if lacking(answer)} == {}


def test_cookies_are_for_the_site_alone(world):
    """No script reads them, no other site's form sends them, and none is for a domain."""
    author, browser = world.people["author"], Client()
    browser.get("/login")
    browser.post("/login", {"email": author.email, "password": author.password})
    browser.post(f"{world.article.path}/favorite")
    browser.get("/admin/")
    assert {"csrftoken", "sessionid"} <= set(browser.cookies)
    for name, cookie in browser.cookies.items():
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert (cookie["domain"], cookie["path"]) == ("", "/"), name
        assert not cookie["secure"], f"{name}: over TLS it is, here there is none"


def test_over_tls_they_are_sent_over_tls_alone(world, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.BEHIND_TLS = True
    author, browser = world.people["author"], Client()
    page = browser.get("/login", secure=True)
    mine = {"email": author.email, "password": author.password}
    answer = browser.post("/login", mine, secure=True)
    for name, cookie in {**page.cookies, **answer.cookies}.items():
        assert cookie["secure"], name


def test_the_answer_that_signs_in_is_kept_by_nobody(world):
    author = world.people["author"]
    answer = Client().post("/login", {"email": author.email, "password": author.password})
    assert settings.SESSION_COOKIE_NAME in answer.cookies
    assert answer.headers["Cache-Control"] == "private, no-store"
