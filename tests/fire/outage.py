"""A PostgreSQL of one's own, to be stopped as if the power failed; Django's connection is on it meanwhile."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connection, connections

from conduit.embedded.lifetime import Server
from tests.eventstore.tools import place

NAME = "conduit"


class Power:
    """What can be done to the server of a home."""

    def __init__(self, server):
        self.server, self._cluster = server, server.cluster

    def fail(self):
        """Stops it as it stands: nothing is finished, nothing is said to anybody."""
        self._cluster._binaries.run("pg_ctl", "stop", "-D", self._cluster.data, "-m", "immediate", "-w")

    def return_(self):
        """It is there again, and has recovered, on return."""
        self._cluster.start()


def end_all_sessions():
    """Whatever they are in the middle of."""
    with psycopg.connect(**place(), autocommit=True) as raw:
        raw.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def own_server():
    """Durable, as in production, and migrated."""
    folder = Path(tempfile.mkdtemp(prefix="conduit-fire-"))
    folder.chmod(0o755)
    server = Server(folder / "postgres", durable=True)
    try:
        server.ensure(NAME)
        with moved_to(server):
            call_command("migrate", verbosity=0, interactive=False)
            yield Power(server)
    finally:
        server.release()
        shutil.rmtree(folder)


@contextmanager
def moved_to(server):
    settings = connection.settings_dict
    former = {name: settings[name] for name in ("HOST", "PORT", "NAME")}
    leave()
    settings.update(HOST=str(server.socket_dir), PORT="5432", NAME=NAME)
    try:
        yield
    finally:
        leave()
        settings.update(former)


def leave():
    """No connection is left, in the pool neither."""
    connections.close_all()
    connection.close_pool()
