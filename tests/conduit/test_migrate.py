"""`migrate` works as the owner of the tables, everyone else as a role that owns nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from blog import migrations
from conduit.management.commands.migrate import as_owner
from tests.eventstore.tools import another, at_once, one

ROOT = Path(__file__).resolve().parents[2]
ROLES = """
CREATE ROLE owner LOGIN;
CREATE ROLE application LOGIN;
ALTER DATABASE conduit OWNER TO owner;
"""


def url(server, role):
    return f"postgres://{role}@/conduit?host={quote(str(server.socket_dir), safe='')}"


def test_what_it_creates_belongs_to_the_owner(shared_server):
    address = url(shared_server, "postgres")
    with psycopg.connect(address, autocommit=True) as superuser:
        superuser.execute(ROLES)
        roles = {
            "DATABASE_URL": url(shared_server, "application"),
            "DATABASE_OWNER_URL": url(shared_server, "owner"),
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        environ = os.environ | roles | {"DEBUG": "1", "DJANGO_SETTINGS_MODULE": "conduit.settings"}
        subprocess.run(command, cwd=ROOT, env=environ, check=True, timeout=60)
        owners = superuser.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    assert owners == [("owner",)]


@pytest.mark.django_db
def test_it_may_work_for_long_but_not_wait_for_long():
    usual = connection.connection
    with as_owner("default"):
        assert connection.connection is not usual
        assert connection.settings_dict["NAME"].startswith("test_")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
            assert cursor.fetchone() == ("0", "5s")
    assert connection.connection is usual


MORE = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("blog", "{last}")]
    operations = [migrations.RunSQL("ALTER TABLE blog_article ADD COLUMN more int", "SELECT 1")]
"""


@pytest.fixture
def one_more(database, tmp_path, monkeypatch, settings):
    """A migration of the articles' table, by somebody who does not wait for long."""
    [folder] = migrations.__path__
    last = max(path.stem for path in Path(folder).glob("0*.py"))
    package = tmp_path / "of_blog_and_one_more"
    package.mkdir()
    (package / "9999_more.py").write_text(MORE.format(last=last))
    (package / "__init__.py").write_text(f"__path__.append({folder!r})")
    monkeypatch.syspath_prepend(str(tmp_path))
    settings.MIGRATION_MODULES = {"blog": package.name}
    options = connection.settings_dict["MIGRATION"]["OPTIONS"]
    monkeypatch.setitem(
        options, "options", re.sub("lock_timeout=[0-9]+s", "lock_timeout=1s", options["options"])
    )


def migrate():
    call_command("migrate", "blog", verbosity=0, interactive=False)


def columns():
    return one("SELECT count(*) FROM information_schema.columns WHERE table_name = 'blog_article'")


def test_behind_a_long_reader_it_fails_in_words_and_readers_go_on(one_more):
    def work(nth):
        return migrate() if nth == 0 else [one("SELECT count(*) FROM blog_article") for _ in range(50)]

    before = columns()
    with another(autocommit=False) as reading:
        reading.execute("SELECT count(*) FROM blog_article")
        failed, *readers = at_once(5, work)
        assert isinstance(failed, CommandError), failed
        assert "somebody is at work for long" in str(failed)
        assert readers == [[0] * 50] * 4
        assert columns() == before
    migrate()
    assert columns() == before + 1
