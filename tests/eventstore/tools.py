"""What tests of the engine need beside it: raw connections, open writers, threads, processes."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
from django.db import connection

from eventstore import log, store
from eventstore.database import rows
from tests.eventstore.beans import BeansAdded

ROOT = Path(__file__).resolve().parents[2]


def order(command_id=None, name="beans.add"):
    return store.Order(
        id=command_id or uuid4(),
        name=name,
        payload="{}",
        digest=b"digest",
        actor_id=None,
        address="",
        correlation_id=uuid4(),
        caused_by=None,
    )


def append(stream="jar-1", after=0, events=None, names=(), command_id=None):
    events = [BeansAdded(jar="1", count=1)] if events is None else events
    return store.append(order(command_id), stream, after, events, names)


def add(jar="1", *counts, note=None):
    """Appends to a jar without showing it; the positions."""
    past = len(list(log.read_stream(f"jar-{jar}")))
    return append(
        f"jar-{jar}", past, [BeansAdded(jar=jar, count=count, note=note) for count in counts or (1,)]
    )


def ask(statement, *params):
    return rows(statement.encode(), params)


def one(statement, *params):
    [(value,)] = ask(statement, *params)
    return value


def stored():
    """How many events, commands and claims there are."""
    return tuple(one(f"SELECT count(*) FROM eventstore_{name}") for name in ("event", "command", "claim"))


def place(name=None):
    """Where the database of the test is, for psycopg."""
    settings = connection.settings_dict
    return {
        "host": settings["HOST"],
        "port": settings["PORT"],
        "user": settings["USER"],
        "dbname": name or settings["NAME"],
    }


@contextmanager
def another(autocommit=True, **changes):
    """A connection beside Django's."""
    with psycopg.connect(**place() | changes, autocommit=autocommit) as raw:
        yield raw


INSERT = """
INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at)
SELECT %s, nth, 'beans.added', 1, '{"jar": "1", "count": 1}', gen_random_uuid(), clock_timestamp()
FROM generate_series(%s::int, %s::int) AS nth
RETURNING position
"""


@contextmanager
def open_writer(stream="jar-open", versions=1):
    """A transaction that has appended to the log and not ended; rolled back unless the test commits it."""
    with psycopg.connect(**place()) as raw:
        raw.execute(INSERT, (stream, 1, versions))
        yield raw
        raw.rollback()


def at_once(number, work):
    """Runs work(0), work(1), … in threads that start together; what each returned, or raised."""
    ready = threading.Barrier(number)

    def run(nth):
        ready.wait(20)
        try:
            return work(nth)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(run, range(number)))


@contextmanager
def meanwhile(work):
    """Runs work beside the block, again and again until the block ends; what it raised is raised here."""
    done, raised = threading.Event(), []

    def run():
        try:
            while not done.is_set():
                work()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert not raised, raised


def environ():
    """The environment of a process that works on the test's database."""
    at = place()
    url = f"postgres://{at['user']}@/{at['dbname']}?host={quote(at['host'], safe='')}&port={at['port']}"
    return os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONUNBUFFERED": "1",
    }


class Process(subprocess.Popen[str]):
    """Does not outlive its block, and heeds Ctrl-C even where these tests run in the background."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options, preexec_fn=_heed_ctrl_c)

    def __exit__(self, *raised):
        if self.poll() is None:
            self.kill()
        super().__exit__(*raised)


def _heed_ctrl_c():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*command):
    """A process of its own on the test's database."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return Process([sys.executable, *command], cwd=ROOT, env=environ(), **pipes)


def manage(*arguments):
    return start("manage.py", *arguments)
