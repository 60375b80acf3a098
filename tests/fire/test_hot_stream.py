"""Sixty-four clients in several processes want to write the next fact of one stream: each version has one
winner, and whoever came too late is told so.
"""

import threading

import pytest
from django.db import connection

from eventstore import log, store
from eventstore.carry_out import ATTEMPTS, TooBusy
from eventstore.catch_up import catch_up
from eventstore.database import rows
from eventstore.dispatch import dispatch
from eventstore.policy import policies
from eventstore.projector import projectors
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans
from tests.eventstore.tools import append, one, stored
from tests.fire.crew import clients, forked, together

PROCESSES, EACH = 4, 16
CLIENTS = PROCESSES * EACH
PATIENCE_S = 20
STREAM = "jar-hot"


def race(_, rounds, start):
    """In each round all have read the stream before the first appends; the versions that these clients won."""

    def compete(_):
        return [attempt() for _ in range(rounds)]

    def attempt():
        past = next(log.read_stream_backwards(STREAM, batch=1), None)
        version = past.version if past else 0
        _let_go(start)
        try:
            append(STREAM, version)
        except store.StreamMoved:
            return None
        else:
            return version + 1
        finally:
            _let_go(start)

    return clients(EACH, compete)


def _let_go(barrier):
    """Waits for the others, without a connection that one of them may need."""
    connection.close()
    barrier.wait(PATIENCE_S)


def test_each_version_of_a_hot_stream_has_exactly_one_winner(database, long):
    rounds = 200 if long else 20
    of_processes = together(PROCESSES, race, rounds, forked.Barrier(CLIENTS))
    of_clients = [versions for process in of_processes for versions in process]
    for nth, outcomes in enumerate(zip(*of_clients, strict=True), start=1):
        assert len(outcomes) == CLIENTS
        assert [version for version in outcomes if version] == [nth]
    assert [fact.version for fact in log.read_stream(STREAM)] == list(range(1, rounds + 1))
    assert stored() == (rounds, rounds, 0)


def add_beans(_, times):
    """Dispatches so many commands with each client: what came of each, and how often it was tried."""
    append, tried = store.append, threading.local()
    _follow_with_the_shelf_alone()

    def counted(*args):
        tried.times += 1
        return append(*args)

    def add():
        tried.times = 0
        try:
            return dispatch(AddBeans(jar="hot")).position, tried.times
        except TooBusy:
            return None, tried.times
        finally:
            connection.close()

    store.append = counted
    return clients(EACH, lambda _: [add() for _ in range(times)])


def beans_shown(_):
    """How many beans the read model shows in the end."""
    _follow_with_the_shelf_alone()
    catch_up()
    return beans.Shelf.objects.get(id="hot").beans


def _follow_with_the_shelf_alone():
    projectors[:], policies[:] = [beans.shelf], []


@pytest.fixture
def shelf(database):
    with connection.schema_editor() as editor:
        editor.create_model(beans.Shelf)


@pytest.mark.usefixtures("shelf")
def test_commands_to_a_hot_stream_are_carried_out_once_or_refused_as_too_busy(long):
    times = 30 if long else 3
    of_clients = [outcomes for process in together(PROCESSES, add_beans, times) for outcomes in process]
    outcomes = [outcome for outcomes in of_clients for outcome in outcomes]
    done = sorted(position for position, _ in outcomes if position)
    print(f"{len(done)} of {len(outcomes)} commands were carried out")  # noqa: T201
    assert len(outcomes) == CLIENTS * times
    assert max(tried for _, tried in outcomes) <= ATTEMPTS
    assert {tried for position, tried in outcomes if position is None} <= {ATTEMPTS}
    facts = list(log.read_stream(STREAM))
    assert [fact.position for fact in facts] == done
    assert [fact.version for fact in facts] == list(range(1, len(done) + 1))
    assert _audit("accepted") == [(fact.command_id, STREAM, fact.version, "") for fact in facts]
    assert [row[1:] for row in _audit("failed")] == [(STREAM, None, "TooBusy")] * (len(outcomes) - len(done))
    assert one("SELECT count(*) FROM eventstore_command") == len(outcomes)
    assert together(1, beans_shown) == [len(done)]


def _audit(outcome):
    return rows(
        b"SELECT id, stream, first_version, reason FROM eventstore_command WHERE outcome = %s "
        b"ORDER BY first_version",
        (outcome,),
    )
