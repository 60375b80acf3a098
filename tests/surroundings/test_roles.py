"""The site is served by a role that owns nothing: all of it works, and nothing recorded can be touched."""

import asyncio
from contextlib import contextmanager
from io import StringIO
from typing import NamedTuple

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client, RequestFactory

from conduit import metrics
from conduit.doctor import of_log
from conduit.doctor.findings import State
from eventstore import health, operating, roles
from eventstore.database import execute
from tests.cast import PASSWORD, Cast
from tests.eventstore.tools import ask, one, place
from tests.live.listening import now, ticket_for
from tests.live.wire import Page, a_site, broken
from tests.pages import admin
from tests.pages.tour import Stop, tour
from tests.surroundings.two_roles import two_roles

TOUCHED = ("eventstore_event", "eventstore_command")
TOUCHING = (
    "UPDATE {table} SET recorded_at = recorded_at",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER {table}_stays",
    "DROP TRIGGER {table}_stays ON {table}",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE mine AS ON UPDATE TO {table} DO INSTEAD NOTHING",
    "ALTER TABLE {table} ALTER recorded_at DROP NOT NULL",
    "ALTER TABLE {table} SET UNLOGGED",
    "ALTER TABLE {table} RENAME TO mine",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "DROP TABLE {table} CASCADE",
    "CREATE TABLE mine () INHERITS ({table})",
    "CREATE INDEX mine ON {table} (recorded_at)",
    "SELECT FROM {table} FOR UPDATE",
    "LOCK {table} IN ACCESS EXCLUSIVE MODE",
)
BESIDE = (
    "ALTER FUNCTION eventstore_refuse_change() OWNER TO CURRENT_USER",
    "CREATE OR REPLACE FUNCTION eventstore_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "DROP FUNCTION eventstore_refuse_change() CASCADE",
    "SET session_replication_role = replica",
    "SELECT setval('eventstore_event_position_seq', 1)",
    "ALTER SEQUENCE eventstore_event_position_seq CACHE 20",
    "DROP SCHEMA public CASCADE",
    "CREATE TABLE public.mine ()",
    "CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "UPDATE eventstore_skipped SET position = 1",
    "DELETE FROM django_migrations",
    "SET ROLE {owner}",
    "COPY eventstore_event TO PROGRAM 'cat'",
)


@pytest.fixture(scope="module")
def role(fresh_database):
    """A database whose tables are another's; what the site needs has been granted."""
    with fresh_database("roles"), two_roles() as role:
        call_command("grant_app_role", role.app, stdout=StringIO())
        yield role


class World(NamedTuple):
    cast: Cast
    at: admin.World
    stops: list[Stop]


@pytest.fixture(scope="module")
def world(role):
    """All of it written by the role that serves."""
    assert one("SELECT current_user::text") == role.app
    cast = Cast()
    return World(cast, admin.world(cast), tour(cast))


@contextmanager
def changed_back(role, before, after):
    role.run(before)
    try:
        yield
    finally:
        role.run(after)


# All of it works


def test_the_whole_site_is_served(world):
    answers = {stop.name: stop.browser.get(stop.path).status_code for stop in world.stops}
    assert answers == {stop.name: stop.status for stop in world.stops}
    signing_up = {"username": "john", "email": "john@conduit.example", "password": PASSWORD}
    assert Client().post("/register", signing_up).status_code == 302
    assert Client().post("/login", {"email": "john@conduit.example", "password": PASSWORD}).status_code == 302
    for path in ("/api/articles", "/api/events", "/readyz"):
        assert Client().get(path).status_code == 200, path
    assert b"conduit_database_up 1" in metrics.exposition(RequestFactory().get("/metrics")).content


def test_the_admin_is_served(world):
    ada = admin.superuser()
    pages = admin.pages(world.at)
    assert {name: ada.get(path).status_code for name, path in pages.items()} == dict.fromkeys(pages, 200)
    operating.pause("blog.pages", "for the test")
    operating.resume("blog.pages", "for the test")
    operating.order_replay("blog.pages", "for the test")


def test_the_log_is_looked_after(world, tmp_path):
    """A rebuild makes tables of its own. An import has the owner's rights: it sets where positions go on."""
    out = "".join(
        said(*line)
        for line in (
            ("run_projectors", "--once"),
            ("rebuild_projections", "--check"),
            ("rebuild_projections",),
            ("verify_log",),
            ("export_events", str(tmp_path / "log")),
            ("import_events", str(tmp_path / "log")),
            ("projection_status",),
        )
    )
    assert ": no problems" in out, out


def said(*line):
    out = StringIO()
    call_command(*line, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_process_serves_its_live_pages(world):
    cast = world.cast
    article = cast.jake.publishes("Live")

    async def hear(port):
        async with Page(port, ticket_for(article), await now()) as page:
            await page.until(lambda page: page.heard)
            await asyncio.to_thread(cast.jake.says, "Is it heard?", article)
            await page.until(lambda page: page.news)
            return page.status

    with a_site() as (port, process):
        assert asyncio.run(hear(port)) == 101
        assert broken(process) == []


def test_the_doctor_finds_that_it_is_neither_too_little_nor_too_much(role):
    [finding] = of_log.rights()
    assert (finding.state, finding.said) == (State.OK, "enough to serve, too few to change the log")


def test_a_writer_of_whom_it_may_know_nothing_keeps_nobody_from_knowing_the_rest(role):
    """What other roles do at the moment is hidden from it, but for their locks."""
    with psycopg.connect(**place() | {"user": role.owner}) as stranger:
        stranger.execute("LOCK eventstore_event IN ROW EXCLUSIVE MODE")
        condition, pid = health.condition(), stranger.info.backend_pid
        stranger.rollback()
    assert condition.writer
    assert (condition.writer.pid, condition.writer.seconds) == (pid, 0)
    assert condition.findings


# Nothing recorded can be touched


def test_whatever_is_tried_on_a_fact_or_a_command_is_refused(role, world):
    before = stored()
    statements = [each.format(table=table) for table in TOUCHED for each in TOUCHING]
    beside = [each.format(owner=role.owner) for each in BESIDE]
    assert [each for each in (*statements, *beside) if allowed(each)] == []
    assert stored() == before


def test_who_serves_can_grant_itself_nothing(role):
    with psycopg.connect(**place(), autocommit=True) as raw:
        for table in TOUCHED:
            raw.execute(f"GRANT ALL ON {table} TO CURRENT_USER")  # is a warning, and no error
    assert roles.exceeding(role.app) == []


def allowed(statement):
    """Whether it is; with nothing in its way but rights: the triggers would refuse some of it as well."""
    with psycopg.connect(**place()) as raw:
        try:
            raw.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return False
        finally:
            raw.rollback()
    return True


def stored():
    return [
        ask(f"SELECT md5(string_agg(row::text, '' ORDER BY row::text)) FROM {table} AS row")
        for table in TOUCHED
    ]


def test_who_serves_can_put_nothing_before_the_tables_of_the_owner(role):
    """A role that may make schemas could make one that the owner's names are looked up in first."""
    execute(f'CREATE SCHEMA "{role.owner}" CREATE TABLE django_migrations (planted int)'.encode())
    execute(f'GRANT ALL ON SCHEMA "{role.owner}" TO PUBLIC'.encode())
    try:
        with roles.as_owner("default"):
            assert one("SELECT current_user::text") == role.owner
            assert one("SELECT 'django_migrations'::regclass::text") == "django_migrations"
            assert one(
                "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'django_migrations'::regclass"
            )
            assert one("SELECT count(*) FROM django_migrations") > 0
    finally:
        execute(f'DROP SCHEMA "{role.owner}" CASCADE'.encode())


# The command


def grant(*arguments):
    return said("grant_app_role", *arguments)


def rights():
    """Of the tables, the schema and the database of this test; others may be at work beside it."""
    return ask(
        "SELECT relname::text, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "UNION ALL SELECT nspname::text, nspacl::text FROM pg_namespace WHERE nspname = 'public' "
        "UNION ALL SELECT datname::text, datacl::text FROM pg_database WHERE datname = current_database() "
        "ORDER BY 1"
    )


def test_again_it_changes_nothing_and_beforehand_it_only_tells(role):
    grant(role.app)
    before = rights()
    assert "can't change what was recorded" in grant(role.app)
    assert rights() == before
    with changed_back(role, "GRANT TRUNCATE ON accounts_user TO {app}", "SELECT"):
        more = rights()
        script = grant(role.app, "--dry-run")
        assert rights() == more != before
        role.run("SET ROLE {owner}; " + script.replace("{", "{{").replace("}", "}}"))
        assert rights() == before


def test_it_takes_away_what_is_too_much(role):
    role.run(
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO {app}, PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC"
    )
    role.run("GRANT UPDATE (recorded_at) ON eventstore_event TO {app}")
    assert roles.exceeding(role.app) != []
    grant(role.app)
    assert roles.exceeding(role.app) == []
    assert not allowed("UPDATE eventstore_event SET recorded_at = recorded_at")
    assert not allowed("CREATE TABLE public.mine ()")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("ALTER ROLE {app} SUPERUSER", "ALTER ROLE {app} NOSUPERUSER", "it is a superuser"),
        ("ALTER ROLE {app} CREATEROLE", "ALTER ROLE {app} NOCREATEROLE", "CREATEROLE"),
        ("GRANT {owner} TO {app}", "REVOKE {owner} FROM {app}", "may become, the owner of eventstore_event"),
        ("GRANT pg_write_all_data TO {app}", "REVOKE pg_write_all_data FROM {app}", "it has UPDATE on"),
        (
            "ALTER SCHEMA public OWNER TO {app}",
            "ALTER SCHEMA public OWNER TO pg_database_owner",
            "of the schema public",
        ),
    ],
)
def test_whoever_could_do_more_by_another_way_is_refused(role, before, after, reason):
    with changed_back(role, before, after):
        rights_before = rights()
        with pytest.raises(CommandError, match=reason) as refused:
            grant(role.app)
        assert (refused.value.returncode, rights()) == (3, rights_before)


def test_whoever_owns_the_tables_or_is_nobody_is_refused(role):
    for name, reason in ((role.owner, "the owner of eventstore_event"), ("nobody here", "there is no role")):
        with pytest.raises(CommandError, match=reason):
            grant(name)


def test_only_the_owner_grants(role, monkeypatch):
    role.run("REVOKE DELETE ON blog_article FROM {app}")
    with monkeypatch.context() as unowned, pytest.raises(CommandError, match="for the owner") as refused:
        unowned.setitem(connection.settings_dict, "MIGRATION", {})
        grant(role.app)
    assert refused.value.returncode == 3
    grant(role.app)


def test_a_new_role_gets_a_password_that_the_server_never_hears(role, monkeypatch):
    monkeypatch.setenv("APP_ROLE_PASSWORD", "a long password")
    name = f'{role.app}"; --'
    role.run("ALTER ROLE {owner} CREATEROLE")
    grant(name, "--create")
    [(stored_as,)] = as_superuser(role, "SELECT rolpassword FROM pg_authid WHERE rolname = %s", name)
    role.run("DROP OWNED BY {other}; DROP ROLE {other}; ALTER ROLE {owner} NOCREATEROLE", other=name)
    assert stored_as.startswith("SCRAM-SHA-256$")


def as_superuser(role, statement, *params):
    with psycopg.connect(**place() | {"user": role.superuser}) as raw:
        return raw.execute(statement, params).fetchall()


def test_migrating_grants_what_is_new(role):
    role.run("REVOKE ALL ON blog_article FROM {app}")
    assert roles.lacking(role.app) == [f"{right} on blog_article" for right in roles.KEPT]
    call_command("migrate", verbosity=0, interactive=False)
    assert roles.lacking(role.app) == []
