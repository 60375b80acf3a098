"""The admin's pages about the log in a browser: by day and by night, on a phone, with and without scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts.commands import GrantStaff
from eventstore.dispatch import dispatch
from tests.browser.browsing import Browse, browsing
from tests.browser.in_process import served
from tests.browser.test_every_page import OF_COLOR, STANDARDS, TOO_WIDE
from tests.cast import Cast, Person
from tests.pages.admin import LOG, World, audited, pages, world

OURS = {"include": [["#content"]]}
"""What is around it is Django's."""


@pytest.fixture(scope="module")
def at(fresh_database: Any) -> Iterator[World]:
    with fresh_database():
        yield world(Cast())


@pytest.fixture(scope="module")
def ada(at: World) -> Person:
    person = Person("ada")
    dispatch(GrantStaff(user_id=person.id, superuser=True))
    assert person.browser.session  # signed in while nobody has an event loop
    return person


@pytest.fixture(scope="module")
def site(at: World) -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def browse(site: str, chromium: Browser) -> Iterator[Browse]:
    trouble: list[str] = []
    with browsing(chromium, site, trouble) as browse:
        yield browse
    assert trouble == []


def violations(page: Page, rules: list[str]) -> list[str]:
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("([ours, options]) => axe.run(ours, options)", [OURS, options])["violations"]
    return [f"{broken['id']}: {node['html'][:200]}" for broken in found for node in broken["nodes"]]


DENSE = ["event about a person", "stream, compared", "commands"]
"""Pages on which everything is that is on any of them."""


def test_pages_are_for_everybody_by_day_and_by_night(at, ada, browse):
    page, found, paths = browse(ada, "/admin/", bypass_csp=True), [], pages(at)
    for color_scheme, rules in (("light", STANDARDS), ("dark", OF_COLOR)):
        page.emulate_media(color_scheme=color_scheme)
        for name in DENSE:
            page.goto(paths[name])
            page.evaluate(Axe().axe_script)
            found += [(name, color_scheme, problem) for problem in violations(page, rules)]
    assert found == []


def test_pages_fit_on_a_phone_and_need_nothing_that_the_content_security_policy_refuses(at, ada, browse):
    page, found = browse(ada, "/admin/", viewport={"width": 320, "height": 640}), {}
    for name, path in pages(at).items():
        page.goto(path)
        assert page.evaluate("getComputedStyle(document.querySelector('.es-tabs ul')).display") == "flex"
        found[name] = page.evaluate(TOO_WIDE)
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_the_slider_and_the_number_say_the_same(at, ada, browse):
    page = browse(ada, f"{LOG}/stream/{at.stream}/")
    number = page.get_by_label("Version, as a number")
    page.get_by_label("Version", exact=True).press("ArrowLeft")
    expect(number).to_have_value("1")
    number.fill("0")
    expect(page.get_by_label("Version", exact=True)).to_have_value("0")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="At version 0")).to_be_visible()


def test_everything_works_without_scripts(at, ada, browse):
    page = browse(ada, f"{LOG}/event/", java_script_enabled=False)
    page.get_by_text("Filter", exact=True).click()
    page.get_by_text("Types of event").click()
    page.get_by_label("blog.article_edited").check()
    page.get_by_role("button", name="Find events").click()
    expect(page.locator("#content tbody tr")).to_have_count(1)
    page.locator("#content tbody th a").click()
    expect(page.locator(".es-lead")).to_have_text("Description, text and tags changed")
    page.get_by_role("link", name="← Previous in the stream").click()
    page.get_by_role("link", name=at.stream).click()
    page.get_by_label("Version", exact=True).press("ArrowRight")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="At version 2, the last one")).to_be_visible()
    page.get_by_label("Jump to").fill("jake")
    page.get_by_role("button", name="Go", exact=True).click()
    page.get_by_role("button", name="Show personal data").click()
    expect(page.get_by_text(f"Joined as jake, with the address {at.email}")).to_be_visible()
    assert audited("eventstore.view_personal_data")[-1]["actor"] == "ada"


def test_a_shown_address_is_a_button_that_leads_to_its_attempts(at, ada, browse):
    page, path = browse(ada, "/admin/", bypass_csp=True), f"{LOG}/command/?name=accounts.sign_in"
    for color_scheme, rules in (("light", STANDARDS), ("dark", OF_COLOR)):
        page.emulate_media(color_scheme=color_scheme)
        page.goto(path)
        page.get_by_role("button", name="Show addresses").click()
        page.evaluate(Axe().axe_script)
        assert violations(page, rules) == []
    bare = browse(ada, path, java_script_enabled=False)
    bare.get_by_role("button", name="Show addresses").click()
    bare.get_by_role("button", name="127.0.0.1").first.click()
    expect(bare.get_by_label("Address", exact=True)).to_have_value("127.0.0.1")
    expect(bare.get_by_text("That you do is on record.")).to_be_visible()
    assert audited("eventstore.view_personal_data")[-1]["what"].endswith("(address=127.0.0.1)")


def test_an_export_is_a_file(at, ada, browse):
    page = browse(ada, f"{LOG}/event/?kind=article")
    with page.expect_download() as download:
        page.get_by_role("button", name="NDJSON").click()
    assert download.value.suggested_filename == "events.ndjson"
    assert len(download.value.path().read_text().splitlines()) == 3
