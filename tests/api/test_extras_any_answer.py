"""What any answer has in its headers: an id, how much may still be asked, where a list goes on, who may read them."""

import json
import logging
import re
from ipaddress import ip_network
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from django.test import Client

from accounts import credentials, tokens
from blog import queries
from conduit import rate_limits
from conduit.json_log import JsonLines
from tests.api.program import Program, described_api
from tests.cast import PASSWORD
from tests.eventstore.tools import ask, at_once, one
from tests.pages.reading import see

DRAGON = {"article": {"title": "Dragons", "description": "How?", "body": "Believe."}}


# Ids


def test_every_answer_has_the_id_that_the_request_has(jake, visitor):
    mine = {"X-Request-Id": "my-request/7"}
    for method, path in [
        ("GET", "/tags"), ("GET", "/nope"), ("GET", "/user"), ("BREW", "/user"), ("POST", "/articles"),
        ("OPTIONS", "/tags"), ("HEAD", "/tags"), ("GET", "/articles?tag=%00"), ("GET", "/events?after=x"),
    ]:  # fmt: skip
        assert visitor.ask(method, path, **mine).headers["X-Request-Id"] == "my-request/7", (method, path)
    assert Client().get("/", headers=mine).headers["X-Request-Id"] == "my-request/7"


def test_a_request_without_a_sane_id_gets_one_of_ours(visitor):
    for sent in ("", "a b", "x" * 129, "é", "a\tb"):
        made = UUID(visitor.get("/tags", **{"X-Request-Id": sent}).headers["X-Request-Id"])
        assert made.version == 7
    ids = {visitor.get("/tags").headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5
    assert visitor.get("/tags", **{"X-Request-Id": "x" * 128}).headers["X-Request-Id"] == "x" * 128


def test_an_id_that_is_a_uuid_leads_to_the_commands_of_the_request(jake):
    mine = str(uuid4())
    made = jake.post("/articles", DRAGON).headers["X-Request-Id"]
    jake.delete("/articles/dragons", **{"X-Request-Id": mine})
    jake.post("/articles", DRAGON, **{"X-Request-Id": "mine"})
    names = dict(ask("SELECT correlation_id::text, name FROM eventstore_command"))
    assert (names[made], names[mine]) == ("blog.publish_article", "blog.delete_article")


def test_the_log_has_the_id_of_what_went_wrong(visitor, monkeypatch, caplog):
    monkeypatch.setattr(queries, "tags", lambda most: logging.getLogger("blog").warning("odd") or 1 / 0)
    client = Client(raise_request_exception=False)
    assert client.get("/api/tags", headers={"X-Request-Id": "mine"}).status_code == 500
    caplog.handler.setFormatter(JsonLines())
    lines = [json.loads(caplog.handler.format(record)) for record in caplog.records]
    assert "mine" in {line.get("request_id") for line in lines if line["level"] == "ERROR"}


def test_what_is_logged_meanwhile_has_the_id_too(visitor, monkeypatch):
    said = []
    record = logging.LogRecord("blog", logging.WARNING, __file__, 1, "odd", (), None)
    nothing = queries.Tags([], more=False)
    line = JsonLines().format
    monkeypatch.setattr(queries, "tags", lambda most: said.append(json.loads(line(record))) or nothing)
    visitor.get("/tags", **{"X-Request-Id": "mine"})
    assert said[0]["request_id"] == "mine"
    assert "request_id" not in json.loads(JsonLines().format(record))


# Lists


def links(answer):
    return {
        rel: path.removeprefix("/api")
        for path, rel in re.findall('<([^>]*)>; rel="([a-z]*)"', answer.headers["Link"])
    }


def test_following_the_links_shows_everything_once(cast, visitor):
    for nth in range(5):
        cast.jake.publishes(f"Dragon {nth}", tags=("a b&c",))
    cast.jake.publishes("Wyvern")
    forth, back = "/articles?tag=a%20b%26c&limit=2&x=y", None
    found = []
    while forth:
        answer = visitor.get(forth)
        found += [article["slug"] for article in answer.said["articles"]]
        assert answer.said["articlesCount"] == 5
        there = links(answer)
        assert there.get("prev") == back
        assert all("x=y" in path for path in there.values())
        back, forth = forth if back else there["first"], there.get("next")
    assert found == [f"dragon-{nth}" for nth in (4, 3, 2, 1, 0)]
    assert visitor.get(there["last"]).said == answer.said


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ("", {"first": (20, 0), "last": (20, 0)}),
        ("?limit=1", {"first": (1, 0), "next": (1, 1), "last": (1, 2)}),
        ("?limit=1&offset=1", {"first": (1, 0), "prev": (1, 0), "next": (1, 2), "last": (1, 2)}),
        ("?limit=2&offset=1", {"first": (2, 0), "prev": (2, 0), "last": (2, 2)}),
        ("?limit=2&offset=999999999", {"first": (2, 0), "prev": (2, 1), "last": (2, 2)}),
        ("?limit=500", {"first": (100, 0), "last": (100, 0)}),
    ],
)
def test_links_lead_to_the_other_parts(cast, visitor, asked, parts):
    for nth in range(3):
        cast.jake.publishes(f"Dragon {nth}")
    there = links(visitor.get(f"/articles{asked}"))
    assert there == {rel: f"/articles?limit={part[0]}&offset={part[1]}" for rel, part in parts.items()}


def test_the_feed_has_links_too(cast, jane):
    cast.jane.follows(cast.jake)
    cast.jake.publishes("One")
    cast.jake.publishes("Two")
    assert links(jane.get("/articles/feed?limit=1"))["next"] == "/articles/feed?limit=1&offset=1"


# Rates


@pytest.fixture
def limited(settings, monkeypatch):
    """Few requests a minute, and a minute that does not end."""
    settings.API_RATE_LIMITS, settings.API_READS_A_MINUTE, settings.API_WRITES_A_MINUTE = True, 5, 3
    monkeypatch.setattr(rate_limits, "reads", rate_limits.Reads())
    monkeypatch.setattr(rate_limits, "now", lambda: 60 * 1_000 + 10)


def left(answer):
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After")
    return [int(answer.headers[name]) for name in names if name in answer.headers]


SPENT = (429, {"request": ["is one too many. Please try again later"]})


def test_every_answer_says_how_much_is_left(limited, visitor, monkeypatch):
    assert [left(visitor.get("/tags"))[1] for _ in range(4)] == [4, 3, 2, 1]
    assert left(visitor.get("/nope")) == [5, 0, 50]
    answer = visitor.get("/tags")
    assert (answer.status, answer.errors) == SPENT
    assert left(answer) == [5, 0, 50, 50]
    monkeypatch.setattr(rate_limits, "now", lambda: 60 * 1_001)
    assert left(visitor.get("/tags")) == [5, 4, 60]


def test_writes_are_dearer_and_counted_apart_for_each_person(limited, cast):
    jake, jane = (Program(token=token_of(person)) for person in (cast.jake, cast.jane))
    assert [jake.post("/articles", DRAGON).status for _ in range(4)] == [201, 201, 201, 429]
    answer = jake.delete("/articles/dragons")
    assert (answer.status, answer.errors) == SPENT
    assert jake.get("/articles/dragons").status == 200
    assert left(jane.post("/articles/dragons/favorite")) == [3, 2, 50]


def token_of(person):
    return tokens.issue(credentials.proof(person.id, PASSWORD), "a test")


def test_nothing_is_done_by_a_write_too_many(limited, visitor):
    for _ in range(3):
        visitor.post("/users", {})
    before = one("SELECT count(*) FROM eventstore_command")
    login = {"user": {"email": "jake@conduit.example", "password": "wrong"}}
    assert visitor.post("/users/login", login).status == 429
    assert one("SELECT count(*) FROM eventstore_command") == before


def test_of_many_writes_at_once_no_more_than_allowed_are_made(limited, settings, visitor):
    settings.API_WRITES_A_MINUTE = 10
    answers = at_once(30, lambda nth: visitor.post("/users", {}).status)
    assert (answers.count(422), answers.count(429)) == (10, 20)


def test_writes_are_counted_for_all_processes_together(limited, visitor, monkeypatch):
    visitor.post("/users", {})
    for who in ("127.0.0.1", "127.0.0.1"):  # as another process counts them
        rate_limits._written(who)
    assert visitor.post("/users", {}).status == 429


def test_a_clock_that_is_late_gives_nobody_a_second_minute(limited, visitor, monkeypatch):
    for minute, count in ((7, 1), (7, 2), (6, 3), (8, 1), (7, 2)):
        monkeypatch.setattr(rate_limits, "now", lambda minute=minute: 60 * minute)
        assert rate_limits._written("x") == count


def test_a_clock_that_is_put_back_by_hours_keeps_nobody_counted_until_they_are_over(
    limited, visitor, monkeypatch
):
    for minute, count in ((700, 1), (700, 2), (640, 1), (640, 2), (820, 1), (819, 2), (818, 1)):
        monkeypatch.setattr(rate_limits, "now", lambda minute=minute: 60 * minute)
        assert rate_limits._written("x") == count


def test_nobody_is_another_by_saying_so(limited, visitor):
    for nth in range(3):
        visitor.post("/users", {}, **{"X-Forwarded-For": f"10.0.0.{nth}", "Forwarded": f"for=10.0.0.{nth}"})
    assert visitor.post("/users", {}, **{"X-Forwarded-For": "10.0.0.9"}).status == 429
    assert Program(token="made up").post("/articles", DRAGON).status == 429


def test_tokens_that_are_made_up_do_not_read_for_ever(limited, database):
    answers = [Program(token=f"made-up-{nth}").get("/tags").status for nth in range(60)]
    assert (answers.count(200), answers.count(429)) == (50, 10)


def test_tokens_that_are_made_up_give_nobody_their_count_back(limited, jake, monkeypatch):
    monkeypatch.setattr(rate_limits, "MOST_READERS", 10)
    assert [jake.get("/tags").status for _ in range(3)] == [200] * 3
    for nth in range(30):
        Program(token=f"made-up-{nth}").get("/tags")
        if nth % 8 == 0:
            assert jake.get("/tags").status == (200 if nth < 16 else 429)
    assert len(rate_limits.reads._counts) <= 10


def test_a_token_that_its_address_refuses_is_not_counted(limited, database):
    for nth in range(60):
        Program(token=f"made-up-{nth}").get("/tags")
    assert len(rate_limits.reads._counts) == 1 + 50


def test_counts_of_minutes_gone_by_are_thrown_away(limited, visitor, monkeypatch):
    rate_limits._written("long ago")
    monkeypatch.setattr(rate_limits, "now", lambda: 60 * 3_000)
    rate_limits._written("before the clock was put back")
    monkeypatch.setattr(rate_limits, "now", lambda: 60 * 2_000)
    monkeypatch.setattr(rate_limits.tidy, "_due", 0.0)
    rate_limits._written("now")
    assert ask("SELECT who FROM conduit_writecount") == [("now",)]


def test_behind_a_proxy_nobody_is_counted_by_the_address_that_all_have_there(
    limited, settings, jake, visitor
):
    settings.BEHIND_TLS = True
    settings.SECURE_SSL_REDIRECT = False
    for _ in range(10):
        assert "RateLimit-Limit" not in visitor.get("/tags").headers
        assert visitor.post("/users/login", {"user": {"email": "a@b.example", "password": "x"}}).status == 401
    assert [jake.get("/tags").status for _ in range(6)] == [200] * 5 + [429]


def test_behind_a_trusted_proxy_everybody_is_counted_by_their_own_address(limited, settings, visitor):
    settings.BEHIND_TLS, settings.SECURE_SSL_REDIRECT = True, False
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    said = {"user": {"email": "a@b.example", "password": "x"}}

    def tries(address):
        return visitor.post("/users/login", said, **{"X-Forwarded-For": f"198.51.100.1, {address}"}).status

    assert [tries("203.0.113.7") for _ in range(4)] == [401, 401, 401, 429]
    assert tries("203.0.113.8") == 401


def test_pages_are_not_counted_and_it_can_be_turned_off(limited, settings, visitor):
    assert "RateLimit-Limit" not in Client().get("/").headers
    settings.API_RATE_LIMITS = False
    assert "RateLimit-Limit" not in visitor.get("/tags").headers


def test_a_database_in_trouble_is_said_to_be_that(limited, visitor, monkeypatch):
    def fail(*_):
        raise OperationalError

    monkeypatch.setattr(rate_limits, "rows", fail)
    assert visitor.post("/users", {}).status == 422


# Browsers, and the description


def test_a_browser_may_send_and_read_these_headers(visitor):
    origin = {"Origin": "https://elsewhere.example"}
    parts = described_api()["components"]
    answer = visitor.get("/tags", **origin)
    assert set(parts["headers"]) <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    asks = origin | {"Access-Control-Request-Method": "PUT"}
    allowed = Client().options("/api/user", headers=asks).headers["Access-Control-Allow-Headers"]
    assert {name.lower() for name in parts["parameters"]} <= set(allowed.split(", "))


def test_every_operation_describes_what_it_hears_and_says():
    for path, item in described_api()["paths"].items():
        for method, operation in item.items():
            heard = {each["$ref"].rpartition("/")[2] for each in operation["parameters"] if "$ref" in each}
            answers = operation["responses"]
            assert {"X-Request-Id"} <= heard
            assert {"429"} <= answers.keys()
            assert all(
                {"X-Request-Id", "RateLimit-Limit"} <= answer["headers"].keys() for answer in answers.values()
            )
            assert (
                ("304" in answers) == (method == "get" and path != "/api/user") == ("If-None-Match" in heard)
            )
            assert ("412" in answers) == ("If-Match" in heard)
            assert ("Idempotency-Key" in heard) == (method != "get" and path != "/api/users/login")
            assert ("Conduit-After" in heard) == (method == "get")


def test_people_read_of_the_headers_too(database):
    said = see(Client().get("/api/docs")).one("main").text
    assert all(name in said for name in described_api()["components"]["parameters"])


def test_headers_that_are_said_are_described(jake):
    jake.post("/articles", DRAGON)
    named = {"etag", "link", "conduit-position", "idempotent-replayed", "preference-applied"}
    for method, path, item in [
        ("GET", "/articles", "/api/articles"), ("GET", "/articles/dragons", "/api/articles/{slug}"),
        ("GET", "/tags", "/api/tags"), ("GET", "/user", "/api/user"),
        ("POST", "/articles/dragons/favorite", "/api/articles/{slug}/favorite"),
        ("DELETE", "/articles/dragons", "/api/articles/{slug}"),
    ]:  # fmt: skip
        answer = jake.ask(method, path, **{"Conduit-After": "0", "Prefer": "wait=1"})
        described = described_api()["paths"][item][method.lower()]["responses"][str(answer.status)]["headers"]
        said = {name.lower() for name in answer.headers} & named
        assert said == ({name.lower() for name in described} & named) - {"idempotent-replayed"}, path
