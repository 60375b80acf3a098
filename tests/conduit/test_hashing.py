"""Passwords are hashed apart: readers are answered while many sign in, and whoever can't be let in is told so."""

import asyncio
import json
import re
import threading
from contextlib import contextmanager
from http import HTTPStatus

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import get_resolver, path
from django.views.decorators.csrf import csrf_exempt

from accounts import queries as accounts
from accounts.registration import change_password
from accounts.sign_in import sign_in
from accounts.throttling import Budget
from conduit import hashers, hashing
from conduit.hashing import Room, in_its_hall
from conduit.one_hop import OneHopHandler
from eventstore.budgets import Limit
from eventstore.dispatch import TooBusy
from tests.api.program import Program
from tests.cast import PASSWORD
from tests.conduit.test_one_hop import ask
from tests.eventstore.tools import at_once, one
from tests.live.listening import becomes

HALL, MORE, PATIENCE_S = 2, 20, 20
GO_ON = threading.Event()


@csrf_exempt
def hashes(request):
    GO_ON.wait(PATIENCE_S)
    return HttpResponse(threading.current_thread().name)


def reads(request):
    return HttpResponse("read")


urlpatterns = [path("login", hashes), path("", reads)]


@pytest.fixture
def site():
    """Its pages have two threads, and its hall has two."""
    middleware = ["django.middleware.common.CommonMiddleware"]
    GO_ON.clear()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=middleware, ALLOWED_HOSTS=["localhost"]):
        yield in_its_hall
    GO_ON.set()


def test_readers_are_answered_while_the_hall_is_full_and_so_is_everybody_in_it_later(monkeypatch, site):
    monkeypatch.setattr(hashing, "doors", lambda: frozenset({"/login"}))
    application = site(OneHopHandler(threads=HALL), OneHopHandler(threads=HALL, queue=MORE))

    async def meanwhile():
        signing_in = [
            asyncio.ensure_future(ask(application, "/login", method="POST")) for _ in range(HALL + MORE)
        ]
        async with asyncio.timeout(PATIENCE_S):
            read = [await ask(application, "/") for _ in range(MORE)]
            one_more, _ = await ask(application, "/login", method="POST")
        assert not any(each.done() for each in signing_in)
        GO_ON.set()
        return read, one_more, await asyncio.gather(*signing_in)

    read, one_more, signed_in = asyncio.run(meanwhile())
    assert [said for _, said in read] == [b"read"] * MORE
    assert one_more["status"] == HTTPStatus.SERVICE_UNAVAILABLE
    assert b"retry-after" in {name.lower() for name, _ in one_more["headers"]}
    assert [start["status"] for start, _ in signed_in] == [200] * (HALL + MORE)


def test_whatever_address_hashes_what_is_sent_there_is_a_door_of_the_hall(cast, monkeypatch):
    """Every address that takes no argument, with every field that any form has, signed in and not."""
    token, jake, mallory = Program(cast.jane).token, cast.jake.email, accounts.person(cast.mallory.id)
    hashed, at = set(), []
    for name in ("encode", "verify"):
        really = getattr(MD5PasswordHasher, name)
        monkeypatch.setattr(
            MD5PasswordHasher, name, lambda *said, really=really: hashed.add(at[-1]) or really(*said)
        )
    said = {
        "username": "newcomer",
        "email": "new@conduit.example",
        "password": PASSWORD,
        "body": "x",
        "title": "x",
    }
    for address in addresses(get_resolver()):
        at.append(address)
        Client().post(address, said)
        Client().post(address, said | {"username": jake})
        known_here = Client()
        known_here.force_login(mallory)
        known_here.post(address, said)
        for method in ("POST", "PUT"):
            known = {"Authorization": f"Token {token}"}
            Client().generic(method, address, json.dumps({"user": said}), "application/json", headers=known)
    assert hashed <= hashing.doors()
    assert hashed >= hashing.doors() - {"/password-reset/new"}  # that takes a link as well


def addresses(resolver, prefix="/"):
    """Those of a resolver that take no argument."""
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from addresses(each, route)
        elif not re.search(r"[<(?]", route):
            yield route


def test_a_room_lets_few_in_and_few_wait_and_the_others_come_again():
    room, outcomes = Room(inside=1, waiting=1, patience_s=PATIENCE_S), []

    def wait():
        with room.entered():
            outcomes.append("had a turn")

    with entered_elsewhere(room):
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert becomes(lambda: room._places._value == 0, PATIENCE_S)
        with pytest.raises(TooBusy), room.entered():
            pass
        assert not outcomes
    waiting.join(PATIENCE_S)
    assert outcomes == ["had a turn"]


def test_nobody_waits_for_long_and_who_is_inside_may_enter_again():
    room = Room(inside=1, waiting=1, patience_s=0.01)
    with entered_elsewhere(room), pytest.raises(TooBusy), room.entered():
        pass
    with room.entered(), room.entered():
        pass
    with room.entered():
        pass


@contextmanager
def entered_elsewhere(room):
    """Another thread is in there for as long as the block lasts."""
    inside, leave = threading.Event(), threading.Event()

    def stay():
        with room.entered():
            inside.set()
            leave.wait(PATIENCE_S)

    staying = threading.Thread(target=stay)
    staying.start()
    assert inside.wait(PATIENCE_S)
    yield
    leave.set()
    staying.join(PATIENCE_S)


def test_as_few_tries_are_counted_at_once_as_are_compared(cast, monkeypatch, settings):
    """So that many who sign in at the same moment, with the right password, do not refuse each other."""
    settings.PASSWORD_HASHERS = ["conduit.hashers.Argon2"]
    monkeypatch.setattr(hashers, "room", Room(inside=2, waiting=50, patience_s=PATIENCE_S))
    monkeypatch.setattr("accounts.sign_in.SIGN_IN", Budget("sign-in", account=Limit(2, 900)))
    change_password(cast.jake.id, PASSWORD)
    email = cast.jake.email
    signed_in = at_once(20, lambda _: sign_in(email, PASSWORD).person.username)
    assert signed_in == ["jake"] * 20


@pytest.mark.parametrize("door", ["page", "api", "admin"])
def test_who_finds_no_room_is_told_to_come_again_and_readers_need_none(cast, monkeypatch, settings, door):
    settings.PASSWORD_HASHERS = ["conduit.hashers.Argon2"]
    full, login = (
        Room(inside=1, waiting=0, patience_s=0.01),
        {"email": cast.jake.email, "password": "a guess"},
    )
    monkeypatch.setattr(hashers, "room", full)
    with entered_elsewhere(full):
        match door:
            case "page":
                response = Client().post("/login", login)
            case "api":
                response = Client().post("/api/users/login", {"user": login}, content_type="application/json")
            case "admin":
                response = Client().post("/admin/login/", login | {"username": cast.jake.email})
        assert [Client().get(address).status_code for address in ("/", "/login")] == [HTTPStatus.OK] * 2
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert int(response["Retry-After"]) > 0
    assert "errors" in response.json() if door == "api" else b"<h1" in response.content
    assert one("SELECT count(*) FROM eventstore_spending") == 0  # nothing was compared, so nothing was tried
