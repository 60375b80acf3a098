"""However long the log is, a question reads an index and no more: the plans that the planner makes, looked at.

On a log of generated rows, large enough for a walk along the whole table to be the worse choice, and never forbidden.
"""

import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from eventstore.database import SQL
from eventstore.inspection import causes, commands, events, stats, streams
from eventstore.inspection.commands import Asked
from eventstore.inspection.filters import Filter
from eventstore.inspection.jump import jump
from eventstore.inspection.limits import bounded
from tests.eventstore.tools import another

FACTS, PEOPLE = 50_000, 300
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
MOST_READ = 5_000
"""Rows: a fraction of those that there are, and enough for a count as far as 1,000 of each of four types."""

LOG = {"eventstore_event", "eventstore_command", "eventstore_claim"}

COMMANDS = """
INSERT INTO eventstore_command
SELECT
    lpad(to_hex(nth), 32, '0')::uuid, CASE WHEN nth %% 5000 = 0 THEN 'beans.rare' ELSE 'beans.often' END,
    CASE WHEN nth %% 3 = 0 THEN 'jar-' ELSE 'bowl-' END || nth / 6, nth %% 6 + 1, nth %% 6 + 1,
    lpad(to_hex(nth %% %(people)s), 32, '0')::uuid, lpad(to_hex(nth), 32, '0')::uuid, NULL,
    CASE WHEN nth %% 4000 = 1 THEN 'refused' ELSE 'accepted' END, '', '{}', '', '192.0.2.' || nth %% 200, 500,
    %(began)s::timestamptz + nth * interval '1 second'
FROM generate_series(1, %(facts)s) AS nth
"""
EVENTS = """
INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at)
SELECT
    stream, first_version,
    CASE WHEN name = 'beans.rare' THEN 'beans.broken' ELSE split_part(stream, '-', 1) || '.filled' END,
    1, '{"jar": "1"}', id, recorded_at
FROM eventstore_command
ORDER BY recorded_at
"""


@pytest.fixture(scope="module", autouse=True)
def _long_log(shared_database):
    with another() as raw:
        raw.execute(COMMANDS, {"people": PEOPLE, "began": BEGAN, "facts": FACTS})
        raw.execute(EVENTS)
        raw.execute(
            "INSERT INTO eventstore_claim SELECT 'label', 'label ' || id, stream FROM eventstore_command"
        )
        for table in LOG:
            raw.execute(f"VACUUM ANALYZE {table}")


SOMEBODY, RARE = UUID(int=7), UUID(int=5000)
MIDDLE, LATE = FACTS // 2, BEGAN + timedelta(seconds=FACTS - 100)

FILTERS = {
    "everything": Filter(),
    "a type": Filter(types=("jar.filled",)),
    "a rare type": Filter(types=("beans.broken",)),
    "many types": Filter(types=("beans.broken", "jar.filled", "bowl.filled", "none")),
    "a kind": Filter(kind="bowl"),
    "a stream": Filter(stream="bowl-100"),
    "a stream and an actor": Filter(stream="bowl-100", actor=SOMEBODY),
    "an actor": Filter(actor=SOMEBODY),
    "an actor and a type": Filter(actor=SOMEBODY, types=("jar.filled",)),
    "a correlation": Filter(correlation=RARE),
    "a command": Filter(command=RARE),
    "times": Filter(since=LATE, until=LATE + timedelta(seconds=20)),
    "times long ago": Filter(until=BEGAN + timedelta(seconds=20)),
    "an actor in times": Filter(actor=SOMEBODY, since=LATE),
    "a type in times": Filter(types=("beans.broken",), until=BEGAN + timedelta(hours=9)),
    "positions": Filter(after=MIDDLE, before=MIDDLE + 70),
}

ASKED = {
    "every attempt": Asked(),
    "what was refused": Asked(outcome="refused"),
    "a name": Asked(name="beans.rare"),
    "attempts of an actor": Asked(actor=SOMEBODY),
    "attempts on a stream": Asked(stream="bowl-100"),
    "attempts long ago": Asked(until=BEGAN + timedelta(seconds=90)),
}


def walk(wanted):
    """The first page, one in the middle in both directions, and the last."""
    for cursor in ({}, {"before": MIDDLE}, {"after": MIDDLE}, {"after": 0}):
        events.page(wanted, **cursor)


def leaf(asked):
    found = commands.page(asked, limit=20)
    commands.page(asked, after="", limit=20)
    if found.older:
        commands.page(asked, before=found.older, limit=20)
        commands.page(asked, after=found.older, limit=20)


QUESTIONS = {
    **{f"page: {name}": (walk, wanted) for name, wanted in FILTERS.items()},
    **{f"count: {name}": (events.about, wanted) for name, wanted in FILTERS.items()},
    **{f"audit: {name}": (leaf, asked) for name, asked in ASKED.items()},
    "one fact": (events.fact, MIDDLE),
    "an attempt": (commands.attempt, RARE),
    "a life": (streams.life, "bowl-100"),
    "a state": (lambda stream: streams.life(stream, before=4), "bowl-100"),
    "a tree": (causes.tree, RARE),
    "minutes": (events.per_minute, 60),
    "numbers": (lambda _: stats.numbers(), None),
    **{f"jump to {text}": (jump, text) for text in ("7", "bowl-100", str(RARE), "2026-01-02", "label 7")},
}


@contextmanager
def noted():
    """Every statement about the log that is sent meanwhile, with its values."""
    sent, execute = [], psycopg.Cursor.execute

    def note(self, query, params=None, **options):
        if isinstance(query, bytes) and b"eventstore_" in query:
            sent.append((query, params))
        return execute(self, query, params, **options)

    psycopg.Cursor.execute = note
    try:
        yield sent
    finally:
        psycopg.Cursor.execute = execute


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def plans(sent):
    """The nodes of the plan of each statement, planned for its values, with what running it came to."""
    with bounded():
        for query, params in sent:
            with psycopg.Cursor(connection.connection) as bare:
                explain = b"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + query
                [(explained,)] = bare.execute(explain, params).fetchall()
            found = json.loads(explained) if isinstance(explained, str) else explained
            yield list(nodes(found[0]["Plan"]))


def read(plan):
    """How many rows of tables were looked at, those included that a condition then left out."""
    scans = [node for node in plan if "Relation Name" in node]
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in scans
    )


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_walks_along_a_table_of_the_log(name):
    question, about = QUESTIONS[name]
    with noted() as sent:
        question(about)
    assert sent
    for plan in plans(sent):
        assert not [
            node["Relation Name"]
            for node in plan
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LOG
        ]
        assert read(plan) <= MOST_READ


@pytest.mark.parametrize("name", [name for name in QUESTIONS if not name.startswith(("page", "audit"))])
def test_a_question_takes_a_handful_of_statements(name):
    question, about = QUESTIONS[name]
    with noted() as sent:
        question(about)
    assert len(sent) <= 5


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_a_page_takes_a_handful_of_statements(wanted):
    with noted() as sent:
        events.page(wanted, before=MIDDLE)
    assert len(sent) <= 6


@pytest.mark.parametrize("path", sorted(SQL.glob("inspect_*.sql")), ids=lambda path: path.stem)
def test_no_statement_counts_or_sifts_without_a_bound(path):
    text = path.read_text()
    assert "DISTINCT" not in text
    if re.search(r"\bcount\(", text) and path.stem != "inspect_counts":
        assert re.search(r"LIMIT %\(limit\)s|position < %s", text)
