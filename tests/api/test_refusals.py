"""What the API refuses, and how: always in the one form of errors, in the contract's order, and never with a mistake."""

import json
import logging
from itertools import product

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from blog import queries
from eventstore import dispatch as dispatching
from eventstore.dispatch import TooBusy
from eventstore.log import LogBusy, head
from tests.api.program import Program

NOBODY_S = [
    ("GET", "/user"),
    ("PUT", "/user"),
    ("GET", "/articles/feed"),
    ("POST", "/articles"),
    ("PUT", "/articles/some-slug"),
    ("DELETE", "/articles/some-slug"),
    ("POST", "/articles/some-slug/favorite"),
    ("DELETE", "/articles/some-slug/favorite"),
    ("POST", "/articles/some-slug/comments"),
    ("DELETE", "/articles/some-slug/comments/1"),
    ("POST", "/profiles/unknown/follow"),
    ("DELETE", "/profiles/unknown/follow"),
]
UNKNOWN = [
    ("GET", "/articles/unknown", "article"),
    ("PUT", "/articles/unknown", "article"),
    ("DELETE", "/articles/unknown", "article"),
    ("GET", "/articles/unknown/comments", "article"),
    ("POST", "/articles/unknown/comments", "article"),
    ("DELETE", "/articles/unknown/comments/1", "article"),
    ("POST", "/articles/unknown/favorite", "article"),
    ("DELETE", "/articles/unknown/favorite", "article"),
    ("GET", "/profiles/unknown", "profile"),
    ("POST", "/profiles/unknown/follow", "profile"),
    ("DELETE", "/profiles/unknown/follow", "profile"),
]
TAKING = [("POST", "/users"), ("POST", "/users/login"), ("PUT", "/user"), ("POST", "/articles")]


def test_first_comes_who_asks(visitor):
    for (method, path), said in product(NOBODY_S, (None, {}, b"{", {"article": {"title": ""}})):
        answer = visitor.ask(method, path, said)
        assert (answer.status, answer.errors) == (401, {"token": ["is missing"]}), (method, path)


def test_then_what_it_is_about(jake):
    for (method, path, thing), said in product(UNKNOWN, (None, b"{", {"article": {"title": ""}})):
        answer = jake.ask(method, path, said)
        assert (answer.status, answer.errors) == (404, {thing: ["not found"]}), (method, path)


def test_then_whose_it_is_and_only_then_what_was_sent(cast, mallory):
    path = f"/articles/{cast.jake.publishes().slug}"
    for said in (None, b"{", b"x" * 300_000, {"article": {"title": ""}}):
        answer = mallory.put(path, said)
        assert (answer.status, answer.errors) == (403, {"article": ["forbidden"]})


NO_JSON = [b"{", b"nonsense", b'{"user": NaN}', b'{"user": Infinity}', b'{"user": 1e400}', b'{"user": "\\ud800"}',
           b'{"user": "\xff"}', b'{"user": {}} {}', b'{"user": ' + b"9" * 5_000 + b"}",
           json.dumps({"user": {}}).encode("utf-16"), b"\xef\xbb\xbf{}", b"'", b"user=jake"]  # fmt: skip


def test_what_is_no_json_is_a_bad_request(jake):
    for (method, path), body in product(TAKING, NO_JSON):
        answer = jake.ask(method, path, body)
        assert (answer.status, answer.errors) == (400, {"request": ["is not valid JSON"]}), body[:20]


def test_what_says_a_name_twice_is_a_bad_request(jake):
    for body in (
        b'{"user": {}, "user": {}}',
        b'{"user": {"bio": "a", "bio": "a"}}',
        b'{"user": {"x": [{"y": 1, "y": 2}]}}',
    ):
        answer = jake.put("/user", body)
        assert (answer.status, answer.errors) == (400, {"request": ["says the same name twice"]}), body


def test_json_of_another_shape_can_t_be_processed(jake):
    for (method, path), said in product(
        TAKING, ([], "user", 1, None, True, {}, {"user": 1, "article": []}, {"x": {}})
    ):
        answer = jake.ask(method, path, json.dumps(said).encode())
        assert answer.status == 422
        assert answer.errors.keys() <= {"request", "user", "article"}


def test_an_empty_body_is_a_blank_one(jake):
    assert jake.put("/user").errors == {"user": ["can't be blank"]}
    assert jake.put("/user", b" ").errors == {"user": ["can't be blank"]}


def test_a_deep_body_can_t_be_processed(jake):
    for levels, status in ((18, 200), (19, 422), (900, 422), (100_000, 422)):
        deep = b'{"user": {"unknown": ' + b"[" * levels + b"]" * levels + b"}}"
        assert jake.put("/user", deep).status == status, levels


def test_a_long_body_is_too_long(jake):
    for length, status in ((262_144, 200), (262_145, 413), (600_000, 413)):
        body = b'{"user": {"unknown": "' + b"x" * (length - 25) + b'"}}'
        assert (len(body), jake.put("/user", body).status) == (length, status)


def test_every_type_but_the_right_one_is_refused(cast, jake):
    article = f"/articles/{cast.jake.publishes().slug}"
    before = head()
    for wrong in (0, 1.5, True, False, [], ["x"], {}, {"x": 1}):
        for name in ("username", "email", "password", "bio", "image"):
            assert jake.put("/user", {"user": {name: wrong}}).errors == {name: ["must be a string"]}
        for name in ("title", "description", "body"):
            assert jake.put(article, {"article": {name: wrong}}).errors == {name: ["must be a string"]}
    assert head() == before


def test_no_text_holds_a_character_that_no_text_may_have(cast, jake):
    article = f"/articles/{cast.jake.publishes().slug}"
    before = head()
    for character in ("\u0000", "\u202e", "\u009f", "\ufdd0"):
        _is_nowhere(jake, article, f"a{character}b")
    assert head() == before


def _is_nowhere(jake, article, text):
    for name in ("username", "email", "bio", "image"):
        assert jake.put("/user", {"user": {name: text}}).errors.keys() == {name}
    for name in ("title", "description", "body"):
        assert jake.put(article, {"article": {name: text}}).errors.keys() == {name}
    assert jake.put(article, {"article": {"tagList": [text]}}).errors.keys() == {"tagList"}
    assert jake.post(f"{article}/comments", {"comment": {"body": text}}).errors.keys() == {"body"}


def test_neither_does_an_address(database, jake):
    for text in ("%00", "a%E2%80%AEb", "%ED%A0%80", "%FF", "%1b"):
        for path in (f"/articles/{text}", f"/profiles/{text}", f"/articles?tag={text}", f"/{text}"):
            answer = jake.get(path)
            assert answer.status in ({400, 404} if text != "%FF" else {200, 400, 404}), path
    assert jake.get("/articles?tag=%00").status == 400
    assert jake.get("/articles/%00").status == 400


def test_a_body_is_read_as_json_only_if_it_is_sent_as_that(jake):
    send = Client(raise_request_exception=False, headers={"Authorization": f"Token {jake.token}"})
    said = b'{"user": {}}'
    for kind, status in [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/merge-patch+json", 200),
        ("", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
    ]:
        response = send.generic("PUT", "/api/user", said, content_type=kind)
        assert response.status_code == status, kind


def test_stray_bodies_are_ignored_where_none_is_asked_for(cast, jake, jane):
    article = f"/articles/{cast.jake.publishes().slug}"
    for said in ({"user": {"email": "x"}}, b"{", b""):
        assert jane.post("/profiles/jake/follow", said).status == 200
        assert jane.delete("/profiles/jake/follow", said).status == 200
        assert jane.post(f"{article}/favorite", said).status == 200
        assert jane.ask("GET", article, said).status == 200
    assert jake.delete(article, b"{").status == 204


BAD_NUMBERS = [
    "",
    "-1",
    "x",
    "1.0",
    "1_0",
    "٣",
    "%2B1",
    "1e3",
    "%201",
    str(2**63),
    "9" * 5_000,
    "1&limit=2&offset=1",
]


def test_numbers_in_a_query_are_plain(jake):
    for path, name, number in product(("/articles", "/articles/feed"), ("limit", "offset"), BAD_NUMBERS):
        answer = jake.get(f"{path}?{name}={number}")
        assert answer.status == 422, number
        assert answer.errors.keys() <= {"limit", "offset"}
    assert jake.get("/articles?limit=0").status == 422
    assert jake.get("/articles?offset=0&limit=1").status == 200
    assert jake.get("/articles?tag=a&tag=b").errors == {"tag": ["is there more than once"]}


def test_nowhere_is_not_found(jake, visitor):
    paths = [
        "",
        "/",
        "/nope",
        "/articles/",
        "/user/",
        "/articles/a/b",
        "/articles/a/comments/1/",
        "/users/login/x",
        "//",
    ]
    for path, program in product(paths, (jake, visitor)):
        answer = program.get(path)
        assert (answer.status, answer.errors) == (404, {"path": ["not found"]}), path


def test_other_methods_are_not_allowed(jake):
    for path, allowed in [
        ("/user", "GET, PUT"),
        ("/articles", "GET, POST"),
        ("/articles/x", "DELETE, GET, PUT"),
        ("/articles/x/favorite", "DELETE, POST"),
        ("/tags", "GET"),
        ("/articles/x/comments/1", "DELETE"),
    ]:
        for method in ("PATCH", "TRACE", "BREW"):
            answer = jake.ask(method, path)
            assert (answer.status, answer.errors) == (405, {"method": ["is not allowed"]})
            assert ", ".join(sorted(answer.headers["Allow"].split(", "))) == allowed
        answer = jake.ask("OPTIONS", path)
        assert (answer.status, answer.said) == (204, None)


def test_head_is_get_without_the_body(cast, jake):
    path = f"/articles/{cast.jake.publishes().slug}"
    got, head_only = jake.get(path), jake.ask("HEAD", path)
    assert (head_only.status, head_only.said) == (200, None)
    assert head_only.headers["Content-Length"] == got.headers["Content-Length"]
    assert jake.ask("HEAD", "/articles/unknown").status == 404


def test_any_origin_may_use_the_api_and_nothing_else(database):
    origin = {"Origin": "https://elsewhere.example"}
    asks = {
        **origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization",
    }
    response = Client().options("/api/user", headers=asks)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "PUT" in response.headers["Access-Control-Allow-Methods"]
    assert {"authorization", "content-type"} <= set(
        response.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert "Access-Control-Allow-Credentials" not in response.headers
    for path in ("/tags", "/nope", "/user"):
        assert Program().get(path, **origin).headers["Access-Control-Allow-Origin"] == "*"
    for path in ("/", "/apiary"):
        assert "Access-Control-Allow-Origin" not in Client().get(path, headers=origin).headers


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, TooBusy, LogBusy])
def test_trouble_with_the_database_is_for_a_moment(visitor, monkeypatch, settings, error):
    def fail(*_):
        raise error("connection to server at 10.0.0.1 failed")

    monkeypatch.setattr(queries, "tags", fail)
    answer = visitor.get("/tags")
    assert (answer.status, answer.errors) == (503, {"server": ["is away for a moment"]})
    assert int(answer.headers["Retry-After"]) > 0
    settings.DEBUG = True
    assert visitor.get("/tags").status == 503


def test_so_it_is_while_it_is_asked_who_asks(jake, monkeypatch):
    def fail(*_):
        raise OperationalError

    monkeypatch.setattr("accounts.tokens.owner", fail)
    for path in ("/user", "/articles"):
        assert jake.get(path).status == 503
    assert jake.get("/nope").status in {404, 503}


def test_a_mistake_of_ours_is_said_to_be_one(visitor, monkeypatch, caplog):
    caplog.set_level(logging.CRITICAL, "django.request")
    monkeypatch.setattr(queries, "tags", lambda most: 1 / 0)
    answer = visitor.get("/nope")
    client = Client(raise_request_exception=False)
    response = client.get("/api/tags")
    assert (response.status_code, response.json()) == (500, {"errors": {"server": ["made a mistake"]}})
    assert answer.status == 404


def test_what_stands_but_is_not_shown_yet_is_said_to_be_saved(cast, jake, monkeypatch):
    monkeypatch.setattr(dispatching, "show", lambda receipt: False)
    article = {"title": "Dragons", "description": "How?", "body": "Text"}
    before = head()
    answer = jake.post("/articles", {"article": article})
    assert (answer.status, [*answer.said]) == (202, ["saved"])
    assert answer.headers["Retry-After"]
    assert head() == before + 1


def test_a_foreign_host_is_refused_in_json(database):
    response = Client(headers={"Host": "evil.example"}).get("/api/tags")
    words = ["This site does not go by that name."]
    assert (response.status_code, response.json()) == (400, {"errors": {"request": words}})
