"""A browser, and the site that it visits. Whatever goes wrong in the browser unasked fails the test.

The site is started once and keeps its database's name; each test here gets a fresh database of that name. It is a
name of its own: the site projects whatever it finds there, while other tests want to be alone.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, Error, expect, sync_playwright

from tests.browser.browsing import PATIENCE_MS, Browse, browsing
from tests.browser.site import SITE, serving, swept

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]
NO_BROWSER = "The browser tests need Chromium, which .ci/browser installs: "


@pytest.fixture
def database(site: str, fresh_database: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """The name of a fresh database, which Django's default connection and the site are on."""
    with swept(site, fresh_database) as name:
        yield name


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the site keeps what is no database: its static files, its log, its mails."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="session")
def site(fresh_database: Callable[..., AbstractContextManager[str]], folder: Path) -> Iterator[str]:
    """The address of the site. It outlives the database that it was started on, and finds the next one."""
    with ExitStack() as running:
        with fresh_database(SITE):
            address = running.enter_context(serving(folder / "static"))
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not longer than for a module: other tests can't have an event loop while Playwright has one.

    It runs, mostly idle, in the tests' own thread, where Django then has to be told that all is well. Django keeps
    other connections there while a loop runs: they are closed before it ends, since nobody finds them afterwards.
    """
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    with pytest.MonkeyPatch.context() as environ, sync_playwright() as playwright:
        environ.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE_MS)
        try:
            browser = playwright.chromium.launch(executable_path=next(filter(None, found), None), args=FLAGS)
        except Error as error:
            pytest.fail(NO_BROWSER + str(error))
        yield browser
        connections.close_all()
        browser.close()


@pytest.fixture
def trouble() -> list[str]:
    """What went wrong in the browser; a test that expects something takes it out."""
    return []


@pytest.fixture
def browse(site: str, database: str, chromium: Browser, trouble: list[str]) -> Iterator[Browse]:
    """Opens the site for a person, or for a visitor, in a browser of their own."""
    with browsing(chromium, site, trouble) as browse:
        yield browse
    assert trouble == []
