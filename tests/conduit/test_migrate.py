"""`migrate` works as the owner of the tables, everyone else as a role that owns nothing."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from conduit.management.commands.migrate import as_owner

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
