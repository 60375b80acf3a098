"""Every page is for everybody: axe finds nothing, by day or by night; it fits on a narrow screen, and takes text twice
as large; and its controls are large enough to be hit."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.browsing import browsing
from tests.browser.pages import every_page
from tests.browser.site import swept
from tests.cast import Cast

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOR = ["color-contrast", "link-in-text-block"]
"""The rules that may find something else by night."""

TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const meant = box => box.closest("pre, table, .cx-hidden, .cx-status, .cx-skip, svg, [hidden]");
  const boxes = [...document.body.querySelectorAll("*")].filter(box => !meant(box)
    && box.getClientRects().length && box.getBoundingClientRect().right > width + 1);
  return boxes.map(box => box.outerHTML.slice(0, 120)).concat(
    document.documentElement.scrollWidth > width ? ["the page itself"] : []);
}"""
CUT_OFF = """() => [...document.querySelectorAll("a, button, h1, h2, h3, h4, p, label, li")]
  .filter(box => box.clientWidth && getComputedStyle(box).overflowX !== "visible"
    && !box.closest(".cx-hidden") && box.scrollWidth > box.clientWidth + 1)
  .map(box => box.outerHTML.slice(0, 120))"""
TOO_SMALL = """() => [...document.querySelectorAll("a, button, input, textarea, summary")]
  .filter(box => !box.closest("p, .cx-prose, [hidden]") && box.getClientRects().length)
  .filter(box => box.tabIndex >= 0 && !box.matches(".cx-skip"))
  .filter(box => Math.min(box.getBoundingClientRect().width, box.getBoundingClientRect().height) < 24)
  .map(box => box.outerHTML.slice(0, 120))"""


class Inspection(NamedTuple):
    """What was found wrong with a page."""

    by_day: list[str]
    by_night: list[str]
    narrow: list[str]
    too_small: list[str]
    large: list[str]


def _violations(page: Page, rules: list[str]) -> list[str]:
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [f"{broken['id']}: {node['html'][:200]}" for broken in found for node in broken["nodes"]]


def _inspect(page: Page) -> Iterator[list[str]]:
    page.evaluate(Axe().axe_script)
    yield _violations(page, STANDARDS)
    page.emulate_media(color_scheme="dark")
    yield _violations(page, OF_COLOR)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 320, "height": 640})
    yield page.evaluate(TOO_WIDE)
    yield page.evaluate(TOO_SMALL)
    page.set_viewport_size({"width": 1280, "height": 720})
    _set_text_size(page, 32)
    yield page.evaluate(TOO_WIDE) + page.evaluate(CUT_OFF)
    _set_text_size(page, 16)


def _set_text_size(page: Page, pixels: int) -> None:
    """As a person sets it in the browser's own settings."""
    sizes = {"standard": pixels, "fixed": pixels * 13 // 16}
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": sizes})
    page.wait_for_function(
        "size => getComputedStyle(document.documentElement).fontSize === size", arg=f"{pixels}px"
    )


@pytest.fixture(scope="module")
def inspections(site: str, fresh_database: Any, chromium: Browser) -> dict[str, Inspection]:
    trouble: list[str] = []
    with swept(site, fresh_database), browsing(chromium, site, trouble) as browse:
        pages = every_page(browse, Cast(), color_scheme="light", bypass_csp=True)
        found = {name: Inspection(*_inspect(page)) for name, page in pages}
    assert trouble == []
    return found


@pytest.mark.parametrize("what", Inspection._fields)
def test_nothing_is_found_wrong_with_any_page(inspections, what):
    found = {name: getattr(inspection, what) for name, inspection in inspections.items()}
    assert len(found) > 30
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_pages_are_whole_without_their_pictures(browse, cast):
    """Neither icons nor avatars say anything that no words say, and both keep their place."""
    article = cast.jake.publishes("Dragons")
    cast.jane.says("Mine", article)
    page = browse(cast.jane, "/login")
    page.route("**/*.svg*", lambda route: route.fulfill(body=""))
    page.goto(article.path)
    for button in page.get_by_role("button").all():
        assert button.get_attribute("aria-label") or button.inner_text().strip()
    for picture in ("i.ion-trash-a", ".comment-form .comment-author-img", "nav .user-pic"):
        box = page.locator(picture).last.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 15
