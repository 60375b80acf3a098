"""The doctor looks at everything, changes nothing, and has a remedy for whatever is not well."""

import json
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from conduit.doctor import house, of_log, server
from conduit.doctor.findings import State, found_by, ok
from conduit.doctor.room import GIB, room
from conduit.management.commands import doctor
from eventstore import heartbeat, operating
from eventstore.database import execute
from eventstore.log import Fact
from eventstore.projector import projectors
from tests.eventstore.tools import another, one, stored

LONG_KEY = "0123456789abcdefghijklmnopqrstuvwxyz" * 2


def run(*arguments):
    """The exit code, and what was written."""
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def states(check):
    """What a check found: the states, and the words of what is not well."""
    found = list(found_by([check]))
    assert all(finding.remedy for finding in found if finding.state is not State.OK)
    return {finding.state.value for finding in found}, "; ".join(
        finding.said for finding in found if finding.state is not State.OK
    )


@pytest.fixture
def well(database, settings, monkeypatch):
    """All that the doctor looks at is as it should be; the server of tests does not write to the disk."""
    real = server._setting
    monkeypatch.setattr(server, "_setting", lambda name: "on" if name in server.DURABLE else real(name))
    settings.DEBUG, settings.SECRET_KEY = True, LONG_KEY
    settings.ALLOWED_HOSTS, settings.ALLOWED_ORIGINS = ["localhost"], []
    heartbeat.beat("waiting", datetime.now(UTC))


# The whole


def test_a_well_installation_is_ok_throughout(well):
    code, out = run("--strict")
    *lines, sum_up = out.splitlines()
    assert all(line.startswith("OK    ") for line in lines), out
    assert sum_up == f"{len(lines)} OK, 0 WARN, 0 FAIL"
    assert code == 0


def test_looking_changes_nothing(well, cast):
    cast.jake.publishes()
    before = (
        stored(),
        one("SELECT count(*) FROM pg_class"),
        one("SELECT max(moved_at) FROM eventstore_checkpoint"),
    )
    run()
    after = (
        stored(),
        one("SELECT count(*) FROM pg_class"),
        one("SELECT max(moved_at) FROM eventstore_checkpoint"),
    )
    assert after == before


def test_a_failure_is_an_exit_code_with_its_remedy_below(well, settings):
    settings.SECRET_KEY = "short"
    code, out = run()
    assert code == 3
    assert "FAIL  secret key: has 5 characters: it can be guessed\n      -> Set SECRET_KEY" in out
    assert out.endswith(" 1 FAIL\n")


def test_a_warning_is_a_failure_only_if_asked_to_be(well, cast):
    assert cast.jake.id
    operating.pause("blog.pages", "for the test")
    assert run()[0] == 0
    assert run("--strict")[0] == 3


def test_programs_get_one_object(well, settings):
    settings.SECRET_KEY = "short"
    code, out = run("--json")
    told = json.loads(out)
    assert (code, told["schema"], told["well"]) == (3, 1, False)
    [bad] = [finding for finding in told["findings"] if finding["state"] != "OK"]
    assert (bad["name"], bad["state"]) == ("secret key", "FAIL")
    assert bad["remedy"]


def test_without_a_database_the_rest_is_still_looked_at(well, monkeypatch):
    with monkeypatch.context() as moved:
        moved.setitem(connection.settings_dict, "HOST", "/nowhere")
        code, out = run()
    assert code == 3
    assert "FAIL  database: " in out
    assert "OK    secret key: " in out
    assert "guards" not in out


def test_without_its_tables_the_log_is_not_looked_at(well):
    execute(b"DELETE FROM django_migrations WHERE app = 'blog'", ())
    code, out = run()
    assert code == 3
    assert "FAIL  migrations: blog.0001_initial" in out
    assert "OK    version: " in out
    assert "guards" not in out


def test_a_database_that_hangs_is_told(well, monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(doctor, "PATIENCE_S", 0.05)
    monkeypatch.setattr(doctor, "_where", lambda: never.wait(5))
    code, out = run()
    assert code == 3
    assert "FAIL  database: gives no answer in 0 s" in out
    never.set()


def test_a_check_that_breaks_down_is_a_finding_and_ends_nothing():
    def lungs():
        raise ZeroDivisionError("on purpose")

    first, second = found_by([lungs, lambda: [ok("heart", "beats")]])
    assert (first.name, first.state) == ("lungs", "FAIL")
    assert "ZeroDivisionError: on purpose" in first.said
    assert second.state is State.OK


# The server


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_what_was_accepted_must_be_on_the_disk(well, monkeypatch, name):
    on = server._setting
    monkeypatch.setattr(server, "_setting", lambda asked: "off" if asked == name else on(asked))
    found, said = states(server.durability)
    assert found == {"FAIL"}
    assert said.startswith(f"{name} is off")


def test_an_old_server_is_refused(database, monkeypatch):
    monkeypatch.setattr(server, "_setting", {"server_version_num": "140010", "server_version": "14.10"}.get)
    assert states(server.version) == ({"FAIL"}, "PostgreSQL 14.10 is too old")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SET statement_timeout = 0", "statement_timeout is 0ms, not 30s: some waits have no end"),
        ("SET lock_timeout = '1h'", "lock_timeout is 3600000ms, not 5s: some waits have no end"),
        (
            "SET default_transaction_isolation = 'serializable'",
            "default_transaction_isolation is serializable, not read committed: readers of the log rely on it",
        ),
    ],
)
def test_a_session_that_is_not_as_asked_for(database, statement, said):
    assert states(server.session) == ({"OK"}, "")
    execute(statement.encode())
    assert states(server.session) == ({"FAIL"}, said)


@pytest.mark.parametrize(
    ("check", "setting", "value", "found"),
    [
        (server.texts, "server_encoding", "SQL_ASCII", "FAIL"),
        (server.texts, "TimeZone", "Europe/Vienna", "WARN"),
        (server.upkeep, "autovacuum", "off", "FAIL"),
        (server.writing, "default_transaction_read_only", "on", "FAIL"),
        (server.connections, "max_connections", "10", "FAIL"),
    ],
)
def test_settings_that_hurt(database, monkeypatch, check, setting, value, found):
    assert states(check)[0] == {"OK"}
    real = server._setting
    monkeypatch.setattr(server, "_setting", lambda name: value if name == setting else real(name))
    assert found in states(check)[0]


def test_texts_that_another_system_would_sort_otherwise(database):
    execute(b"UPDATE pg_database SET datcollversion = '0.1' WHERE datname = current_database()")
    found, said = states(server.collation)
    assert found == {"FAIL"}
    assert "were sorted by version 0.1" in said


@pytest.mark.parametrize(("ahead_s", "found"), [(0, "OK"), (5, "WARN"), (60, "FAIL"), (-60, "FAIL")])
def test_clocks_that_differ(database, monkeypatch, ahead_s, found):
    class Ours(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(seconds=ahead_s)

    monkeypatch.setattr(server, "datetime", Ours)
    assert states(server.clock)[0] == {found}


@pytest.mark.parametrize(
    ("total", "free", "found"),
    [
        (100 * GIB, 50 * GIB, "OK"),
        (100 * GIB, 4 * GIB, "WARN"),
        (100 * GIB, GIB // 4, "FAIL"),
        (10_000 * GIB, 200 * GIB, "OK"),
        (20 * GIB, 3 * GIB, "OK"),
        (20 * GIB, GIB, "WARN"),
        (GIB, GIB // 100, "FAIL"),
    ],
)
def test_a_disk_that_fills_up_is_told_in_time(total, free, found):
    finding = room("disk", (total, total - free, free), "told")
    assert finding.state == found
    assert bool(finding.remedy) == (found != "OK")


# The log


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "ALTER TABLE eventstore_event DISABLE TRIGGER eventstore_event_rows_stay",
            "trigger eventstore_event_rows_stay: it is not ENABLE ALWAYS",
        ),
        (
            "ALTER TABLE eventstore_command ENABLE TRIGGER eventstore_command_stays",
            "trigger eventstore_command_stays: it is not ENABLE ALWAYS",
        ),
        ("ALTER SEQUENCE eventstore_event_position_seq CACHE 20", "its cache is 20"),
    ],
)
def test_a_guard_of_the_log_that_is_down(database, statement, said):
    assert states(of_log.guards) == ({"OK"}, "")
    execute(statement.encode())
    found, told = states(of_log.guards)
    assert found == {"FAIL"}
    assert said in told


def test_migrations_that_are_missing(database):
    execute(b"DELETE FROM django_migrations WHERE app = 'blog' AND name LIKE '0002%%'", ())
    assert states(of_log.migrations) == ({"FAIL"}, "blog.0002_texts_beside_the_row not applied")


def test_a_role_that_may_too_little(database):
    assert "FAIL" not in states(of_log.rights)[0]
    execute(b"SET ROLE pg_read_all_data")
    found, said = states(of_log.rights)
    execute(b"RESET ROLE")
    assert "FAIL" in found
    assert "the role lacks INSERT on eventstore_event" in said
    assert "the role lacks CREATE on the database" in said


def test_a_role_that_may_too_much(database, settings):
    settings.DEBUG = False
    found, said = states(of_log.rights)
    assert found == {"WARN"}
    assert said == "the role that serves could change what was recorded: it is a superuser"


def test_a_projector_that_was_paused_and_one_that_has_parked(well, cast, monkeypatch):
    pages = next(each for each in projectors if each.name == "blog.pages")
    monkeypatch.setitem(pages._handlers, "blog.article_published", [_sick])
    with pytest.raises(AssertionError):
        cast.jake.publishes()
    found, said = states(of_log.condition)
    assert "FAIL" in found
    assert "parked" in said
    operating.pause("accounts.users", "for the test")
    assert "paused" in states(of_log.condition)[1]


def _sick(event: object, fact: Fact):
    raise ZeroDivisionError


def test_nobody_who_follows_the_log(database):
    found, said = states(of_log.condition)
    assert found == {"OK", "FAIL"}
    assert "no worker is alive" in said


def test_what_was_left_behind(database):
    assert states(of_log.strangers) == states(of_log.leftovers) == ({"OK"}, "")
    with another() as raw:
        raw.execute(
            "INSERT INTO eventstore_checkpoint (name, position, status, last_error) VALUES ('old', 1, 'running', '')"
        )
        raw.execute("CREATE SCHEMA rebuild_old")
    assert states(of_log.strangers) == ({"WARN"}, "old has one, and no code here")
    assert states(of_log.leftovers) == ({"WARN"}, "tables of a rebuild that was cut short: rebuild_old")


# The house


def test_static_files_must_be_those_of_this_code(settings, tmp_path, monkeypatch):
    settings.DEBUG, settings.STATIC_ROOT = False, tmp_path / "collected"
    source, collected = tmp_path / "main.css", settings.STATIC_ROOT / "css" / "main.css"
    source.write_text("new")
    monkeypatch.setattr(house, "_sources", lambda: [("css/main.css", source)])
    assert states(house.static_files)[0] == {"FAIL"}
    collected.parent.mkdir(parents=True)
    collected.write_text("old")
    assert states(house.static_files) == ({"FAIL"}, "not collected, or of another version: css/main.css")
    collected.write_text("new")
    assert states(house.static_files)[0] == {"OK"}


def test_the_real_static_files_are_found():
    names = {name for name, source in house._sources() if source.is_file()}
    assert {"default-avatar.svg", "admin/css/base.css"} <= names


@pytest.mark.parametrize(("mode", "found"), [(0o600, "OK"), (0o640, "FAIL"), (0o604, "FAIL")])
def test_a_secret_is_for_its_owner(settings, tmp_path, mode, found):
    settings.VAR, settings.SECRET_KEY = tmp_path, LONG_KEY
    (tmp_path / "secret-key").write_text(LONG_KEY)
    (tmp_path / "secret-key").chmod(mode)
    assert states(house.secret_key)[0] == {found}


def test_a_site_for_others_is_looked_at_more_closely(settings):
    settings.ALLOWED_HOSTS, settings.DEBUG, settings.METRICS_TOKEN = ["conduit.example"], True, ""
    found, said = states(house.deployment)
    assert {"FAIL", "WARN"} <= found
    assert "DEBUG is on" in said
    assert "nobody can read /metrics" in said
    assert "security." in said
