"""What the tests of the live pages share: a site that is served, and its people."""

from contextlib import ExitStack
from http import HTTPStatus

import pytest

from eventstore import codec
from eventstore.catch_up import catch_up
from tests.cast import Cast
from tests.eventstore import beans
from tests.live import jars as jars_
from tests.live.listening import becomes
from tests.live.wire import a_site, answer

NAME, OK = "live", HTTPStatus.OK


@pytest.fixture(scope="package")
def running(fresh_database):
    """A site that outlives the database that it was started on, and finds the next one of the same name."""
    with ExitStack() as stack:
        with fresh_database(NAME):
            site = stack.enter_context(a_site())
        yield site


@pytest.fixture(scope="module")
def site(running, fresh_database):
    """The port of a site, and its process: one for all tests of a file, which leave it running."""
    with fresh_database(NAME):
        assert becomes(lambda: answer(running[0], "/")[0] == OK)
        yield running


@pytest.fixture(scope="module")
def people(site):
    """Jake, Jane and Mallory, who have registered there."""
    cast = Cast()
    assert all((cast.jake, cast.jane, cast.mallory))
    return cast


@pytest.fixture(scope="module")
def article(people):
    return people.jake.publishes()


@pytest.fixture
def told(monkeypatch):
    """Each handful of beans is told, in whatever database."""
    beans.register(monkeypatch)
    codec.decoder.cache_clear()
    jars_.tell(monkeypatch, jars_.handful)
    yield
    codec.decoder.cache_clear()


@pytest.fixture(scope="module")
def shared(fresh_database):
    """One database for all tests of a file: each begins where the log is then."""
    with fresh_database("jars"):
        catch_up()
        yield


@pytest.fixture
def jars(shared, told):
    """Jars of beans, of which each handful is told, in a database that others have used."""


@pytest.fixture
def own_jars(database, told):
    """The same in a fresh database."""
    catch_up()
