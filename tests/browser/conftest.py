"""A browser, and the site that it visits. Whatever goes wrong in the browser unasked fails the test.

The site is started once and keeps its database's name; each test gets a fresh database of that name.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Response,
    sync_playwright,
)

from tests.browser.pages import every_page
from tests.browser.site import serving
from tests.cast import Cast, Person

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]
PATIENCE_MS = 10_000
NO_BROWSER = "The browser tests need Chromium, which .ci/browser installs: "
STATUS = "Failed to load resource: the server responded with a status of "
"""What Chromium says of every page that is no success, though it shows it; what a page loads is looked at below."""

Browse = Callable[..., Page]


@pytest.fixture(scope="session")
def site(
    fresh_database: Callable[[], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the site. It outlives the database that it was started on, and finds the next one."""
    with fresh_database(), serving(tmp_path_factory.mktemp("site") / "static") as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not longer than for a module: other tests can't have an event loop while Playwright has one.

    It runs, mostly idle, in the tests' own thread, where Django then has to be told that all is well.
    """
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    with pytest.MonkeyPatch.context() as environ, sync_playwright() as playwright:
        environ.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        try:
            browser = playwright.chromium.launch(executable_path=next(filter(None, found), None), args=FLAGS)
        except Error as error:
            pytest.fail(NO_BROWSER + str(error))
        yield browser
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


@pytest.fixture(scope="module")
def tour(
    site: str, fresh_database: Callable[[], AbstractContextManager[str]], chromium: Browser
) -> Iterator[Callable[..., Iterator[tuple[str, Page]]]]:
    """Goes to every page; for fixtures that look at each of them once for several tests."""
    trouble: list[str] = []
    with fresh_database(), browsing(chromium, site, trouble) as browse:
        yield partial(every_page, browse, Cast())
    assert trouble == []


@contextmanager
def browsing(chromium: Browser, site: str, trouble: list[str]) -> Iterator[Browse]:
    contexts: list[BrowserContext] = []

    def browse(who: Person | None = None, path: str = "/", **options: Any) -> Page:
        context = chromium.new_context(base_url=site, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if who:
            session = who.browser.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        page = context.new_page()
        _watch(page, site, trouble)
        page.goto(path)
        return page

    yield browse
    for context in contexts:
        context.close()


def _watch(page: Page, site: str, trouble: list[str]) -> None:
    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(STATUS):
            trouble.append(f"{page.url} says: {message.text}")

    def answered(response: Response) -> None:
        if not response.url.startswith((f"{site}/", "data:", "blob:")):
            trouble.append(f"{page.url} asks {response.url}")
        if response.status >= 400 and response.request.resource_type not in {"document", "fetch"}:
            trouble.append(f"{page.url} misses {response.url}: {response.status}")

    page.on("console", said)
    page.on("response", answered)
    page.on("pageerror", lambda error: trouble.append(f"{page.url} breaks: {error}"))
    page.on("dialog", lambda dialog: trouble.append(f"{page.url} asks: {dialog.message}"))
