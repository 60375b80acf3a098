"""Sessions that somebody else planted, kept or stole: none is good for anything but what its owner does with it."""

import pytest
from django.test import Client

from eventstore.database import rows
from tests.cast import PASSWORD, Person


def planted(browser):
    """Another browser with the same session."""
    thief = Client()
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    return thief


def is_signed_in(browser):
    return browser.get("/settings").status_code == 200


NEWCOMER = {"username": "newcomer-7", "email": "n7@conduit.example", "password": "a long password"}


@pytest.mark.parametrize("way", ["/login", "/register", "/admin/login/"])
def test_a_session_that_was_planted_before_signing_in_is_worth_nothing_after_it(world, way):
    """Mallory begins a session, has somebody sign in with it, and looks whether it is theirs now."""
    victim, mallory = world.people["superuser"], Client()
    mallory.post(f"/profile/{world.things['somebody']}/follow")
    key = mallory.cookies["sessionid"].value
    browser = planted(mallory)
    sent = {"email": victim.email, "username": victim.email, "password": victim.password}
    sent = {**NEWCOMER, "username": f"newcomer-{len(way)}"} if way == "/register" else sent
    assert browser.post(way, sent).status_code == 302
    assert is_signed_in(browser)
    assert browser.cookies["sessionid"].value != key
    assert not is_signed_in(mallory)
    assert not is_signed_in(planted(mallory))


@pytest.mark.parametrize(
    "act", ["/article/{article}/delete", "/article/{gone}/restore", "/settings/close", "/logout"]
)
def test_a_planted_session_has_nothing_done_in_the_name_of_who_signs_in(world, act):
    """What strangers asked for is done for them after signing in: hearts and follows, never what takes away."""
    mallory, author = Client(), world.people["author"]
    mallory.post(act.format(**world.things))
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
        assert browser.cookies["sessionid"].value != key
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
