"""The engine under test, with a domain of its own: jars of beans on a shelf."""

import pytest
from django.db import connection, transaction

from eventstore import checkpoints, codec
from eventstore.policy import Policy, policies
from eventstore.projector import Projector, projectors
from tests.eventstore import beans


@pytest.fixture(autouse=True)
def _domain(monkeypatch):
    """Only what a test asks for follows the log, and nothing is remembered of other tests."""
    beans.register(monkeypatch)
    codec.decoder.cache_clear()
    checkpoints._unreadable.clear()
    yield
    codec.decoder.cache_clear()


@pytest.fixture
def follow():
    """Makes these projectors and policies the only ones."""
    before = projectors[:], policies[:]

    def only(*followers):
        projectors[:] = [each for each in followers if isinstance(each, Projector)]
        policies[:] = [each for each in followers if isinstance(each, Policy)]

    yield only
    projectors[:], policies[:] = before


@pytest.fixture(scope="module")
def shared_database(fresh_database):
    """One database for all tests of a file, which keep out of each other's streams."""
    with fresh_database() as name:
        _put_up()
        yield name


@pytest.fixture
def rolled_back(shared_database):
    """The shared database, which is as it was when the test is over."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def shelf(database, follow):
    """A fresh database with a shelf for jars, which the projector of the domain fills."""
    _put_up()
    follow(beans.shelf)
    return beans.Shelf.objects


def _put_up():
    with connection.schema_editor() as editor:
        for model in (beans.Shelf, beans.Shard, beans.Bowl):
            editor.create_model(model)
