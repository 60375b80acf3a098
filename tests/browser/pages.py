"""Every kind of page as the browser comes to it: those of the tour, and those that take a click or two."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from playwright.sync_api import Page, expect

from accounts import queries
from accounts.resetting import link
from tests.cast import Cast, Person
from tests.pages.tour import tour

Do = Callable[[Page], None]


def every_page(browse: Callable[..., Page], cast: Cast, **options: Any) -> Iterator[tuple[str, Page]]:
    """Each page by its name, as it is seen; one browser for each person, since opening one is what takes long."""
    opened: dict[Person | None, Page] = {}
    for name, who, path, do in _stops(cast):
        page = opened.get(who) or opened.setdefault(who, browse(who, **options))
        page.goto(path)
        do(page)
        yield name, page


def _stops(cast: Cast) -> Iterator[tuple[str, Person | None, str, Do]]:
    yield from ((stop.name, stop.who, stop.path, _look) for stop in tour(cast) if stop.status != 400)
    long = "the-long-one"
    yield "sign in, refused", None, "/login", _refused
    yield "sign up, refused", None, "/register", _refused
    yield "our mistake", None, "/broken", _look
    yield "editor, refused", cast.jake, "/editor", _refused
    yield "editor with a preview", cast.jake, f"/editor/{long}", _previewed
    yield "conflict", cast.jake, f"/editor/{long}", _overtaken
    yield "settings, refused", cast.jane, "/settings", _unnamed
    yield "closing, refused", cast.jane, "/settings/close", _refused
    yield "forgotten password, refused", None, "/password-reset", _refused
    yield "new password, refused", None, _leave_for(cast.mallory), _refused
    yield "comment, refused", cast.jane, f"/article/{long}", _unsaid
    yield "comment, deleted", cast.jane, f"/article/{long}", _taken_back


def _leave_for(person: Person) -> str:
    """The path of the link that a mail would have."""
    known = queries.person(person.id)
    assert known
    return link(known).removeprefix(settings.SITE_ADDRESS)


def _look(page: Page) -> None:
    expect(page.locator("nav.navbar")).to_be_visible()


def _refused(page: Page) -> None:
    page.locator("button[type=submit]").first.click()
    expect(page.locator("ul.error-messages")).to_be_visible()


def _previewed(page: Page) -> None:
    page.locator("[name=body]").press_sequentially(" ")
    expect(page.locator("#preview table")).to_be_visible()


def _unnamed(page: Page) -> None:
    page.fill("[name=username]", "")
    _refused(page)


def _unsaid(page: Page) -> None:
    page.get_by_role("button", name="Post Comment").click()
    expect(page.locator("ul.error-messages")).to_be_visible()


def _taken_back(page: Page) -> None:
    page.locator("i.ion-trash-a").last.click()
    expect(page.locator("#undo form")).to_be_visible()


def _overtaken(page: Page) -> None:
    page.locator("[name=version]").evaluate("field => { field.value = 1 }")
    page.fill("[name=description]", "Mine")
    page.get_by_role("button", name="Publish Article").click()
    expect(page.locator(".cx-conflict")).to_be_visible()
