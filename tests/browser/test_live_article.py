"""What becomes of an article while it is read, and the numbers on it: said beside the text, which stays as it is."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.living import (
    LONG,
    announcements,
    bearing,
    button,
    delete,
    edit,
    hearts,
    prepared,
    restore,
    status,
)


@pytest.fixture
def article(cast):
    return cast.jake.publishes("Dragons", body=LONG)


def test_a_new_wording_is_offered_and_the_text_left_alone(browse, cast, article):
    page = browse(path=article.path)
    page.evaluate("scrollTo(0, 300)")
    text, before, said = page.locator(".article-content").inner_html(), bearing(page), announcements(page)
    edit(cast.jake, article, title="Drakes", body="Shorter.")
    bar = page.get_by_role("region", name="About this article")
    words = bar.locator("p:visible")
    expect(words).to_have_text("The author updated this article: title and text reworded. Reload")
    expect(bar).to_be_in_viewport()
    expect(status(page)).to_have_text("The author updated this article")
    assert said() == ["The author updated this article"]
    assert page.locator(".article-content").inner_html() == text
    assert bearing(page) == before
    bar.get_by_role("link", name="Reload").click()
    expect(page.locator("h1")).to_have_text("Drakes")
    expect(page.locator(".article-content")).to_have_text("Shorter.")
    expect(bar).to_be_hidden()


def test_an_article_that_is_taken_down_can_be_read_on_and_no_more(browse, cast, article):
    cast.jane.says("Before", article)
    page = browse(cast.jane, article.path)
    said = announcements(page)
    delete(cast.jake, article)
    bar = page.get_by_role("region", name="About this article")
    expect(bar).to_contain_text("The author took this article down while you were reading")
    expect(status(page)).to_contain_text("hearts and comments are closed")
    for name in ("Post Comment", "Follow jake", "Favorite Article (0)"):
        expect(button(page, name).first).to_be_disabled()
    expect(page.locator(".article-content")).to_be_visible()
    assert len(said()) == 1

    restore(cast.jake, article)
    expect(bar).to_be_hidden()
    button(page, "Favorite Article (0)").first.click()
    expect(button(page, "Unfavorite Article (1)")).to_have_count(2)


def test_hearts_are_counted_wherever_they_are_shown_and_nobody_is_told_aloud(browse, cast, article):
    page, author, visitor = browse(cast.jane, article.path), browse(cast.jake, article.path), browse()
    said = announcements(page)
    cast.mallory.favorites(article)
    expect(button(page, "Favorite Article (1)")).to_have_count(2)
    expect(hearts(author)).to_have_text(["1 favorite", "1 favorite"])
    expect(button(visitor, "1, favorite Dragons")).to_have_text("1")
    assert said() == []


def test_followers_and_articles_are_counted_on_a_profile(browse, cast):
    page = browse(path=cast.jake.path)
    cast.jane.follows(cast.jake)
    cast.jake.publishes("Dragons")
    facts = page.locator(".user-info li")
    expect(facts.nth(0)).to_have_text("1 follower")
    expect(facts.nth(1)).to_have_text("1 article")
    cast.jake.publishes("More")
    expect(facts.nth(1)).to_have_text("2 articles")


def test_what_is_late_does_not_take_back_one_s_own_click(browse, cast, article):
    """The news of an earlier heart arrives when the answer to the reader's own is there already."""
    page, held = prepared(browse, cast.jane), []

    def hold(socket):
        server = socket.connect_to_server()
        server.on_message(lambda frame: held.append((socket, frame)))

    page.route_web_socket("**/live?*", hold)
    page.goto(article.path)
    cast.mallory.favorites(article)
    while not any("hearts" in frame for _, frame in held):
        page.wait_for_timeout(20)
    earlier = list(held)
    button(page, "Favorite Article (0)").first.click()
    expect(button(page, "Unfavorite Article (2)")).to_have_count(2)
    for socket, frame in earlier:
        older = json.loads(frame)
        older["news"] = [
            [at, kind, key, 1 if kind == "count" else value] for at, kind, key, value in older["news"]
        ]
        socket.send(json.dumps(older))
    page.wait_for_timeout(100)
    expect(button(page, "Unfavorite Article (2)")).to_have_count(2)
