"""Browsers of people, in which nothing may go wrong unnoticed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Response

from tests.cast import Person

PATIENCE_MS = 20_000
STATUS = "Failed to load resource: the server responded with a status of "
"""What Chromium says of every page that is no success, though it shows it; what a page loads is looked at below."""

Browse = Callable[..., Page]


@contextmanager
def browsing(chromium: Browser, site: str, trouble: list[str]) -> Iterator[Browse]:
    """Opens the site for a person, or for a visitor, each in a browser of their own; notes what goes wrong."""
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
            trouble.append(f"{page.url} loads {response.url}")
        if response.status >= 400 and response.request.resource_type not in {"document", "fetch"}:
            trouble.append(f"{page.url} misses {response.url}: {response.status}")

    def asked(dialog: Dialog) -> None:
        trouble.append(f"{page.url} asks: {dialog.message}")
        dialog.dismiss()

    page.on("console", said)
    page.on("response", answered)
    page.on("pageerror", lambda error: trouble.append(f"{page.url} breaks: {error}"))
    page.on("dialog", asked)
