"""Whatever has happened: folded live, fact by fact, or again in batches of any size, it comes to the same bytes."""

from contextlib import suppress

import pytest
from django.db import connection, transaction
from hypothesis import given, settings

from eventstore.catch_up import catch_up
from eventstore.database import execute, rows
from eventstore.dispatch import dispatch
from eventstore.messages import Rejection
from eventstore.projector import projectors
from eventstore.rebuild import Rebuild
from eventstore.verify import Verification
from tests.golden.test_any_history import BEGINNING, BUSY, whatever

BATCHES = (1, 2, 7, 500, 1_000_000)
TABLES = sorted(model._meta.db_table for projector in projectors for model in projector.tables)


@pytest.fixture(scope="module")
def _one_log(fresh_database):
    """Each history goes on where the last one ended."""
    with fresh_database():
        ask(BEGINNING)
        yield


def ask(commands):
    for command in commands:
        with suppress(Rejection):
            dispatch(command)


def contents():
    """Every byte of every row, as one word for each table."""
    return {table: rows(_DIGEST.format(table=table).encode()) for table in TABLES}


_DIGEST = "SELECT count(*), md5(string_agg(held::text, '|' ORDER BY held::text)) FROM {table} AS held"


def replayed(batch):
    """What the projectors make of the log from its beginning; everything is as it was afterwards."""
    with transaction.atomic():
        for table in TABLES:
            execute(f"DELETE FROM {table}".encode())
        names = [projector.name for projector in projectors]
        execute(b"UPDATE eventstore_checkpoint SET position = 0 WHERE name = ANY(%s)", (names,))
        catch_up(batch=batch)
        found = contents()
        transaction.set_rollback(True)
    return found


@pytest.mark.usefixtures("_one_log")
@settings(max_examples=8, deadline=None, suppress_health_check=BUSY)
@given(whatever)
def test_live_and_in_batches_of_any_size_it_comes_to_the_same_bytes(commands):
    ask(commands)
    live = contents()
    for batch in BATCHES:
        assert replayed(batch) == live, batch


@pytest.mark.usefixtures("_one_log")
@settings(max_examples=2, deadline=None, suppress_health_check=BUSY)
@given(whatever)
def test_a_rebuild_in_batches_of_any_size_finds_no_difference(commands):
    ask(commands)
    for batch in (1, 7):
        for projector in projectors:
            assert Rebuild(projector, batch=batch).run(check=True).differing == 0


@pytest.mark.usefixtures("_one_log")
@settings(max_examples=8, deadline=None, suppress_health_check=BUSY)
@given(whatever)
def test_whatever_has_happened_the_log_is_whole(commands):
    ask(commands)
    problems = []
    Verification(problems.append).run()
    assert problems == []


@pytest.mark.usefixtures("_one_log")
def test_a_byte_that_differs_is_seen():
    ask(BEGINNING)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE blog_author SET articles_count = articles_count + 1")
        assert contents() != replayed(500)
        transaction.set_rollback(True)
