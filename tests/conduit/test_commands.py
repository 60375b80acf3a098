"""What every command of this house shares: help with examples, data on stdout, words on stderr, and exit codes."""

import json

import psycopg
import pytest
from django.core.management import ManagementUtility, get_commands
from django.db import connection, connections

from eventstore import console
from eventstore.projector import projectors

OURS = {"conduit", "blog", "accounts", "eventstore"}
NAMES = sorted(name for name, app in get_commands().items() if app in OURS)
LIKE_DJANGO = {"changepassword", "createsuperuser", "migrate", "serve"}
"""They are called as Django's own are, and talk as these do."""

FOR_OPS = sorted(
    {"doctor", "parked_events", "projection_status", "rebuild_projections", "verify_log"} & set(NAMES)
)


@pytest.fixture
def run(capsys, monkeypatch):
    """The exit code of a command line, what it wrote, and what it complained about; as `manage.py` runs it."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments):
        try:
            ManagementUtility(["manage.py", *arguments]).execute()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        return code, *capsys.readouterr()

    return run


# Help


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help(run, name):
    code, out, err = run(name, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: manage.py {name}")


@pytest.mark.parametrize("name", sorted(set(NAMES) - LIKE_DJANGO))
def test_every_command_has_examples_that_it_understands(run, name):
    _, out, _ = run(name, "--help")
    _, told, examples = out.partition("Examples:\n")
    assert told
    assert f"  manage.py {name}" in examples


@pytest.mark.parametrize("name", FOR_OPS)
def test_help_tells_the_exit_codes_in_lines_that_fit(run, name):
    _, out, _ = run(name, "--help")
    told, _, _ = out.partition("Examples:")
    assert "Exit code" in " ".join(told.split())
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("name", NAMES)
def test_an_option_that_does_not_exist_is_wrong_usage(run, name):
    code, out, err = run(name, "--no-such-option")
    assert (code, out) == (2, "")
    assert "--no-such-option" in err or "required" in err


# Exit codes, each in a world in which it comes up


def well(monkeypatch):
    """Nothing is wrong."""


def parked(monkeypatch):
    connection.cursor().execute(
        "INSERT INTO eventstore_parked (projector, position, stream, error, tries, parked_at) "
        "VALUES ('blog.pages', 3, 'article-1', 'it broke', 2, clock_timestamp())"
    )


def behind(monkeypatch):
    connection.cursor().execute("UPDATE eventstore_checkpoint SET position = 0 WHERE name = 'blog.pages'")


def touched(monkeypatch):
    connection.cursor().execute("UPDATE blog_article SET title = 'Not what the log says'")


def unguarded(monkeypatch):
    connection.cursor().execute("ALTER TABLE eventstore_event DISABLE TRIGGER eventstore_event_rows_stay")


def being_rebuilt(monkeypatch):
    other = connection.copy()
    other.settings_dict["OPTIONS"].pop("pool", None)
    other.cursor().execute("SELECT pg_advisory_lock(hashtextextended('rebuild blog.pages', 0))")
    return other.close


def gone(monkeypatch):
    """As psycopg says it, without its patience."""

    def refuse(*_):
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(type(connections["default"]), "get_new_connection", refuse)
    connection.close()
    return monkeypatch.undo


def broken_off(monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(psycopg.Cursor, "execute", interrupted)
    return monkeypatch.undo


def broken(monkeypatch):
    pages = next(each for each in projectors if each.name == "blog.pages")
    monkeypatch.setitem(pages._handlers, "blog.article_published", [lambda event, fact: 1 / 0])


CODES = [
    (0, well, "projection_status"),
    (0, well, "projection_status --fail-lag-events 0 --fail-lag-seconds 0"),
    (0, behind, "projection_status"),
    (1, parked, "projection_status"),
    (1, gone, "projection_status"),
    (2, well, "projection_status --fail-lag-events -1"),
    (2, well, "projection_status --fail-lag-seconds nan"),
    (2, well, "projection_status --watch soon"),
    (4, behind, "projection_status --fail-lag-events 1"),
    (4, behind, "projection_status --fail-lag-seconds 0"),
    (4, behind, "projection_status --watch 0.01 --fail-lag-events 1"),
    (0, behind, "projection_status --fail-lag-events 2"),
    (130, broken_off, "projection_status"),
    (0, well, "rebuild_projections blog.pages"),
    (0, touched, "rebuild_projections blog.pages"),
    (0, well, "rebuild_projections blog.pages --throttle 100000"),
    (0, touched, "rebuild_projections --dry-run"),
    (1, broken, "rebuild_projections --dry-run"),
    (1, broken, "rebuild_projections"),
    (1, gone, "rebuild_projections"),
    (2, well, "rebuild_projections blog.nothing"),
    (2, well, "rebuild_projections --stream article-of-nobody"),
    (2, well, "rebuild_projections --throttle 0"),
    (2, well, "rebuild_projections --check --dry-run"),
    (2, well, "rebuild_projections --resume"),
    (3, touched, "rebuild_projections --check"),
    (0, touched, "rebuild_projections accounts.users --check"),
    (5, being_rebuilt, "rebuild_projections blog.pages"),
    (130, broken_off, "rebuild_projections"),
    (0, parked, "parked_events list"),
    (2, well, "parked_events retry blog.pages"),
    (2, well, "parked_events skip blog.pages 1 --reason none"),
    (2, well, "parked_events"),
    (1, gone, "parked_events list"),
    (130, broken_off, "parked_events list"),
    (0, well, "verify_log"),
    (1, gone, "verify_log"),
    (3, unguarded, "verify_log"),
    (130, broken_off, "verify_log"),
    (0, well, "run_projectors --once"),
    (2, well, "run_projectors --metrics here"),
    (1, gone, "run_projectors --once"),
    (130, broken_off, "run_projectors --once"),
    (3, gone, "doctor"),
    (3, unguarded, "doctor"),
]


@pytest.fixture(scope="module")
def written(fresh_database):
    """One database for all of them: each makes its own trouble, and leaves it."""
    from tests.cast import Cast

    with fresh_database("commands") as name:
        Cast().jake.publishes()
        yield name


@pytest.fixture
def world(written, monkeypatch):
    ends = []

    def make(trouble):
        if end := trouble(monkeypatch):
            ends.append(end)

    yield make
    for end in ends:
        end()
    connection.cursor().execute(MEND)


MEND = """
DELETE FROM eventstore_parked;
UPDATE eventstore_checkpoint SET position = (SELECT max(position) FROM eventstore_event);
UPDATE blog_article SET title = 'How to train your dragon';
ALTER TABLE eventstore_event ENABLE ALWAYS TRIGGER eventstore_event_rows_stay
"""


@pytest.mark.parametrize(
    ("code", "trouble", "line"), CODES, ids=[f"{line}: {trouble.__name__}" for _, trouble, line in CODES]
)
def test_the_exit_code_says_how_it_went(world, run, code, trouble, line):
    world(trouble)
    found, out, err = run(*line.split())
    assert found == code, (out, err)
    assert "Traceback" not in err
    if code in {console.USAGE, console.LOCKED, console.INTERRUPTED}:
        assert out == ""
        assert err.startswith(("CommandError: ", "usage: "))


@pytest.mark.parametrize(
    "line",
    [
        "projection_status",
        "rebuild_projections",
        "rebuild_projections --check",
        "rebuild_projections --dry-run",
        "parked_events list",
        "verify_log",
        "doctor",
    ],
)
def test_json_is_one_object_that_says_its_schema_and_nothing_else_is_on_stdout(written, run, line):
    _, out, _ = run(*line.split(), "--json")
    assert len(out.splitlines()) == 1
    assert json.loads(out)["schema"] == 1


# What they do beyond their code


def test_a_dry_run_tells_what_it_would_take_and_writes_nothing(world, run):
    world(touched)
    _, out, _ = run("rebuild_projections", "--dry-run", "--json")
    found = {one["projector"]: one for one in json.loads(out)["estimates"]}
    assert found["blog.pages"]["events"] == 2
    assert found["blog.pages"]["rows"]["blog_article"] == 1
    assert found["blog.pages"]["bytes"] > 0
    assert found["blog.pages"]["seconds"] > 0
    assert run("rebuild_projections", "--check", "blog.pages")[0] == console.DIFFERENT


def test_a_stream_chooses_the_projectors_that_follow_it(written, run):
    [(stream,)] = connection.cursor().execute(
        "SELECT stream FROM eventstore_event WHERE type = 'accounts.user_registered'"
    )
    _, out, _ = run("rebuild_projections", "--stream", stream, "--json")
    followers = [each.name for each in projectors if each.follows("accounts.user_registered")]
    assert [one["projector"] for one in json.loads(out)["projectors"]] == followers
    code, _, err = run("rebuild_projections", "accounts.users", "--stream", _article())
    assert (code, err) == (2, f"CommandError: none of these projectors follows {_article()}\n")


def _article():
    [(stream,)] = connection.cursor().execute(
        "SELECT stream FROM eventstore_event WHERE type = 'blog.article_published'"
    )
    return stream


def test_watching_goes_on_until_somebody_is_late(world, run, monkeypatch):
    naps = []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            behind(monkeypatch)

    world(well)
    monkeypatch.setattr("eventstore.management.commands.projection_status.sleep", nap)
    code, out, err = run("projection_status", "--watch", "7", "--fail-lag-events", "0", "--json")
    assert (code, naps, err) == (console.EXCEEDED, [7.0] * 3, "")
    lags = [sum(one["lag_events"] for one in json.loads(line)["subscribers"]) for line in out.splitlines()]
    assert lags[:3] == [0, 0, 0]
    assert lags[3] > 0


def test_watching_outlives_a_database_that_is_away_for_a_while(world, run, monkeypatch):
    naps, back = [], []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 1:
            back.append(gone(pytest.MonkeyPatch()))
        elif len(naps) == 2:
            back.pop()()
            behind(monkeypatch)

    world(well)
    monkeypatch.setattr("eventstore.management.commands.projection_status.sleep", nap)
    code, out, err = run("projection_status", "--watch", "--fail-lag-events", "0")
    assert (code, len(naps)) == (console.EXCEEDED, 2)
    assert "connection refused" in err
    assert out.count("head of the log") == 2
