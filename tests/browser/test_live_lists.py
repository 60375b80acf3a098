"""Lists say how many articles are new and put in none of them unasked; only on their first page, where new ones go."""

import json
import re

from playwright.sync_api import expect

from tests.browser.living import announcements, bearing, delete, news, prepared, restore, status

PILL = "#new-articles"
SHOWN = """element => getComputedStyle(element, "::before").content"""
NO_STORAGE = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {get() { throw new DOMException("no", "SecurityError"); }});"""


def told(frames, kind):
    return sum(item[1] == kind for frame in frames for item in json.loads(frame)["news"])


def titles(page):
    return page.locator(".article-preview h1")


def test_new_articles_wait_behind_a_pill_that_leads_to_them(browse, cast):
    old = cast.jake.publishes("Old", tags=("fire",))
    page = prepared(browse, clock=True)
    page.goto("/")
    said, before = announcements(page), bearing(page)
    cast.jane.publishes("New")
    pill = page.locator(PILL)
    expect(pill).to_have_text("1 new article")
    for title in ("Newer", "Newest"):
        cast.jane.publishes(title)
    cast.jane.favorites(old)
    expect(page.locator(".article-preview .counter")).to_have_text("1")
    expect(pill).to_have_text("1 new article")
    page.clock.fast_forward(10_000)
    expect(pill).to_have_text("3 new articles")
    expect(titles(page)).to_have_text(["Old"])
    assert bearing(page) == before
    assert said() == ["1 new article"]

    page.evaluate("scrollTo(0, 50)")
    pill.click()
    expect(titles(page)).to_have_text(["Newest", "Newer", "New", "Old"])
    expect(page.locator(".preview-link").first).to_be_focused()
    assert page.evaluate("scrollY") == 0
    rule = page.locator(".cx-since")
    expect(rule.locator("h1")).to_have_text("Old")
    assert re.fullmatch(r'"New since \d+:\d\d [AP]M"', rule.evaluate(SHOWN))
    page.goto("/")
    expect(page.locator(".cx-since")).to_have_count(0)


def test_each_list_hears_of_what_belongs_on_it_and_only_on_its_first_page(browse, cast):
    for number in range(11):
        cast.jake.publishes(f"Dragon {number}", tags=("fire",))
    cast.jane.follows(cast.jake)
    feed, other = browse(cast.jane, "/?feed=following"), browse(path="/?page=2")
    tag = other.context.new_page()
    tag.goto("/tag/fire")
    cast.mallory.publishes("Elsewhere", tags=("water",))
    cast.mallory.publishes("By a stranger", tags=("fire",))
    expect(tag.locator(PILL)).to_have_text("1 new article")
    cast.jake.publishes("By a friend")
    expect(feed.locator(PILL)).to_have_text("1 new article")
    expect(tag.locator(PILL)).to_have_text("1 new article")
    expect(other.locator("#tags")).to_have_text("fire water")
    expect(other.locator(PILL)).to_have_count(0)
    for page, new in ((feed, "By a friend"), (tag, "By a stranger")):
        page.locator(PILL).click()
        expect(titles(page).first).to_have_text(new)
        expect(page.locator(".preview-link").first).to_be_focused()


def test_more_than_twenty_are_many_and_what_is_taken_down_is_not_offered(browse, cast):
    page = prepared(browse, clock=True)
    heard = news(page)
    page.goto("/")
    said = announcements(page)
    first = cast.jake.publishes("Dragon")
    expect(page.locator(PILL)).to_have_text("1 new article")
    delete(cast.jake, first)
    page.clock.fast_forward(10_000)
    expect(page.locator(PILL)).to_be_hidden()
    for number in range(21):
        cast.jake.publishes(f"Dragon {number}")
    while told(heard, "article") < 22:
        page.wait_for_timeout(20)
    page.clock.fast_forward(10_000)
    expect(page.locator(PILL)).to_be_visible()
    page.clock.fast_forward(10_000)
    expect(page.locator(PILL)).to_have_text("20+ new articles")
    assert said() == ["1 new article"]
    page.clock.fast_forward(60_000)
    cast.jake.publishes("The last dragon")
    expect(status(page)).to_have_text("20+ new articles")
    expect(titles(page)).to_have_count(0)


def test_a_new_tag_joins_the_others_once(browse, cast):
    page = browse()
    expect(page.locator("aside")).to_contain_text("No tags are here yet.")
    article = cast.jake.publishes("Dragons", tags=("fire", "wings"))
    expect(page.locator("#tags a")).to_have_text(["fire", "wings"])
    expect(page.locator("aside")).not_to_contain_text("No tags are here yet.")
    delete(cast.jake, article)
    restore(cast.jake, article)
    cast.jake.publishes("More", tags=("wings", "tail"))
    expect(page.locator("#tags a")).to_have_text(["fire", "wings", "tail"])
    page.locator("#tags a").last.click()
    expect(titles(page)).to_have_text(["More"])


def test_a_browser_that_keeps_nothing_is_told_all_the_same(browse, cast):
    page = prepared(browse)
    page.add_init_script(NO_STORAGE)
    page.goto("/")
    cast.jake.publishes("Dragons")
    page.locator(PILL).click()
    expect(titles(page)).to_have_text(["Dragons"])
    switch = page.get_by_role("switch")
    expect(switch).to_have_text("Live updates: quiet")
