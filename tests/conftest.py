"""The database under test: each test gets a copy of a migrated template, and commits for real.

The log refuses to be emptied, so nothing is cleaned up: the copy is thrown away.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from psycopg import sql
from pytest_django import DjangoDbBlocker

from accounts.post import post
from tests.cast import Cast


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stress", action="store_true", help="run the long forms of tests/fire")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Crowds and crashes come last: they want the whole machine, and pages want their share of it."""
    items.sort(key=lambda item: "tests/fire/" in item.nodeid)


@pytest.fixture(scope="session")
def template(django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a migrated database that no test writes to."""
    with django_db_blocker.unblock():
        _drop(connection.creation._get_test_db_name())  # type: ignore[attr-defined]  # a run that was killed may have left it, and in use
        made = setup_databases(
            verbosity=0, interactive=False, aliases={"default": None}, serialized_aliases=set()
        )
        yield connection.settings_dict["NAME"]
        _leave()
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def django_db_setup(template: str) -> None:
    """Whatever asks pytest-django for a database gets this one."""


@pytest.fixture(scope="session")
def fresh_database(
    template: str, django_db_blocker: DjangoDbBlocker
) -> Callable[..., AbstractContextManager[str]]:
    """Opens a fresh database, which Django's default connection is on until it is left."""

    @contextmanager
    def fresh(suffix: str = "copy") -> Iterator[str]:
        with django_db_blocker.unblock(), _copied(template, f"{template}_{suffix}") as name:
            yield name

    return fresh


@pytest.fixture
def database(fresh_database: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """The name of a fresh database, which Django's default connection is on."""
    with fresh_database() as name:
        yield name


@contextmanager
def _copied(template: str, copy: str) -> Iterator[str]:
    _leave()
    _drop(copy)
    _maintain(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(copy), sql.Identifier(template))
    )
    _move_to(copy)
    try:
        yield copy
    finally:
        post.wait(20)  # what is done after an answer is done in the database of its test
        _leave()
        _move_to(template)
        _drop(copy)


def _leave() -> None:
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]


def _move_to(name: str) -> None:
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


def _drop(name: str) -> None:
    """Whoever is still connected, such as a server that outlived its killed test, is sent away."""
    _maintain(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _maintain(statement: sql.Composed) -> None:
    """Runs a statement about databases, from a database that nothing here is about."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def cast(database: str) -> Cast:
    """Jake writes, Jane reads, Mallory meddles."""
    return Cast()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test logged may hold half a character, which can't travel from one process to another."""
    report = yield
    report.sections = [(title, _whole(text)) for title, text in report.sections]
    return report


def _whole(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
