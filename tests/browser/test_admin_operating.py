"""The dashboard in a browser: it looks again by itself if asked, says when nobody answers, and works without scripts."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from django.db import connection, connections
from playwright.sync_api import Browser, expect

from accounts.commands import GrantPermissions
from blog.projectors import blog
from eventstore import heartbeat
from eventstore.dispatch import dispatch
from eventstore.status import standing
from tests.browser.browsing import Browse, browsing
from tests.browser.in_process import served
from tests.cast import Person

DASHBOARD, PROJECTORS = "/admin/eventstore/dashboard/", "/admin/eventstore/projectors/"


@pytest.fixture(scope="module", autouse=True)
def _nothing_open(template: str) -> None:
    """Playwright brings an event loop, in which what was opened before it can't be closed."""
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]


@pytest.fixture
def database(fresh_database: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """As elsewhere: the site is in this process, and finds the test's database."""
    with fresh_database() as name:
        yield name


@pytest.fixture
def site(database: str) -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def browse(site: str, database: str, chromium: Browser, trouble: list[str]) -> Iterator[Browse]:
    with browsing(chromium, site, trouble) as browse:
        yield browse
    assert trouble == []


@pytest.fixture
def operator(database: str) -> Person:
    olga = Person("olga")
    permissions = ("eventstore.operate_projectors", "eventstore.see_metadata")
    dispatch(GrantPermissions(user_id=olga.id, permissions=permissions))
    return olga


def test_a_page_looks_again_where_it_is_and_says_when_nobody_answers(operator, browse, trouble):
    page = browse(operator, DASHBOARD)
    page.clock.install()
    page.goto(f"{DASHBOARD}?live=1")
    expect(page.locator("#overall")).to_have_text("bad Something needs you now")
    page.get_by_role("link", name="operate them").focus()
    heartbeat.beat("following the log", datetime.now(UTC))
    page.clock.fast_forward(2_000)
    expect(page.locator("#overall")).to_have_text("good All is well")
    expect(page.get_by_role("link", name="operate them")).to_be_focused()
    expect(page.get_by_text("No answer since")).to_be_hidden()
    page.context.set_offline(True)
    page.clock.fast_forward(2_000)
    expect(page.get_by_text("No answer since")).to_be_visible()
    expect(page.locator("#es-live.es-old")).to_be_visible()
    assert [said for said in trouble if "ERR_INTERNET_DISCONNECTED" not in said] == []
    trouble.clear()
    page.context.set_offline(False)
    page.clock.fast_forward(2_000)
    expect(page.get_by_text("No answer since")).to_be_hidden()
    expect(page.locator("#es-live.es-old")).to_have_count(0)


def test_without_scripts_a_projector_is_paused_by_a_form_that_asks_why(operator, browse):
    page = browse(operator, PROJECTORS, java_script_enabled=False)
    page.locator('a[href$="/blog.pages/pause/"]').click()
    page.get_by_label("Why?").fill("odd counts")
    page.get_by_role("button", name="Pause it").click()
    expect(page.get_by_text("Paused: blog.pages.")).to_be_visible()
    assert standing(blog).status == "paused"


def test_on_a_phone_no_page_is_wider_than_the_screen(operator, browse):
    page = browse(operator, DASHBOARD, viewport={"width": 390, "height": 800})
    for path in (DASHBOARD, PROJECTORS, f"{PROJECTORS}blog.pages/rebuild/", "/admin/eventstore/parked/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
