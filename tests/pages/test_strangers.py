"""What strangers ask for: their browser remembers a heart or a follow, for an hour and for once; nothing is stored."""

import time

import pytest
from django.core import signing
from django.db import connection
from django.test import Client

from blog import intents
from tests.cast import PASSWORD
from tests.eventstore.tools import one
from tests.pages.reading import HTMX, see, send

ARTICLE, AUTHOR = "/article/dragons", "/profile/jake"
ACTS = [f"{ARTICLE}/favorite", f"{ARTICLE}/unfavorite", f"{AUTHOR}/follow", f"{AUTHOR}/unfollow"]
HEAVY = [f"{ARTICLE}/delete", f"{ARTICLE}/restore", f"{ARTICLE}/comments", "/settings/close"]


def signs_in(browser, person):
    return browser.post("/login", {"email": person.email, "password": PASSWORD})


def kept():
    """All that is in the database, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row::text FROM "{table}" AS row')
            yield table, sorted(cursor.fetchall())


def hearts(browser, article):
    return see(browser.get(article.path)).all("#favorite-banner .counter")[0].text.strip("()")


def of_the_blog():
    return one("SELECT count(*) FROM eventstore_event WHERE type LIKE 'blog.%%'")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_nothing_is_stored_for_strangers(cast, headers):
    cast.jake.publishes("Dragons")
    before = dict(kept())
    for path in (*ACTS, *HEAVY, "/article/none/favorite", "/profile/nobody/follow"):
        browser = Client()
        browser.post(path, headers=headers)
        assert "sessionid" not in browser.cookies, path
        assert (intents.COOKIE in browser.cookies) == path.endswith(("favorite", "follow")), path
    assert dict(kept()) == before


@pytest.mark.parametrize("secure", [False, True])
def test_what_is_remembered_is_for_the_site_alone_and_an_hour(cast, settings, secure):
    settings.SESSION_COOKIE_SECURE = secure
    browser = Client()
    for answer in (browser.post(ACTS[0], secure=secure), signs_in(browser, cast.jane)):
        cookie = answer.cookies[intents.COOKIE]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert (cookie["domain"], bool(cookie["secure"])) == ("", secure)
        assert cookie["max-age"] == (3600 if cookie.value else 0)
    assert intents.COOKIE not in browser.get("/").cookies


@pytest.mark.parametrize("way", ["/login", "/register", "/admin/login/"])
def test_it_is_done_by_whichever_door_one_comes_in(cast, way):
    article, browser = cast.jake.publishes("Dragons"), Client()
    form = see(browser.get(article.path)).one("#favorite-banner")
    assert send(browser, form)["Location"] == f"/login?next={article.path}"
    name, email = ("mia", "mia@conduit.example") if way == "/register" else ("jane", cast.jane.email)
    browser.post(way, {"username": email if "admin" in way else name, "email": email, "password": PASSWORD})
    if "admin" in way:  # who is no staff is not let in there
        assert hearts(browser, article) == "0"
        signs_in(browser, cast.jane)
    assert hearts(browser, article) == "1"


def test_the_last_wish_counts_and_only_once(cast):
    article, browser = cast.jake.publishes("Dragons"), Client()
    for act in (ACTS[2], ACTS[0]):
        browser.post(act)
    signs_in(browser, cast.jane)
    assert hearts(browser, article) == "1"
    assert "Follow jake" in see(browser.get(cast.jake.path)).one("#follow").text
    browser.post(ACTS[1])
    browser.post("/logout")
    signs_in(browser, cast.jane)
    assert hearts(browser, article) == "0"


def test_who_is_wrong_about_the_password_may_try_again(cast):
    article, browser = cast.jake.publishes("Dragons"), Client()
    browser.post(ACTS[0])
    browser.post("/login", {"email": cast.jane.email, "password": "a wrong password"})
    signs_in(browser, cast.jane)
    assert hearts(browser, article) == "1"


def test_after_an_hour_it_is_over(cast, monkeypatch):
    article, now = cast.jake.publishes("Dragons"), time.time()
    for later_s, found in ((intents.HOUR_S + 2, "0"), (intents.HOUR_S - 60, "1")):
        browser = Client()
        browser.post(ACTS[0])
        with monkeypatch.context() as clock:
            clock.setattr("django.core.signing.time.time", lambda: now + later_s)  # noqa: B023
            answer = signs_in(browser, cast.jane)
        assert answer.cookies[intents.COOKIE].value == ""
        assert hearts(browser, article) == found


def test_what_the_site_has_not_signed_or_would_not_do_is_let_go(cast):
    cast.jake.publishes("Dragons")
    good = signing.dumps(ACTS[0], salt=intents.SALT)
    forged = [
        ACTS[0],
        good[:-1] + ("x" if good[-1] != "x" else "y"),
        signing.dumps(ACTS[0]),
        "",
        "ü",
        "x" * 4000,
    ]
    signed = [signing.dumps(path, salt=intents.SALT) for path in (*HEAVY, "/nowhere", "", "/logout")]
    for value in (*forged, *signed):
        browser = Client()
        browser.cookies[intents.COOKIE] = value
        before = of_the_blog()
        assert signs_in(browser, cast.jake)["Location"] == "/", value
        assert of_the_blog() == before, value
        assert browser.get("/settings").status_code == 200


def test_an_address_that_fits_into_no_cookie_is_not_remembered(database):
    for length, remembered in ((100, True), (1000, False), (10_000, False)):
        for letter in ("a", "語", "𠀀"):
            answer = Client().post(f"/article/{letter * length}/favorite")
            assert answer.status_code in {302, 400, 404, 414}, (letter, length)
            assert (intents.COOKIE in answer.cookies) == remembered, (letter, length)
            assert not remembered or len(answer.cookies[intents.COOKIE].OutputString()) < 4096
