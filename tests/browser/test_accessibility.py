"""No page has anything that axe finds wrong, in daylight or at night."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.pages import every_page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOR = ["color-contrast", "link-in-text-block"]
"""The rules that may find something else at night."""


def violations(page: Page, rules: list[str]) -> list[str]:
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [f"{broken['id']}: {node['html'][:200]}" for broken in found for node in broken["nodes"]]


def test_axe_finds_nothing_on_any_page(browse, cast):
    found = {}
    for name, page in every_page(browse, cast, color_scheme="light", bypass_csp=True):
        page.evaluate(Axe().axe_script)
        found[name] = violations(page, STANDARDS)
        page.emulate_media(color_scheme="dark")
        found[f"{name}, at night"] = violations(page, OF_COLOR)
        page.emulate_media(color_scheme="light")
    assert {name: problems for name, problems in found.items() if problems} == {}
