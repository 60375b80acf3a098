"""Whatever was once recorded can be read, written again, folded and projected."""

import json
import os
import subprocess
import sys
from dataclasses import MISSING, fields

import pytest

from accounts.models import User
from blog.models import Article, Author, Comment, Favorite, Follow, Revision, Tag, Tally
from eventstore import codec
from eventstore.decider import fold
from eventstore.messages import EVENT_NAMES, EVENT_TYPES, UPCASTERS
from eventstore.policy import policies
from eventstore.projector import projectors
from tests.golden.history import DECIDERS, LINES, digest, history, projected

KINDS = [kind for kind in EVENT_NAMES.values() if not kind.cls.__module__.startswith("tests.")]
AS_TODAY = [line for line in LINES if line["schema"] == EVENT_NAMES[line["type"]].schema]


def named(line):
    return line["type"]


def test_every_kind_of_fact_has_an_example_in_every_schema():
    schemas = {(kind.name, schema) for kind in KINDS for schema in range(1, kind.schema + 1)}
    assert schemas == {(line["type"], line["schema"]) for line in LINES}


def test_every_older_schema_is_lifted_to_the_next_one_and_nothing_else_is():
    older = {(kind.name, schema) for kind in KINDS for schema in range(1, kind.schema)}
    declared = {place for place, lift in UPCASTERS.items() if not lift.__module__.startswith("tests.")}
    assert declared == older


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_may_be_left_unsaid_has_an_example_with_it_and_one_without(kind):
    said = [set(line["data"]) for line in LINES if line["type"] == kind.name]
    for field in fields(kind.cls):
        optional = field.default is not MISSING
        assert {field.name in names for names in said} == ({True, False} if optional else {True}), field.name


@pytest.mark.parametrize("line", LINES, ids=named)
def test_every_example_is_read_as_the_fact_that_it_was(line):
    event = codec.decode(line["type"], line["schema"], json.dumps(line["data"]))
    assert type(event) is EVENT_NAMES[line["type"]].cls


@pytest.mark.parametrize("line", AS_TODAY, ids=named)
def test_what_is_read_is_written_again_as_it_was(line):
    event = codec.decode(line["type"], line["schema"], json.dumps(line["data"]))
    name, schema, data = codec.encode(event)
    assert (name, schema, json.loads(data)) == (line["type"], line["schema"], line["data"])


@pytest.mark.parametrize("line", LINES, ids=named)
def test_a_fact_without_a_field_that_it_needs_is_refused(line):
    for name in EVENT_NAMES[line["type"]].cls.__slots__[:1]:
        data = {key: value for key, value in line["data"].items() if key != name}
        with pytest.raises(Exception, match=name):
            codec.decode(line["type"], line["schema"], json.dumps(data))


def test_every_stream_folds_to_the_state_that_it_is_in():
    streams = {}
    for fact in history():
        streams.setdefault(fact.stream, []).append(fact.event)
    states = [
        (name.partition("-")[0], fold(DECIDERS[name.partition("-")[0]], past))
        for name, past in streams.items()
    ]
    assert [(kind, type(state).__name__) for kind, state in states] == [
        ("user", "Registered"),
        ("author", "Writing"),
        ("user", "Closed"),
        ("author", "Writing"),
        ("article", "Published"),
        ("article", "Published"),
        ("favorite", "Empty"),
        ("follow", "Apart"),
        ("comment", "Said"),
    ]


@pytest.mark.parametrize("projector", projectors, ids=str)
def test_every_projector_takes_the_whole_history(projector):
    changes = [change for fact in history() for change in projector.project(fact)]
    assert {change.table.model for change in changes} == set(projector.tables)


@pytest.mark.parametrize("policy", policies, ids=str)
def test_every_policy_takes_the_whole_history(policy):
    assert [command for fact in history() for command in policy.commands(fact)]


def test_the_history_comes_to_these_rows():
    rows = projected()
    assert [row["username"] for row in rows.all(User)] == ["jacob.2", "李雷"]
    assert [(row["name"], row["articles_count"], row["followers_count"]) for row in rows.all(Author)] == [
        ("jacob.2", 1, 0),
        ("李雷", 1, 0),
    ]
    assert [(row["slug"], row["tags"], row["comments_count"]) for row in rows.all(Article)] == [
        ("how-to-train-your-wyvern", ["training", "wyverns"], 1),
        ("你好", [], 0),
    ]
    assert [row["what"] for row in rows.all(Revision)] == [
        "Published",
        "Title, description and text reworded, tags changed",
        "Description reworded",
        "Taken down",
        "Put back",
        "Text reworded",
        "Published",
    ]
    assert {row["name"]: row["count"] for row in rows.all(Tag)} == {"dragons": 0, "training": 1, "wyverns": 1}
    assert [row["count"] for row in rows.all(Tally)] == [2]
    assert [row["number"] for row in rows.all(Comment)] == [22]
    assert rows.all(Favorite) == rows.all(Follow) == []


def test_another_process_elsewhere_makes_the_same_bytes():
    """With other hashes, another time zone and another language."""
    elsewhere = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LANG": "tr_TR.UTF-8", "LC_ALL": "C"}
    command = [sys.executable, "-m", "tests.golden.history"]
    run = subprocess.run(command, env=os.environ | elsewhere, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == digest()


def test_no_two_kinds_of_fact_share_a_name():
    assert len(EVENT_NAMES) == len(EVENT_TYPES)
