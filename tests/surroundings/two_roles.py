"""The tables of the test's database belong to one role, and Django's connection is another's."""

from contextlib import contextmanager, suppress
from typing import NamedTuple

import psycopg
from django.db import connection
from psycopg import sql

from tests.eventstore.tools import place
from tests.fire.outage import leave

HAND_OVER = """
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER TABLE public.%I OWNER TO {owner}', each.tablename);
    END LOOP;
    FOR each IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO {owner}', each.name);
    END LOOP;
END $$;
ALTER DATABASE {database} OWNER TO {owner};
"""
TAKE_BACK = "REASSIGN OWNED BY {owner} TO {superuser}; DROP OWNED BY {owner}, {app}; DROP ROLE {owner}, {app}"


class Roles(NamedTuple):
    owner: str
    app: str
    superuser: str

    def run(self, statement, **others):
        """As a superuser, in a session of its own."""
        names = {name: sql.Identifier(value) for name, value in {**self._asdict(), **others}.items()}
        with psycopg.connect(**place() | {"user": self.superuser}, autocommit=True) as raw:
            raw.execute(sql.SQL(statement).format(**names))


@contextmanager
def two_roles():
    """Nothing is granted yet. Roles are the whole server's: their names are made of the database's."""
    settings, database = connection.settings_dict, connection.settings_dict["NAME"]
    before = {name: settings[name] for name in ("USER", "MIGRATION")}
    roles = Roles(f"{database}_owner", f"{database}_app", settings["USER"])
    with suppress(psycopg.errors.UndefinedObject):  # a run that was killed may have left them
        roles.run("DROP ROLE IF EXISTS {owner}, {app}")
    roles.run("CREATE ROLE {owner} LOGIN")
    roles.run("CREATE ROLE {app} LOGIN")
    leave()
    try:
        roles.run(HAND_OVER, database=database)
        settings.update(USER=roles.app, MIGRATION=settings["MIGRATION"] | {"USER": roles.owner})
        yield roles
    finally:
        leave()
        settings.update(before)
        roles.run(TAKE_BACK)
