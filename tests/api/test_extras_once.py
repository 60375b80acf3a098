"""Idempotency-Key: what is sent again is done once and answered with the same words."""

import json
import logging
from importlib import import_module

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import ApiToken
from blog import queries
from conduit.models import GivenAnswer
from eventstore.budgets import Limit
from eventstore.log import head
from tests.api.program import Program
from tests.cast import PASSWORD
from tests.eventstore.tools import at_once, one

once = import_module("conduit.api_extras.once")  # the package has a function of that name
KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
DRAGON = {"article": {"title": "Dragons", "description": "How?", "body": "Believe."}}
OTHER = {"article": DRAGON["article"] | {"body": "Doubt."}}
PATH = "/articles/dragons"
JAKE = {"user": {"username": "jake", "email": "jake@conduit.example", "password": PASSWORD}}
REUSED = (422, {"idempotency-key": ["was sent before with something else"]})


@pytest.fixture(autouse=True)
def _nothing_goes_wrong_unseen(caplog):
    """A mistake is logged where the answer to one of fifty might go unread."""
    yield
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def facts():
    return one("SELECT count(*) FROM eventstore_event")


def same(first, again):
    """The same status, words, tag and position; and it is said that it was said before."""
    assert (again.status, again.said) == (first.status, first.said)
    for name in ("ETag", "Conduit-Position", "Content-Type", "Cache-Control"):
        assert again.headers.get(name) == first.headers.get(name), name
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.fixture
def writes(cast, jake):
    """Each kind of write, for jane, with a world in which it does something."""
    cast.jake.publishes("Dragons")
    jane = Program(cast.jane)
    said = jane.post(f"{PATH}/comments", {"comment": {"body": "Mine."}}).said
    cast.jane.publishes("Wyverns")
    return jane, {
        "publish": ("POST", "/articles", {"article": DRAGON["article"] | {"title": "Tea"}}),
        "edit": ("PUT", "/articles/wyverns", {"article": {"title": "Wyrms"}}),
        "comment": ("POST", f"{PATH}/comments", {"comment": {"body": "Well said."}}),
        "favorite": ("POST", f"{PATH}/favorite", None),
        "unfavorite": ("DELETE", f"{PATH}/favorite", None),
        "follow": ("POST", "/profiles/jake/follow", None),
        "unfollow": ("DELETE", "/profiles/jake/follow", None),
        "update": ("PUT", "/user", {"user": {"bio": "I read.", "password": "bonjour1"}}),
        "delete a comment": ("DELETE", f"{PATH}/comments/{said['comment']['id']}", None),
        "delete": ("DELETE", "/articles/wyrms", None),
    }


def test_every_write_is_answered_again_and_done_once(writes):
    jane, asked = writes
    for name, (method, path, said) in asked.items():
        before, key = facts(), {"Idempotency-Key": f"jane {name}".replace(" ", "-")}
        first = jane.ask(method, path, said, **key)
        done = facts()
        assert first.status < 300, (name, first)
        assert done == before + (2 if name == "update" else 1), name
        same(first, jane.ask(method, path, said, **key))
        assert facts() == done, name


def test_without_a_key_it_is_done_again(jake):
    assert jake.post("/articles", DRAGON).said != jake.post("/articles", DRAGON).said


def test_the_first_answer_is_given_even_if_the_world_has_moved_on(jake, jane):
    first = jake.post("/articles", DRAGON, **KEY)
    jane.post(f"{PATH}/favorite")
    jake.put(PATH, {"article": {"body": "Other."}})
    same(first, jake.post("/articles", DRAGON, **KEY))


def test_a_refusal_is_given_again_too(jake, mallory):
    first = jake.post(f"{PATH}/favorite", **KEY)
    assert first.status == 404
    mallory.post("/articles", DRAGON)
    same(first, jake.post(f"{PATH}/favorite", **KEY))


def test_another_request_under_the_same_key_is_refused(jake):
    jake.post("/articles", DRAGON, **KEY)
    before = facts()
    for method, path, said in [
        ("POST", "/articles", OTHER),
        ("POST", "/articles?x=1", DRAGON),
        ("POST", f"{PATH}/comments", DRAGON),
        ("DELETE", PATH, None),
        ("PUT", "/user", DRAGON),
    ]:
        answer = jake.ask(method, path, said, **KEY)
        assert (answer.status, answer.errors) == REUSED, (method, path)
    assert facts() == before


def test_everybody_has_keys_of_their_own(jake, jane):
    mine, hers = jake.post("/articles", DRAGON, **KEY), jane.post("/articles", DRAGON, **KEY)
    assert (mine.status, hers.status) == (201, 201)
    assert hers.said["article"]["author"]["username"] == "jane"


def test_a_key_is_no_token(jake, visitor):
    jake.post("/articles", DRAGON, **KEY)
    for program in (visitor, Program(token="wrong")):
        assert program.post("/articles", DRAGON, **KEY).status == 401


def test_any_of_a_person_s_tokens_will_do(cast, jake):
    first = jake.post("/articles", DRAGON, **KEY)
    same(first, Program(cast.jake).post("/articles", DRAGON, **KEY))


def test_keys_are_short_and_plain(jake):
    before = facts()
    for key in ("", "k" * 256, "a b", "a\tb", "é", "٣"):
        answer = jake.post("/articles", DRAGON, **{"Idempotency-Key": key})
        assert (answer.status, [*answer.errors]) == (422, ["idempotency-key"]), key
    assert facts() == before
    for key in ("k" * 255, "k", "~!", "1:2"):
        assert jake.post("/articles", DRAGON, **{"Idempotency-Key": key}).status == 201


def test_reads_and_logging_in_take_no_key(jake, visitor):
    jake.post("/articles", DRAGON, **KEY)
    assert jake.get("/articles", **KEY).status == 200
    login = {"user": {"email": JAKE["user"]["email"], "password": PASSWORD}}
    assert visitor.post("/users/login", login, **KEY).status == 200
    assert visitor.post("/users/login", login | {"x": 1}, **KEY).status == 200


def test_a_long_body_that_nobody_reads_is_no_mistake(jake):
    jake.post("/articles", DRAGON)
    assert jake.post(f"{PATH}/favorite", b"x" * 600_000, **KEY).status in {200, 413}
    assert jake.post("/articles", b"x" * 600_000, **KEY).status == 413


def test_trouble_is_not_what_is_answered_again(jake, monkeypatch, caplog):
    caplog.set_level(logging.CRITICAL, "django.request")

    def fail(*_):
        raise OperationalError

    with monkeypatch.context() as trouble:
        trouble.setattr(queries, "text_at", fail)
        assert jake.post("/articles", DRAGON, **KEY).status == 503
    before = facts()
    assert jake.post("/articles", DRAGON, **KEY).status == 201
    assert facts() == before


def test_what_was_done_before_a_crash_is_not_done_again(writes):
    """The answer was lost on its way to where answers are kept."""
    jane, asked = writes
    for name in ("publish", "comment", "edit", "favorite", "follow", "update"):
        method, path, said = asked[name]
        first = jane.ask(method, path, said, **KEY | {"Idempotency-Key": name})
        GivenAnswer.objects.all().delete()
        before = facts()
        again = jane.ask(method, path, said, **{"Idempotency-Key": name})
        assert (again.status, again.said) == (first.status, first.said), name
        assert facts() == before, name


# Fifty at once

TIMES = 50


def fifty(program, method, path, said, before):
    answers = at_once(TIMES, lambda nth: program.ask(method, path, said, **KEY))
    assert len({(answer.status, str(answer.said)) for answer in answers}) == 1, answers
    assert facts() == before + 1
    return answers[0]


@pytest.mark.parametrize("name", ["publish", "edit", "comment", "favorite", "delete a comment"])
def test_fifty_at_once_are_one(writes, name):
    jane, asked = writes
    assert fifty(jane, *asked[name], facts()).status in {200, 201, 204}


def test_fifty_registrations_at_once_are_one_person_with_one_token(visitor):
    said = fifty(visitor, "POST", "/users", JAKE, facts() + 1).said  # the person, and the author
    assert Program(token=said["user"]["token"]).get("/user").status == 200
    assert ApiToken.objects.count() == 1


def test_of_two_wordings_at_once_one_is_done_and_the_other_refused(jake):
    before = facts()
    answers = at_once(10, lambda nth: jake.post("/articles", (DRAGON, OTHER)[nth % 2], **KEY))
    assert sorted(answer.status for answer in answers) == [201] * 5 + [422] * 5
    assert len({nth % 2 for nth, answer in enumerate(answers) if answer.status == 201}) == 1
    assert facts() == before + 1


# Registering


def test_registering_is_answered_again_with_the_same_token(visitor):
    first = visitor.post("/users", JAKE, **KEY)
    same(first, visitor.post("/users", JAKE, **KEY))
    assert Program(token=first.said["user"]["token"]).get("/user").said == first.said
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "lost in a crash"])
def test_nobody_gets_a_token_who_does_not_know_the_password(visitor, kept):
    first = visitor.post("/users", JAKE, **KEY)
    if not kept:
        GivenAnswer.objects.all().delete()
    for changes in ({"password": "a wrong password"}, {"password": ""}, {"username": "jane"}):
        answer = visitor.post("/users", {"user": JAKE["user"] | changes}, **KEY)
        assert answer.status == 422, answer
    assert ApiToken.objects.count() == 1
    again = visitor.post("/users", JAKE, **KEY)
    if kept:
        same(first, again)


def test_after_a_crash_the_same_person_is_answered(visitor):
    first = visitor.post("/users", JAKE, **KEY)
    GivenAnswer.objects.all().delete()
    before = head()
    assert visitor.post("/users", JAKE, **KEY).said == first.said
    assert (head(), ApiToken.objects.count()) == (before, 1)


def test_another_key_or_none_gets_no_token_for_the_same_person(visitor):
    visitor.post("/users", JAKE, **KEY)
    for key in ({}, {"Idempotency-Key": "another"}):
        assert visitor.post("/users", JAKE, **key).status == 409


def test_no_token_and_no_quick_hash_of_a_password_is_kept(visitor, settings):
    first = visitor.post("/users", JAKE, **KEY).said["user"]["token"]
    program = Program(token=first)
    program.put("/user", {"user": {"password": "bonjour1"}}, **KEY)
    given = list(GivenAnswer.objects.all())
    assert len(given) == 2
    for each in given:
        row = json.dumps([str(each.asked), each.headers]) + bytes(each.body).decode()
        assert first not in row
        assert '"username":"jake"' in row
        assert each.asked.startswith("md5$")  # the tests' way to hash passwords


def test_a_stranger_s_refusal_is_not_kept(visitor):
    """It is the same again anyway, and costs whoever sends many of them nothing."""
    mistake = {"user": JAKE["user"] | {"email": ""}}
    for nth in range(3):
        key = {"Idempotency-Key": f"key-{nth}"}
        assert [visitor.post("/users", mistake, **key).status for _ in range(2)] == [422, 422]
    assert visitor.post("/users", JAKE, **KEY).status == 201
    assert visitor.post("/users", JAKE, **{"Idempotency-Key": "key-0"}).status == 409
    assert [given.status for given in GivenAnswer.objects.all()] == [201]


def test_so_many_answers_are_kept_of_a_person_and_what_is_not_kept_is_still_done_once(
    jake, jane, monkeypatch
):
    monkeypatch.setattr(once, "KEPT_A_DAY", Limit(3, 60))
    keys = [{"Idempotency-Key": f"key-{nth}"} for nth in range(6)]
    first = [jake.post("/articles", DRAGON, **key) for key in keys[:4]]
    assert jake.post(f"{PATH}/favorite", **keys[4]).status == 200
    assert jake.post("/articles/none/favorite", **keys[5]).status == 404
    assert GivenAnswer.objects.count() == 3
    before = facts()
    same(first[2], jake.post("/articles", DRAGON, **keys[2]))
    again = jake.post("/articles", DRAGON, **keys[3])
    assert (again.status, again.said["article"]["slug"]) == (201, first[3].said["article"]["slug"])
    assert facts() == before
    other = jake.post("/articles", OTHER, **keys[3])
    assert (other.status, other.errors) == REUSED
    assert jane.post("/articles", DRAGON, **keys[0]).status == 201
    assert GivenAnswer.objects.count() == 4


def test_only_the_api_knows_keys(cast):
    response = Client().post("/register", {}, headers=KEY)
    assert response.status_code in {200, 403, 422}
    assert not GivenAnswer.objects.exists()


def test_registering_with_somebody_s_token_keeps_neither_of_the_two(jake):
    mia = {"user": {"username": "mia", "email": "mia@conduit.example", "password": PASSWORD}}
    first = jake.post("/users", mia, **KEY)
    assert first.status == 201
    kept = b"".join(bytes(given.body) for given in GivenAnswer.objects.all())
    assert first.said["user"]["token"].encode() not in kept
    assert jake.token.encode() not in kept
    same(first, jake.post("/users", mia, **KEY))


def test_logging_in_is_never_answered_from_memory(jake):
    login = {"user": {"email": "jake@conduit.example", "password": PASSWORD}}
    assert jake.post("/users/login", login, **KEY).status == 200
    assert jake.put("/user", {"user": {"password": "another long password"}}).status == 200
    assert jake.post("/users/login", login, **KEY).status == 401
    assert not GivenAnswer.objects.exists()


def test_a_token_that_was_ended_does_not_come_back_with_its_key(visitor):
    token = visitor.post("/users", JAKE, **KEY).said["user"]["token"]
    ApiToken.objects.all().delete()
    GivenAnswer.objects.all().delete()
    again = visitor.post("/users", JAKE, **KEY)
    assert again.status == 201
    assert again.said["user"]["token"] != token
    assert Program(token=token).get("/user").status == 401


def test_another_condition_is_another_request(cast, jake):
    cast.jake.publishes("Dragons")
    tag = jake.get(PATH).headers["ETag"]
    edit = {"article": {"body": "Doubt."}}
    assert jake.put(PATH, edit, **KEY, **{"If-Match": '"7-x"'}).status == 412
    reused = jake.put(PATH, edit, **KEY, **{"If-Match": tag})
    assert (reused.status, reused.errors) == REUSED
