"""Somebody signs in with the old password while it is being changed: nothing that they get outlives the change."""

import threading

import pytest
from django.db import connection
from django.test import Client

from accounts import credentials, queries, tokens
from accounts.models import ApiToken
from accounts.registration import change_password
from eventstore.ids import uuid7
from tests.api.program import Program
from tests.cast import PASSWORD
from tests.eventstore.tools import one
from tests.live.listening import becomes
from tests.pages.reading import see

NEW = "another long password"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def changed_meanwhile(cast, monkeypatch):
    """The password is changed right after it was compared, once."""
    really, changes = credentials.proof, [cast.jake.id]

    def proof(*asked):
        found = really(*asked)
        if found and changes:
            change_password(changes.pop(), NEW)
        return found

    monkeypatch.setattr(credentials, "proof", proof)


def test_a_session_that_was_begun_for_the_old_password_is_over(cast, changed_meanwhile):
    browser = Client()
    browser.post("/login", {"email": cast.jake.email, "password": PASSWORD})
    assert see(browser.get("/")).one("nav a[href=/login]")
    assert browser.get("/settings").status_code == 302
    assert browser.post("/login", {"email": cast.jake.email, "password": NEW}).status_code == 302
    assert browser.get("/settings").status_code == 200


def test_a_token_for_the_old_password_is_not_given(cast, changed_meanwhile):
    said = {"user": {"email": cast.jake.email, "password": PASSWORD}}
    answer = Program().post("/users/login", said)
    assert (answer.status, answer.errors) == (401, {"credentials": ["invalid"]})
    assert not ApiToken.objects.exists()


@pytest.fixture
def sent(database):
    """A registration."""
    who = {"username": "jake", "email": "jake@conduit.example", "password": PASSWORD}
    form = who | {"command_id": str(uuid7())}
    Client().post("/register", form)
    return form


@pytest.fixture
def jake_changes_it(sent, monkeypatch):
    """Whenever the password was compared, it is replaced."""
    jake, really = one("SELECT user_id FROM accounts_credential"), credentials.proof

    def proof(*asked):
        found = really(*asked)
        change_password(jake, NEW)
        return found

    monkeypatch.setattr(credentials, "proof", proof)


@pytest.fixture
def not_shown_yet(sent, monkeypatch):
    """Whoever is looked up for the first time can't be shown yet."""
    really, looked_up = queries.person, []

    def person(user_id):
        looked_up.append(user_id)
        return really(user_id) if len(looked_up) > 1 else None

    monkeypatch.setattr(queries, "person", person)


def test_nor_does_a_registration_that_is_sent_again(sent, jake_changes_it):
    browser = Client()
    assert browser.post("/register", sent).status_code == 302
    assert browser.get("/settings").status_code == 302


def test_who_sends_a_registration_again_before_it_is_shown_is_signed_in(sent, not_shown_yet):
    browser = Client()
    assert browser.post("/register", sent)["Location"] == "/"
    assert browser.get("/settings").status_code == 200


def test_but_not_with_a_password_that_is_replaced_meanwhile(sent, not_shown_yet, jake_changes_it):
    browser = Client()
    assert browser.post("/register", sent).status_code == 422
    assert browser.get("/settings").status_code == 302


def test_a_change_waits_for_a_token_that_is_being_given_and_ends_it(cast, monkeypatch):
    jake, given = cast.jake.id, []
    proof = credentials.proof(jake, PASSWORD)
    changing = threading.Thread(target=change, args=[jake])
    really = ApiToken.objects.bulk_create

    def slowly(*made, **how):
        changing.start()
        assert becomes(lambda: one(WAITING))
        given.extend(really(*made, **how))
        return given

    monkeypatch.setattr(ApiToken.objects, "bulk_create", slowly)
    token = tokens.issue(proof, "a program")
    changing.join(20)
    assert len(given) == 1
    assert not tokens.is_known(token)


def change(person):
    try:
        change_password(person, NEW)
    finally:
        connection.close()
