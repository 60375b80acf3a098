"""`make bench` measures what it says, in its smallest form: every row is there, with numbers that can be."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
SMALLEST = ["--events", "20000", "--rounds", "1", "--seconds", "0.02", "--writers", "3", "--sockets", "40"]

ROW = re.compile(
    r"(?P<what>.{42}) (?P<against>.{26})"
    r" +(?P<speed>[\d,]+) +(?P<reference>[\d,]+) +(?P<ratio>[\d.]+)( +[\d.]+)?"
    r"( +(?P<sign>[≥≤]) (?P<bound>[\d.]+) (?P<verdict>reached|MISSED))?"
    r" +(?P<client>[\d,]+) \((?P<theirs>[\d,]+)\) +[\d,]+ \([\d,]+\) +(?P<peak>\d+)"
)

EXPECTED = """\
append, 1 process                          raw INSERT of the event
append, 3 processes                        raw INSERT of the event
append, 100 events at once                 binary COPY of them
read the log in order into event classes   raw keyset read + msgspec
read the log in order into event classes   the same, psycopg's jsonb
load a stream of 10                        raw SELECT of the rows
load a stream of 100                       raw SELECT of the rows
dispatch a favorite until shown            saving its row (ORM)
dispatch a favorite until shown            saving its row and count
dispatch a comment until shown             saving its row and count
API: a list of 20 articles                 a bare view, same bytes
API: a list of 20 articles                 the home page
API: one article                           a bare view, same bytes
API: one article                           its page
append, 1 process                          eventsourcing
append, 3 processes                        eventsourcing
append, 100 events at once                 eventsourcing
read the log in order into event classes   eventsourcing
dispatch on a stream of 2,000, cold        streams of at most 10
dispatch on a stream of 2,000, warm        streams of at most 10
append, log of 2,000                       log of 200
append, log of 20,000                      log of 200
load a stream, log of 2,000                log of 200
load a stream, log of 20,000               log of 200
replay 20,000 events                       raw keyset read
replay 20,000 events                       an ORM call for each
replay 20,000 events                       an ORM call and its commit
memory of a replay of 20,000               replay of 2,000
replay 2,000, rendering texts anew         raw keyset read
"""

FIGURE = re.compile(
    r"(?P<what>.{42}) (?P<against>.{26}) +(?P<ours>-?[\d,.]+)(?P<unit>| \S+)"
    r"( +(?P<reference>-?[\d,.]+)(?P=unit))?( +(?P<ratio>-?[\d.]+))?"
    r"( +(?P<sign>[≥≤]) (?P<bound>[\d.]+)(?P<of>| \S+) (?P<verdict>reached|MISSED))? *"
)

FIGURES = """\
200 idle pages: memory of one              a consumer that accepts
  CPU in a minute                          a consumer that accepts
a fragment to 40 pages: sends              a bare loop, same bytes
  from the commit until the last has it    the bare loop alone
  times it is rendered
commit to page, one process: p50           commit to writer's answer
commit to page, one process: p99           commit to writer's answer
commit to page, across two: p50            commit to writer's answer
commit to page, across two: p99            commit to writer's answer
2 don't read: commit to the others, p50    8 readers alone
2 don't read: commit to the others, p99    8 readers alone
  memory it takes, at most                 8 readers alone
  more of it, for each of them             what may wait for one
  of them, dropped
"""


BENCH = [sys.executable, "-m", "bench"]
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
ENVIRON = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONWARNINGS": "error"}


def start(*arguments):
    return subprocess.Popen([*BENCH, *arguments], cwd=ROOT, env=ENVIRON, **PIPES)


@pytest.fixture
def databases_of(database):
    """The scratch databases of a bench; another one may be running on the same server."""

    def find(running):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE datname ~ %s", [f"^conduit_bench_{running.pid}_"]
            )
            return [name for (name,) in cursor.fetchall()]

    return find


def test_the_whole_bench_prints_a_row_for_each_comparison_and_leaves_nothing_behind(databases_of):
    with start(*SMALLEST) as running:
        out, errors = running.communicate(timeout=300)
    assert not errors, errors
    assert running.returncode == 0
    _, speeds, figures, summary = out.split("\n\n")
    speeds, figures = parsed(ROW, speeds, EXPECTED), parsed(FIGURE, figures, FIGURES)
    for row in speeds:
        assert_sane(row)
    for row in figures:
        assert_agrees(row)
    assert [row["ours"] for row in figures if row["against"].isspace()] == ["1", "2"]
    asked = [row["verdict"] for row in (*speeds, *figures) if row["verdict"]]
    assert summary == f"{asked.count('reached')} of {len(asked)} reached\n"
    assert not databases_of(running)


def parsed(pattern, table, expected):
    """The rows below a table's titles, which are those that are expected."""
    lines = table.splitlines()[1:]
    found = [pattern.fullmatch(line) for line in lines]
    assert all(found), table
    assert [(row["what"].strip(), row["against"].split(" 9.")[0].strip()) for row in found] == [
        (line[:42].strip(), line[43:].strip()) for line in expected.splitlines()
    ]
    return found


def assert_sane(row):
    speed, reference, client, theirs = map(number, row.group("speed", "reference", "client", "theirs"))
    ratio, peak = float(row["ratio"]), int(row["peak"])
    assert speed > 0 < reference, row[0]
    assert client > 0 <= theirs, row[0]
    assert 20 < peak < 1000, row[0]
    if "memory" not in row["what"]:
        faster = reference / speed if row["sign"] == "≤" or "cold" in row["what"] else speed / reference
        assert ratio == pytest.approx(faster, rel=0.05, abs=0.01), row[0]
    if row["sign"]:
        bound = float(row["bound"])
        right = ratio >= bound if row["sign"] == "≥" else ratio <= bound
        assert right == (row["verdict"] == "reached") or ratio == bound, row[0]


def assert_agrees(row):
    """The ratio with the figures, and the verdict with what was asked for."""
    ours, reference = (figure and float(figure.replace(",", "")) for figure in row.group("ours", "reference"))
    if reference:
        assert float(row["ratio"]) == pytest.approx(ours / reference, rel=0.02, abs=0.01), row[0]
    if row["sign"]:
        asked, bound = float(row["ratio"]) if row["ratio"] and not row["of"] else ours, float(row["bound"])
        right = asked >= bound if row["sign"] == "≥" else asked <= bound
        assert right == (row["verdict"] == "reached") or asked == pytest.approx(bound, rel=0.01), row[0]


def number(text):
    return int(text.replace(",", ""))


def test_what_is_not_there_to_be_measured_is_said():
    with start("apend") as running:
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert "there is no apend; there are append, read, load, command" in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_bench_leaves_nothing_behind(databases_of, number):
    with start("read") as running:
        wait_for(lambda: databases_of(running))
        running.send_signal(number)
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 1
    assert errors.endswith("stopped\n")
    assert "Interrupt" not in errors
    assert not databases_of(running)


def wait_for(something, patience_s=60):
    end = time.monotonic() + patience_s
    while not something():
        assert time.monotonic() < end
        time.sleep(0.05)
