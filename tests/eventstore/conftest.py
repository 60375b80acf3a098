"""The engine under test, with a domain of its own: jars of beans on a shelf."""

import pytest
from django.db import connection

from eventstore import checkpoints, codec
from eventstore.policy import policies
from eventstore.projector import projectors
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
        projectors[:] = [each for each in followers if hasattr(each, "project")]
        policies[:] = [each for each in followers if not hasattr(each, "project")]

    yield only
    projectors[:], policies[:] = before


@pytest.fixture
def shelf(database, follow):
    """A shelf for jars, which the projector of the domain fills."""
    with connection.schema_editor() as editor:
        editor.create_model(beans.Shelf)
        editor.create_model(beans.Shard)
    follow(beans.shelf)
    return beans.Shelf.objects
