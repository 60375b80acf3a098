"""When the line is bad: silence first, then a calm line, then a way out; and what those do who have no line at all."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.living import (
    CLOSED,
    OPEN,
    announcements,
    browsing_over,
    button,
    calm_line,
    comments,
    letter,
    news,
    opened,
    prepared,
    status,
    until,
)

NO_LINE = """window.calls = [];
window.WebSocket = class {
  constructor() { calls.push(Date.now()); queueMicrotask(() => this.onclose()); }
  close() {}
};
window.fetch = () => Promise.reject(new TypeError("no line"));"""
NO_SOCKETS = "delete window.WebSocket"
SAVES_DATA = "Object.defineProperty(Navigator.prototype, 'connection', {value: {saveData: true}})"
LONGEST_MS = 30_000


@pytest.fixture
def article(cast):
    return cast.jake.publishes("Dragons")


@pytest.fixture
def over(chromium, site, database):
    with browsing_over(chromium, site) as (browse, line):
        yield browse, line


def test_trouble_is_silent_for_four_seconds_then_calm_then_offers_a_way_out(over, cast, article):
    browse, line = over
    page = opened(browse, article.path, clock=True)
    said, refresh = announcements(page), page.locator("#live").get_by_role("link", name="Refresh")
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    line.die()
    until(page, CLOSED)
    page.clock.run_for(3_900)
    expect(calm_line(page)).to_be_empty()
    page.clock.run_for(100)
    expect(calm_line(page)).to_have_text("Live updates paused, reconnecting.")
    expect(refresh).to_be_hidden()
    page.clock.run_for(56_000)
    expect(calm_line(page)).to_have_text("Live updates paused.")
    expect(refresh).to_be_visible()
    expect(refresh).to_have_attribute("href", "")
    cast.jane.says("Meanwhile", article)
    line.dead = False
    page.clock.resume()
    page.clock.fast_forward(60_000)
    expect(calm_line(page)).to_have_text("Back online.")
    expect(comments(page).or_(button(page, "1 new comment"))).to_be_visible()
    expect(refresh).to_be_hidden()
    page.clock.fast_forward(5_000)
    expect(calm_line(page)).to_be_empty()
    assert [words for words in said() if "comment" not in words] == []


def test_a_short_interruption_is_never_mentioned(over, cast, article):
    browse, line = over
    page = opened(browse, article.path)
    lines = page.evaluate_handle(
        """() => { const seen = []; new MutationObserver(() => seen.push(document.querySelector("#live").innerText))
             .observe(document.querySelector("#live"), {childList: true, subtree: true}); return seen; }"""
    )
    page.locator("footer").scroll_into_view_if_needed()
    for words in ("One", "Two"):
        until(page, OPEN)
        line.cut()
        cast.jane.says(words, article)
        expect(letter(page, words)).to_be_visible()
    assert lines.json_value() == []


def test_attempts_come_later_each_time_up_to_half_a_minute_and_never_all_at_once(browse, article):
    page = prepared(browse, clock=True)
    page.add_init_script(NO_LINE)
    page.goto(article.path)
    for _ in range(60):
        if len(calls := page.evaluate("calls")) >= 12:
            break
        page.clock.run_for(5_000)
    waits = [later - earlier for earlier, later in pairwise(calls)]
    parts = [wait / min(LONGEST_MS, 250 * 2**nth) for nth, wait in enumerate(waits, 1)]
    assert all(0.5 <= part <= 1.7 for part in parts), parts
    assert len({round(part, 1) for part in parts}) > 3


def test_without_sockets_a_page_asks_now_and_then_and_hears_everything(browse, cast, article):
    page = prepared(browse, clock=True)
    page.add_init_script(NO_SOCKETS)
    asked = []
    page.on("response", lambda response: "/live?" in response.url and asked.append(response.status))
    page.goto(article.path)
    page.clock.run_for(1_000)
    while not asked:
        page.wait_for_timeout(20)
    assert asked[0] == 304
    cast.jane.says("First", article)
    for _ in range(6):
        page.clock.run_for(10_000)
        page.wait_for_timeout(30)
    expect(comments(page)).to_have_text(["First"])
    expect(page.locator("#comments-heading")).to_have_text("Comments 1")
    assert set(asked) == {200, 304}
    assert asked.count(200) == 1
    assert len(asked) <= 14
    expect(calm_line(page)).to_be_empty()


def test_the_switch_is_obeyed_in_every_tab_and_kept(browse, cast, article):
    page = opened(browse, article.path)
    other = page.context.new_page()
    other.goto(article.path)
    switch = page.get_by_role("switch")
    expect(switch).to_have_text("Live updates: quiet")
    expect(switch).to_be_checked()
    switch.click()
    for tab in (page, other):
        expect(tab.get_by_role("switch")).to_have_text("Live updates: off")
        expect(tab.get_by_role("switch")).not_to_be_checked()
    until(page, CLOSED)
    cast.jane.says("Unheard", article)
    witness = browse(path=article.path)
    cast.jane.says("Heard", article)
    expect(witness.locator("#comments-heading")).to_have_text("Comments 2")
    for tab in (page, other):
        expect(comments(tab)).to_have_count(0)
    other.reload()
    expect(other.get_by_role("switch")).to_have_text("Live updates: off")
    other.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_have_text("Live updates: quiet")
    expect(page.locator("#comments-heading")).to_have_text("Comments 2")


def test_whoever_saves_data_is_asked_first(browse, cast, article):
    page = prepared(browse)
    heard = news(page)
    page.add_init_script(SAVES_DATA)
    page.goto(article.path)
    expect(page.get_by_role("switch")).to_have_text("Live updates: off")
    cast.jane.says("First", article)
    page.get_by_role("switch").click()
    expect(comments(page)).to_have_text(["First"])
    assert len(heard) >= 1


def test_whoever_wants_no_motion_sees_none(browse, cast, article):
    page = browse(path=article.path, reduced_motion="reduce")
    cast.jane.says("First", article)
    expect(page.locator("#letters > .is-new")).to_have_css("animation-name", "none")


def test_whoever_was_signed_out_elsewhere_is_told_that_the_page_is_old(browse, cast, article, trouble):
    page = prepared(browse, cast.jane, clock=True)
    page.goto(article.path)
    cast.jane.browser.post("/logout")
    deadline = 200
    while not (words := calm_line(page).text_content()) and deadline:
        page.clock.run_for(1_000)
        page.wait_for_timeout(50)
        deadline -= 1
    assert words == "This page is out of date."
    page.locator("#live").get_by_role("link", name="Refresh").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert [said for said in trouble if "WebSocket connection to" not in said] == []
    trouble.clear()


def test_without_scripts_the_pages_are_complete(browse, cast, article):
    cast.jane.says("First", article)
    cast.jane.favorites(article)
    page = browse(path=article.path, java_script_enabled=False)
    expect(comments(page)).to_have_text(["First"])
    expect(page.locator("#comments-heading")).to_have_text("Comments 1")
    expect(button(page, "Favorite Article (1)")).to_have_count(2)
    for hidden in ("#new-comments", "#bar", "#live > button", "#live > a"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(status(page)).to_be_empty()
    page.goto("/")
    expect(page.locator("#new-articles")).to_be_hidden()
    expect(page.locator("h1", has_text=re.compile("Dragons"))).to_be_visible()
