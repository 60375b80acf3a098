"""A minute's news in a few seconds: nothing on the page moves, and nothing that its reader does is disturbed."""

import time
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.living import LONG, announcements, bearing, edit, hearts, shifts
from tests.cast import Person

MOST = 0.001
"""The promise is 0.02; but what moves at all, such as a footer that a comment pushes away, is less than that here."""
CALM_MS = 5_000
CHANGED = """() => {
  window.changed = [];
  new MutationObserver(() => changed.push([performance.now(), counter.textContent]))
    .observe(window.counter = document.querySelector("[data-count^=hearts]"), {childList: true});
}"""


@pytest.fixture
def crowd(cast):
    return [Person(f"reader{number}") for number in range(12)]


def a_minute(cast, crowd, article):
    """Of all that can happen to pages, in five seconds and a bit."""
    start = time.monotonic()
    for number, person in enumerate(crowd):
        person.says(f"What {person.name} thinks", article)
        person.favorites(article)
        person.follows(cast.jake)
        cast.jake.publishes(f"Dragon {number}", tags=(f"a tag that is new {number}",))
        edit(cast.jake, article, description=f"Draft {number}")
        time.sleep(max(0.0, start + 0.48 * (number + 1) - time.monotonic()))


def test_a_minute_of_news_moves_nothing(browse, cast, crowd):
    article = cast.jake.publishes("Dragons", tags=("fire",), body=LONG)
    short = cast.jake.publishes("Short")
    cast.jane.says("First", article)
    typing = browse(cast.jane, article.path)
    pages = [typing, browse(path="/"), browse(path=short.path), browse(path=cast.jake.path)]
    field = typing.get_by_placeholder("Write a comment...")
    field.fill("Half a thought")
    field.evaluate("field => field.setSelectionRange(4, 6)")
    typing.evaluate(CHANGED)
    pages[2].locator("footer").scroll_into_view_if_needed()
    moved, before = [shifts(page) for page in pages], [bearing(page) for page in pages]
    said = announcements(pages[1])
    a_minute(cast, crowd, article)
    for person in crowd[:3]:
        person.says("Short, too", short)
    expect(typing.locator("#new-comments")).to_have_text("12 new comments")
    expect(hearts(typing)).to_have_text(["(12)", "(12)"])
    expect(pages[1].locator("#new-articles")).to_have_text("12 new articles")
    expect(pages[2].locator("#comments-heading")).to_have_text("Comments 3")
    expect(pages[3].locator(".user-info li").first).to_have_text("12 followers")
    for page, shifted, bore in zip(pages, moved, before, strict=True):
        assert sum(value for value, _ in shifted()) <= MOST, (page.url, shifted())
        assert bearing(page) == bore
    assert len(said()) == 1
    changes = typing.evaluate("changed")
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(changes)]
    assert changes[-1][1] == "(12)"
    assert all(gap >= CALM_MS - 700 for gap in gaps), changes
