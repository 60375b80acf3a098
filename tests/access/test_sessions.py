"""Sessions that somebody else planted, kept or stole: none is good for anything but what its owner does with it."""

import pytest
from django.core import signing
from django.test import Client

from blog import intents
from eventstore.database import rows
from tests.cast import PASSWORD, Person


def planted(browser):
    """Another browser with the same session."""
    thief = Client()
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    return thief


def begun():
    """A browser whose session is nobody's."""
    browser = Client()
    session = browser.session
    session["notice"] = "Said to nobody in particular."
    session.save()
    return browser


def is_signed_in(browser):
    return browser.get("/settings").status_code == 200


NEWCOMER = {"username": "newcomer-7", "email": "n7@conduit.example", "password": "a long password"}


@pytest.mark.parametrize("way", ["/login", "/register", "/admin/login/"])
def test_a_session_that_was_planted_before_signing_in_is_worth_nothing_after_it(world, way):
    """Mallory begins a session, has somebody sign in with it, and looks whether it is theirs now."""
    victim, mallory = world.people["superuser"], begun()
    key = mallory.cookies["sessionid"].value
    browser = planted(mallory)
    sent = {"email": victim.email, "username": victim.email, "password": victim.password}
    sent = {**NEWCOMER, "username": f"newcomer-{len(way)}"} if way == "/register" else sent
    assert browser.post(way, sent).status_code == 302
    assert is_signed_in(browser)
    assert browser.cookies["sessionid"].value != key
    assert not is_signed_in(mallory)
    assert not is_signed_in(planted(mallory))


def test_a_planted_cookie_s_wish_is_a_heart_or_a_follow_at_most(world):
    """Whoever plants one chooses no more than that, and only of what the site has signed."""
    mallory, victim = Client(), Person("follower")
    mallory.post(f"/profile/{world.things['somebody']}/follow")
    assert [*mallory.cookies] == [intents.COOKIE]
    of_the_blog = b"SELECT type FROM eventstore_event WHERE type LIKE 'blog.%%' ORDER BY position"
    before = rows(of_the_blog)
    browser = Client()
    browser.cookies[intents.COOKIE] = mallory.cookies[intents.COOKIE].value
    browser.post("/login", {"email": victim.email, "password": PASSWORD})
    assert rows(of_the_blog) == [*before, ("blog.author_followed",)]
    assert not is_signed_in(mallory)


@pytest.mark.parametrize(
    "act", ["/article/{article}/delete", "/article/{gone}/restore", "/settings/close", "/logout"]
)
def test_what_a_browser_was_made_to_remember_is_not_done_in_the_name_of_who_signs_in(world, act):
    """What strangers asked for is done for them after signing in: hearts and follows, never what takes away."""
    mallory, author = begun(), world.people["author"]
    session = mallory.session
    session["intent"] = act.format(**world.things)
    session.save()
    mallory.post(act.format(**world.things))
    assert intents.COOKIE not in mallory.cookies
    mallory.cookies[intents.COOKIE] = signing.dumps(act.format(**world.things), salt=intents.SALT)
    mallory.post(f"/profile/{world.things['somebody']}")
    before = rows(b"SELECT count(*) FROM eventstore_event WHERE type LIKE 'blog.%%'")
    browser = Client()
    browser.cookies = mallory.cookies
    browser.post("/login", {"email": author.email, "password": author.password})
    assert rows(b"SELECT count(*) FROM eventstore_event WHERE type LIKE 'blog.%%'") == before


def test_a_key_that_nobody_was_given_begins_no_session(world):
    """Whatever a cookie says, keys are chosen by the site."""
    for key in ("a" * 32, "x", "../../etc/passwd", "0" * 64, "' OR 1=1 --"):
        browser = Client()
        browser.cookies["sessionid"] = key
        browser.post(f"/profile/{world.things['somebody']}/follow")
        assert browser.cookies["sessionid"].value == ""
        assert not is_signed_in(browser)


def test_signing_out_leaves_nothing_to_come_back_to(world):
    browser = Person("leaver").browser
    thief = planted(browser)
    assert is_signed_in(thief)
    browser.post("/logout")
    assert not is_signed_in(thief)
    assert not is_signed_in(planted(thief))


def test_signing_in_again_ends_the_session_before(world):
    person = Person("twice")
    browser = person.browser
    thief = planted(browser)
    assert browser.post("/login", {"email": person.email, "password": PASSWORD}).status_code == 302
    assert is_signed_in(browser)
    assert not is_signed_in(thief)


def test_a_new_password_gives_this_browser_another_key(world):
    person = Person("changer")
    browser = person.browser
    thief = planted(browser)
    changes = {"username": person.name, "email": person.email, "password": "another one 7"}
    assert browser.post("/settings", changes).status_code == 302
    assert is_signed_in(browser)
    assert not is_signed_in(thief)
