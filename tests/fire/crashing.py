"""Dying in the middle: a piece of work is struck at its 1st, 2nd, 3rd … statement, until it lives to its end.

Every statement counts, BEGIN, SAVEPOINT and COMMIT among them: they are counted where psycopg sends them.
"""

import json
import logging
import os
import signal
import time
import traceback
from contextlib import contextmanager
from functools import partial
from itertools import count

import psycopg
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from psycopg._connection_base import BaseConnection
from psycopg._cursor_base import BaseCursor

from tests.eventstore.tools import one, place
from tests.fire.outage import leave

DOORS = (
    (BaseConnection, "_exec_command"),
    (BaseCursor, "_maybe_prepare_gen"),
    (BaseCursor, "_start_copy_gen"),
    (BaseCursor, "_stream_send_gen"),
)
BEFORE, AFTER = "before", "after"
DOOMED = "doomed"
TOO_LONG_S = 60

logger = logging.getLogger(__name__)


class Sweep:
    """Attempts at `work(key)`, each in a world of its own that `prepare(key)` makes. Iterating gives the key of
    each: it was struck just before one of its statements, or after the last, or it lived. `answer` is what the
    latest came to; `said`, the statements of one that lived. `thorough`: before and after every one; else one is
    killed before the odd ones, and disconnected before the even ones."""

    def __init__(self, work, strike, prepare=lambda key: None, *, thorough):
        self.work, self.strike, self.prepare, self.thorough = work, strike, prepare, thorough
        self.said, self.answer, self.struck = [], None, 0

    def __iter__(self):
        if self.thorough:
            yield from self._attempts(BEFORE, count(1))
            yield from self._attempts(AFTER, count(1))
        else:
            yield from self._attempts(BEFORE, count(1 if self.strike is killed else 2, 2))
            yield from self._attempts(AFTER, count(len(self.said)))
        logger.info("%s at %s of %s statements", self.strike.__name__, self.struck, len(self.said))

    def _attempts(self, when, where):
        for nth in where:
            key = f"{when[0]}{nth}"
            self.prepare(key)
            said, self.answer = self.strike(nth, when, partial(self.work, key))
            yield key
            if said is not None:
                assert len(said) < nth
                self.said = said
                return
            self.struck += 1

    @property
    def succeeded(self):
        """Whether the latest heard that it was done."""
        return self.answer is not None and not isinstance(self.answer, Exception)

    def covers(self, *words):
        """Whether it was struck at every one of these kinds of statement."""
        return {text.partition(" ")[0] for text in self.said} >= set(words)


def killed(nth, when, work):
    """Does the work in a process that kills itself at its nth statement; what it said if it lived, else None."""
    leave()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _live(work, nth, when, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        _await_the_end_of(DOOMED)
        return None, None
    assert os.waitstatus_to_exitcode(status) == 0
    return json.loads(said), None


def _live(work, nth, when, writing):
    """In the child, which never returns, and leaves nothing that its parent opened worse for it."""
    signal.alarm(TOO_LONG_S)
    connection.settings_dict["OPTIONS"]["application_name"] = DOOMED
    try:
        connection.ensure_connection()
        with striking(nth, when, lambda _: os.kill(os.getpid(), signal.SIGKILL)) as said:
            work()
        os.write(writing, json.dumps(said).encode())
        os._exit(0)
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(1)


def disconnected(nth, when, work):
    """Does the work here, on a connection that the server ends at the nth statement; what it said if it was not
    ended, else None; and the answer, or the error, which can only be trouble with the database."""
    close_old_connections()
    connection.ensure_connection()
    struck = []

    def strike(speaker):
        struck.append(speaker)
        terminate(speaker.info.backend_pid)

    with striking(nth, when, strike) as said:
        try:
            answer = work()
        except (OperationalError, InterfaceError) as trouble:
            assert struck
            answer = trouble
    close_old_connections()
    return (None if struck else said), answer


def terminate(pid):
    """Ends a connection from the server's side; it has ended on return."""
    with psycopg.connect(**place(), autocommit=True) as raw:
        raw.execute("SELECT pg_terminate_backend(%s)", (pid,))
        until(lambda: not raw.execute("SELECT FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchall())


def until(condition, within_s=10):
    deadline, pause = time.monotonic() + within_s, 0.001
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(pause)
        pause = min(2 * pause, 0.1)


@contextmanager
def striking(nth, when, strike):
    """Calls `strike` with the connection just before or just after the nth statement of the block; all that was
    said in it."""
    said, former = [], [getattr(cls, name) for cls, name in DOORS]
    spoken = count(1)  # by whichever thread
    for (cls, name), door in zip(DOORS, former, strict=True):
        setattr(cls, name, _watched(door, said, spoken, nth, when, strike))
    try:
        yield said
    finally:
        for (cls, name), door in zip(DOORS, former, strict=True):
            setattr(cls, name, door)


def _watched(door, said, spoken, nth, when, strike):
    def walk(speaker, statement, *args, **kwargs):
        said.append(_text(statement))
        struck = next(spoken) == nth
        if struck and when == BEFORE:
            strike(_connection(speaker))
        answer = yield from door(speaker, statement, *args, **kwargs)
        if struck and when == AFTER:
            strike(_connection(speaker))
        return answer

    return walk


def _connection(speaker):
    return speaker if isinstance(speaker, BaseConnection) else speaker.connection


def _text(statement):
    text = getattr(statement, "query", statement)
    return text.decode() if isinstance(text, bytes) else str(text)


def _await_the_end_of(name):
    """The server finds out that a client is gone when it next reads from it, which is soon."""
    left = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
    )
    until(lambda: one(left, name) == 0)
