"""Real processes on the test's database, each with connections of its own.

They are forked off a server that has loaded Django and opened nothing, so that one more costs milliseconds.
"""

import gc
import multiprocessing
import os
import threading
import traceback
import warnings
from contextlib import contextmanager
from multiprocessing.connection import wait
from unittest import mock

import django
import pytest
from django.apps import apps
from django.db import connection

if not apps.ready:
    django.setup()

from tests.eventstore import beans
from tests.eventstore.tools import ROOT, at_once, environ, place

forked = multiprocessing.get_context("forkserver")
forked.set_forkserver_preload([__name__, "tests.fire.writers", "tests.fire.readers"])

PATIENCE_S = 120
MOST_CONNECTIONS = 8
"""Of one process, so that two tests of four processes each leave some of the server's hundred to others."""


class Hand:
    """One process at one piece of work."""

    def __init__(self, work, *args):
        self._inbox, outbox = forked.Pipe(duplex=False)
        self._process = forked.Process(target=_labor, args=(outbox, place(), work, args), daemon=True)
        with mock.patch.dict(os.environ, environ() | {"PYTHONPATH": str(ROOT)}):
            self._process.start()
        outbox.close()

    def result(self, patience_s=PATIENCE_S):
        """What the work returned; an error with the traceback if it raised something."""
        assert self._inbox.poll(patience_s), "a process takes too long"
        raised, returned = self._inbox.recv()
        assert not raised, raised
        return returned

    def dismiss(self):
        self._process.kill()
        self._process.join()
        self._process.close()
        self._inbox.close()


@contextmanager
def crew():
    """Starts processes by `start(work, *args)`; none is left when the block ends."""
    hands = []

    def start(work, *args):
        hands.append(Hand(work, *args))
        return hands[-1]

    try:
        yield start
    finally:
        for hand in hands:
            hand.dismiss()


def together(number, work, *args):
    """What `work(0, *args)`, `work(1, *args)`, … return, each in a process of its own."""
    with crew() as start:
        return [hand.result() for hand in [start(work, nth, *args) for nth in range(number)]]


def clients(number, work):
    """What `work(0)`, `work(1)`, … return, in threads of this process that start together."""
    outcomes = at_once(number, work)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return outcomes


def _labor(outbox, where, work, args):
    gc.freeze()  # collecting what came with the fork would copy all of it, which may take a second
    threading.Thread(target=_leave_with_the_parent, daemon=True).start()
    warnings.simplefilter("error")
    beans.register(pytest.MonkeyPatch())
    _move_to(where)
    try:
        outbox.send(("", work(*args)))
    except BaseException:
        outbox.send((traceback.format_exc(), None))
    finally:
        connection.close()
        connection.close_pool()


def _leave_with_the_parent():
    wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


def _move_to(where):
    names = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
    connection.settings_dict.update({names[part]: value for part, value in where.items()})
    connection.settings_dict["OPTIONS"]["pool"]["max_size"] = MOST_CONNECTIONS
