"""Comments come and go on an article's page while it is read: at its end, or behind a button; never in the way."""

import pytest
from playwright.sync_api import expect

from tests.browser.living import (
    LONG,
    announcements,
    bearing,
    button,
    comments,
    letter,
    say_after_all,
    status,
    take_back,
)


@pytest.fixture
def article(cast):
    return cast.jake.publishes("Dragons")


def test_a_comment_appears_at_the_end_that_is_in_view_and_is_announced_once(browse, cast, article):
    cast.jane.says("First", article)
    page = browse(path=article.path)
    page.locator("footer").scroll_into_view_if_needed()
    said, before = announcements(page), bearing(page)
    cast.mallory.says("Second", article)
    expect(comments(page)).to_have_text(["First", "Second"])
    expect(page.locator("#comments-heading")).to_have_text("Comments 2")
    expect(letter(page, "Second").locator("time")).to_have_text("just now")
    expect(page.locator("#new-comments")).to_be_hidden()
    expect(status(page)).to_have_text("1 new comment")
    assert said() == ["1 new comment"]
    assert bearing(page) == before


def test_whoever_types_is_not_disturbed_and_finds_what_is_new_behind_a_button(browse, cast, article):
    cast.jane.says("First", article)
    page = browse(cast.mallory, article.path)
    field = page.get_by_placeholder("Write a comment...")
    field.fill("Half a thought")
    field.evaluate("field => field.setSelectionRange(4, 6)")
    said, before = announcements(page), bearing(page)
    for words in ("Second", "Third"):
        cast.jane.says(words, article)
    expect(button(page, "2 new comments")).to_be_visible()
    expect(status(page)).to_have_text("2 new comments")
    assert said() in (["2 new comments"], ["1 new comment", "2 new comments"])
    assert bearing(page) == before
    expect(comments(page)).to_have_text(["First"])

    button(page, "2 new comments").click()
    expect(comments(page)).to_have_text(["First", "Second", "Third"])
    expect(letter(page, "Second")).to_be_focused()
    expect(page.locator("#new-comments")).to_be_hidden()
    expect(field).to_have_value("Half a thought")


def test_nothing_comes_in_below_somebody_who_reads_elsewhere(browse, cast):
    article = cast.jake.publishes("Dragons", body=LONG)
    last = [cast.jane.says(f"Number {number}", article) for number in range(12)][-1]
    page = browse(path=article.path)
    before = bearing(page)
    new = cast.mallory.says("Another", article)
    expect(page.locator("#new-comments")).to_have_text("1 new comment")
    assert bearing(page) == before
    letter(page, "Number 1").first.scroll_into_view_if_needed()
    expect(button(page, "1 new comment")).to_be_in_viewport()
    before = bearing(page)
    cast.mallory.says("One more", article)
    take_back(cast.jane, last)
    expect(page.locator("#new-comments")).to_have_text("2 new comments")
    expect(page.locator("#letters > li").last).to_have_text("Comment deleted")
    take_back(cast.mallory, new)
    expect(button(page, "1 new comment")).to_be_in_viewport()
    assert bearing(page) == before


def test_one_s_own_comment_is_there_once_and_in_one_s_other_tab_with_its_button(browse, cast, article):
    here = browse(cast.jane, article.path)
    there = here.context.new_page()
    there.goto(article.path)
    there.locator("footer").scroll_into_view_if_needed()
    here.get_by_placeholder("Write a comment...").fill("Mine")
    button(here, "Post Comment").click()
    for page in (here, there):
        expect(comments(page)).to_have_text(["Mine"])
    here.locator("footer").scroll_into_view_if_needed()
    cast.mallory.says("Another", article)
    for page in (here, there):
        expect(comments(page)).to_have_text(["Mine", "Another"])
        expect(page.locator("#comments-heading")).to_have_text("Comments 2")

    button(there, "Delete this comment").click()
    expect(comments(there)).to_have_text(["Another"])
    expect(comments(here)).to_have_text(["Another"])
    expect(here.locator("#letters > li").first).to_have_text("Comment deleted")
    button(there, "Undo").click()
    for page in (here, there):
        expect(comments(page)).to_have_text(["Mine", "Another"])
        expect(button(page, "Delete this comment")).to_have_count(1)
        expect(page.locator("#letters > li")).to_have_count(2)


def test_a_deleted_comment_keeps_its_place_and_the_focus_until_the_next_visit(browse, cast, article):
    first, _ = cast.jane.says("First\n\nand long", article), cast.mallory.says("Second", article)
    page = browse(cast.jane, article.path)
    button(page, "Delete this comment").focus()
    item = page.locator("#letters > li").first
    box = item.bounding_box()
    for _ in range(2):
        take_back(cast.jane, first)
        expect(item).to_have_text("Comment deleted")
        expect(item).to_be_focused()
        expect(page.locator("#comments-heading")).to_have_text("Comments 1")
        assert item.bounding_box() == box
        say_after_all(cast.jane, first)
        expect(item.locator("p.card-text")).to_have_text("First\n\nand long")
        expect(item).to_be_focused()
        assert item.bounding_box() == box
    take_back(cast.jane, first)
    expect(item).to_have_text("Comment deleted")
    page.reload()
    expect(comments(page)).to_have_text(["Second"])
    expect(page.locator("#letters > li")).to_have_count(1)
