"""A log line is one line, says what happened with the ids that lead to it, and never what was written."""

import json
import logging
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.test import Client

from conduit import environment
from conduit.json_log import JsonLines
from conduit.settings import LOG_LEVELS
from eventstore.acting import Acting, act
from eventstore.ids import uuid7

SECRET = "correct horse battery staple"


def line(message, *values, error=None, **extra):
    record = logging.LogRecord("blog", logging.WARNING, __file__, 1, message, values, error)
    vars(record).update(extra)
    return JsonLines().format(record)


@pytest.fixture
def lines():
    """What was written down since it was last asked for, as machines read it."""
    written, root = StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)

    def read(logger=""):
        told = list(map(json.loads, written.getvalue().splitlines()))
        written.seek(0)
        written.truncate()
        return [one for one in told if one["logger"].startswith(logger)]

    yield read
    root.setLevel(before)
    root.removeHandler(handler)


# One line


def test_a_record_is_one_json_object():
    said = json.loads(line("%s people", 3))
    assert (said["level"], said["logger"], said["event"]) == ("WARNING", "blog", "3 people")
    assert said["ts"].endswith("+00:00")
    assert "request_id" not in said


def test_nobody_can_forge_a_second_line():
    forged = line("Not Found: %s", '/x\n{"level": "INFO"}\x1b[2J\u2028')
    assert forged.isascii()
    assert len(forged.splitlines()) == 1
    assert "\x1b" not in forged


def test_an_exception_is_part_of_its_line():
    said = line("failed", error=(ValueError, ValueError("on\npurpose"), None))
    assert len(said.splitlines()) == 1
    assert "ValueError" in json.loads(said)["error"]


def test_a_record_says_what_it_knows_by_names_of_its_own_and_nothing_else():
    said = json.loads(line("x", stream="article-1", position=7, duration_s=0.5, payload={"body": SECRET}))
    assert (said["stream"], said["position"], said["duration_s"]) == ("article-1", 7, 0.5)
    assert SECRET not in str(said)


def test_what_is_done_in_one_thread_of_causes_says_which():
    id_ = uuid7()
    with act(Acting(correlation_id=id_)):
        assert json.loads(line("x"))["correlation_id"] == str(id_)
    assert "correlation_id" not in json.loads(line("x"))


# Never what was written


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO eventstore_claim (kind, key) VALUES ('kind', '{SECRET}')",
        f"SELECT '{{\"{SECRET}\": nothing}}'::jsonb",
        f"SELECT now() AS a, '{SECRET}' FROM nowhere_at_all",
    ],
    ids=["a row that fails", "JSON that is none", "a statement that fails"],
)
def test_what_the_database_quotes_is_left_out(database, statement, lines):
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        logging.getLogger("blog").exception("it failed")
    [said] = lines("blog")
    assert "psycopg.errors" in said["error"]
    assert "left out" in said["error"]
    assert "direct cause" in said["error"]
    assert SECRET not in json.dumps(said)


def test_what_the_database_quotes_is_left_out_of_the_message_too():
    said = line(
        "stopped: %s", ValueError(f"null value in column\nDETAIL:  Failing row contains ({SECRET}\n\nx).\n")
    )
    assert SECRET not in said
    assert "null value in column" in said


def test_no_line_of_a_whole_visit_has_what_was_typed(cast, lines):
    cast.jake.publishes(SECRET, body=SECRET)
    Client().post("/login", {"email": "jake@conduit.example", "password": SECRET})
    Client().get("/search", {"q": SECRET})
    assert SECRET not in json.dumps(lines())


# Requests and commands


def test_every_request_has_a_line_without_its_query(database, lines):
    Client().get("/?page=1&q=private", HTTP_X_REQUEST_ID="from-the-proxy")
    [said] = lines("conduit.requests")
    assert (said["event"], said["level"]) == ("GET / 200", "INFO")
    assert (said["method"], said["path"], said["status"], said["request_id"]) == (
        "GET",
        "/",
        200,
        "from-the-proxy",
    )
    assert said["duration_s"] > 0
    assert "private" not in str(said)


def test_every_command_has_a_line_that_leads_to_its_row(cast, lines):
    article = cast.jake.publishes()
    lines()
    cast.jane.favorites(article)
    *_, said = lines("conduit.commands")
    assert (said["command"], said["outcome"]) == ("blog.favorite_article", "accepted")
    assert said["stream"] == f"favorite-{article.id}-{cast.jane.id}"
    assert said["position"] > 0
    assert said["correlation_id"]


def test_a_request_and_its_commands_can_be_told_to_belong_together(cast, lines):
    article, id_ = cast.jake.publishes(), uuid7()
    browser = cast.jane.browser
    lines()
    browser.post(f"/article/{article.slug}/favorite", headers={"X-Request-Id": str(id_)})
    told = lines("conduit.")
    assert {one["request_id"] for one in told} == {one["correlation_id"] for one in told} == {str(id_)}
    [command] = [one for one in told if "command" in one]
    assert command["actor_id"] == str(cast.jane.id)


def test_a_refusal_says_which_and_a_policy_what_it_answers(cast, lines):
    assert cast.jake.id
    told = lines("conduit.commands")
    [author] = [one for one in told if one["command"] == "blog.create_author"]
    assert author["causation_id"] == 1
    Client().post("/register", {"username": "jake", "email": "x@conduit.example", "password": SECRET})
    [refused] = [one for one in lines("conduit.commands") if one["outcome"] == "refused"]
    assert refused["reason"] == "AlreadyTaken"


def test_nothing_of_this_is_written_unless_it_is_asked_for(cast, caplog):
    caplog.set_level(logging.WARNING)
    cast.jake.publishes()
    Client().get("/")
    assert [record for record in caplog.records if record.name.startswith("conduit.")] == []


@pytest.mark.parametrize(("given", "level"), [("", "WARNING"), ("info", "INFO"), (" ERROR ", "ERROR")])
def test_how_much_is_written_is_for_the_environment_to_say(given, level):
    assert environment.one_of("LOG_LEVEL", LOG_LEVELS, "WARNING", {"LOG_LEVEL": given}) == level


def test_a_level_that_is_none_is_refused():
    with pytest.raises(
        ImproperlyConfigured, match="LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, not 'LOUD'"
    ):
        environment.one_of("LOG_LEVEL", LOG_LEVELS, "WARNING", {"LOG_LEVEL": "loud"})
