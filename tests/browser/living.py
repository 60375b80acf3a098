"""Open pages: what is shown on them, what was said, what must not have moved; and what is done elsewhere meanwhile."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page

from blog.commands import DeleteArticle, DeleteComment, EditArticle, RestoreArticle, RestoreComment
from eventstore.dispatch import dispatch
from tests.browser.browsing import PATIENCE_MS, Browse, browsing
from tests.browser.line import Line, line_to
from tests.cast import Article, Person

LONG = "\n\n".join(["A paragraph that takes a line or two on most screens, and says little. " * 3] * 40)

ANNOUNCED = """() => {
  window.announced = [];
  const status = document.querySelector("#status");
  new MutationObserver(() => status.textContent && announced.push(status.textContent))
    .observe(status, {childList: true});
}"""
BEARING = """() => {
  const {activeElement: there} = document, {selectionStart, selectionEnd, value} = there;
  const [title] = document.querySelectorAll("h1");
  return [there.id || there.tagName, selectionStart, selectionEnd, value, scrollX, scrollY,
    title.getBoundingClientRect().top];
}"""
SHIFTS = """() => {
  window.shifted = [];
  new PerformanceObserver(list => list.getEntries().forEach(shift => {
    if (!shift.hadRecentInput) shifted.push([shift.value,
      shift.sources.map(({node}) => node?.outerHTML?.slice(0, 80) || node?.textContent)]);
  })).observe({type: "layout-shift"});
}"""
LIVE = "#live > span"
LAST = """window.WebSocket = class extends WebSocket {
  constructor(url) { super(url); window.last = this; }
};"""
"""So that the page's present socket can be looked at."""
OPEN, CLOSED = "last.readyState === 1", "last.readyState === 3"
CUT = ("WebSocket connection to 'ws://localhost", "Failed to load resource: net::ERR_")
"""How a browser complains whose line was cut."""


def button(page: Page, words: str) -> Locator:
    return page.get_by_role("button", name=words, exact=True)


def status(page: Page) -> Locator:
    return page.locator("#status")


def calm_line(page: Page) -> Locator:
    """Where the footer says that something is wrong with the live updates."""
    return page.locator(LIVE)


def comments(page: Page) -> Locator:
    return page.locator("#letters p.card-text")


def letter(page: Page, words: str) -> Locator:
    return page.locator("#letters > li", has_text=words)


def hearts(page: Page) -> Locator:
    return page.locator("[data-count^=hearts]")


def announcements(page: Page) -> Callable[[], list[str]]:
    """To be asked later what was said from now on."""
    page.evaluate(ANNOUNCED)
    return lambda: list(page.evaluate("window.announced"))


def bearing(page: Page) -> list[Any]:
    """Where the reader is: the focus, the caret and what is typed, how far the page is scrolled, where its title is."""
    return list(page.evaluate(BEARING))


def shifts(page: Page) -> Callable[[], list[Any]]:
    """To be asked later for the layout's shifts from now on that nobody on the page brought about."""
    page.evaluate(SHIFTS)
    return lambda: list(page.evaluate("window.shifted"))


def news(page: Page) -> list[str]:
    """Fills with the frames that the page gets on sockets that it opens from now on."""
    frames: list[str] = []

    def hear(frame: str | bytes) -> None:
        frames.append(str(frame))

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    return frames


def edit(author: Person, article: Article, **texts: Any) -> None:
    assert dispatch(EditArticle(article_id=article.id, author_id=author.id, **texts)).shown


def delete(author: Person, article: Article) -> None:
    assert dispatch(DeleteArticle(article_id=article.id, author_id=author.id)).shown


def restore(author: Person, article: Article) -> None:
    assert dispatch(RestoreArticle(article_id=article.id, author_id=author.id)).shown


def take_back(author: Person, comment_id: Any) -> None:
    assert dispatch(DeleteComment(comment_id=comment_id, author_id=author.id)).shown


def say_after_all(author: Person, comment_id: Any) -> None:
    assert dispatch(RestoreComment(comment_id=comment_id, author_id=author.id)).shown


@contextmanager
def browsing_over(chromium: Browser, site: str) -> Iterator[tuple[Browse, Line]]:
    """Opens the site over a line; what a browser says of its being cut is no trouble, everything else is."""
    trouble: list[str] = []
    with line_to(site) as (address, line), browsing(chromium, address, trouble) as browse:
        yield browse, line
    assert [said for said in trouble if not said.split(" says: ")[-1].startswith(CUT)] == []


def prepared(browse: Browse, who: Person | None = None, *, clock: bool = False, **options: Any) -> Page:
    """A page that is still empty, for what has to be there before it is opened; with a clock that can be put forward."""
    page = browse(who, "about:blank", **options)
    if clock:
        page.clock.install()
    return page


def opened(browse: Browse, path: str, *, clock: bool = False) -> Page:
    """A page that listens."""
    page = prepared(browse, clock=clock)
    page.add_init_script(LAST)
    page.goto(path)
    until(page, OPEN)
    return page


def until(page: Page, expression: str) -> None:
    """Waits for a moment, which Playwright's own function for it may not where the CSP is strict."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(10)


def port_of(address: str) -> int:
    return urlsplit(address).port or 80
