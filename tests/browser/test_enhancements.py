"""What scripts add: things happen in place, the focus stays sensible, what happened is said, nothing typed is lost."""

import pytest
from playwright.sync_api import Page, expect

from tests.pages.tour import TEXT

OFFLINE = "net::ERR_INTERNET_DISCONNECTED"


@pytest.fixture
def article(cast):
    return cast.jake.publishes("Dragons")


def button(page: Page, words: str):
    return page.get_by_role("button", name=words, exact=True)


def status(page: Page):
    return page.get_by_role("status")


def comments(page: Page):
    return page.locator(".card:not(.comment-form) p.card-text")


def stays(page: Page):
    """To be asked later whether this is still the page that was loaded."""
    page.evaluate("window.stays = true")
    return lambda: page.evaluate("window.stays === true")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.tagName"))


# Hearts and follows


def test_a_heart_is_filled_in_place_keeps_the_focus_and_says_so(browse, cast, article):
    page = browse(cast.jane)
    same = stays(page)
    heart = page.locator(".article-preview button")
    heart.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".article-preview button.btn-primary")).to_have_text("1")
    expect(heart).to_be_focused()
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(status(page)).to_have_text("Added to your favorites")
    page.keyboard.press("Enter")
    expect(page.locator(".article-preview button.btn-outline-primary")).to_have_text("0")
    expect(status(page)).to_have_text("Removed from your favorites")
    assert same()


def test_a_heart_is_filled_even_if_one_leaves_at_once(browse, cast):
    for number in range(5):
        cast.jake.publishes(f"Dragon {number}")
    page = browse(cast.jane)
    for number in range(5):
        preview = page.locator(".article-preview", has_text=f"Dragon {number}")
        with page.expect_request("**/favorite"):
            preview.locator("button").click(no_wait_after=True)
        page.goto("/")
        expect(preview.locator("button.btn-primary")).to_have_text("1")
    page.goto("/profile/jane/favorites")
    expect(page.locator(".article-preview")).to_have_count(5)


def test_both_copies_of_a_button_change(browse, cast, article):
    page = browse(cast.jane, article.path)
    same = stays(page)
    button(page, "Favorite Article (0)").last.click()
    expect(button(page, "Unfavorite Article (1)")).to_have_count(2)
    button(page, "Follow jake").first.click()
    expect(button(page, "Unfollow jake")).to_have_count(2)
    expect(button(page, "Unfollow jake").first).to_be_focused()
    assert same()


def test_following_from_a_profile_counts(browse, cast):
    page = browse(cast.jane, cast.jake.path)
    same = stays(page)
    button(page, "Follow jake").click()
    expect(page.locator(".user-info")).to_contain_text("1 follower")
    expect(button(page, "Unfollow jake")).to_be_focused()
    assert same()


# Comments


def test_three_comments_are_three_and_the_form_is_ready_for_the_next(browse, cast, article):
    page = browse(cast.jane, article.path)
    same = stays(page)
    for words in ("One", "Two", "Three"):
        page.get_by_placeholder("Write a comment...").fill(words)
        page.keyboard.press("Control+Enter")
        expect(comments(page).last).to_have_text(words)
        expect(page.get_by_placeholder("Write a comment...")).to_have_value("")
        assert focused(page) != "BODY"
    expect(page.locator(".card:not(.comment-form) .card-block")).to_have_count(3)
    expect(page.locator("#comments-heading")).to_have_text("Comments 3")
    expect(status(page)).to_have_text("Your comment is posted")
    assert same()


def test_two_clicks_are_one_comment(browse, cast, article):
    page = browse(cast.jane, article.path)
    page.get_by_placeholder("Write a comment...").fill("Once")
    button(page, "Post Comment").dblclick()
    expect(comments(page)).to_have_text(["Once"])
    page.reload()
    expect(comments(page)).to_have_text(["Once"])


def test_after_deleting_a_comment_the_focus_is_on_the_next_one(browse, cast, article):
    for words in ("One", "Two"):
        cast.jane.says(words, article)
    page = browse(cast.jane, article.path)
    page.locator("i.ion-trash-a").nth(-2).click()
    expect(comments(page)).to_have_text(["Two"])
    expect(page.locator(".cx-letters > li")).to_be_focused()
    expect(status(page)).to_have_text("Comment deleted. You can undo this.")
    page.locator("i.ion-trash-a").last.click()
    expect(comments(page)).to_have_count(0)
    expect(page.locator("#comments-heading")).to_be_focused()
    button(page, "Undo").click()
    expect(comments(page)).to_have_text(["Two"])
    expect(page.locator("#comments-heading")).to_be_focused()


def test_the_offer_to_undo_leaves_after_ten_seconds_but_not_under_the_pointer(browse, cast, article):
    cast.jane.says("One", article)
    page = browse(cast.jane, article.path)
    page.clock.install()
    page.locator("i.ion-trash-a").last.click()
    expect(page.locator("#undo form")).to_be_visible()
    page.locator("#undo").hover()
    page.clock.run_for(11_000)
    expect(page.locator("#undo form")).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(11_000)
    expect(page.locator("#undo form")).to_be_hidden()


# Trouble on the way


def test_what_did_not_get_through_can_be_tried_again(browse, cast, article, trouble):
    page = browse(cast.jane, article.path)
    page.get_by_placeholder("Write a comment...").fill("Patience")
    page.context.set_offline(offline=True)
    button(page, "Post Comment").click()
    expect(page.get_by_role("alert")).to_contain_text("That did not get through.")
    expect(page.get_by_placeholder("Write a comment...")).to_have_value("Patience")
    page.context.set_offline(offline=False)
    button(page, "Try again").click()
    expect(comments(page)).to_have_text(["Patience"])
    expect(page.get_by_role("alert")).to_have_count(0)
    assert OFFLINE in trouble[0]
    trouble.clear()


def test_who_says_too_much_at_once_is_asked_to_wait_and_keeps_what_is_typed(browse, cast, article, trouble):
    page = browse(cast.jane, article.path)
    page.route("**/comments", lambda route: route.fulfill(status=429, headers={"Retry-After": "60"}))
    page.get_by_placeholder("Write a comment...").fill("Patience")
    button(page, "Post Comment").click()
    expect(page.get_by_role("alert")).to_contain_text("That is too much at once. Please wait a little.")
    expect(page.get_by_placeholder("Write a comment...")).to_have_value("Patience")
    trouble[:] = [said for said in trouble if "429" not in said]


def test_whoever_was_signed_out_elsewhere_signs_in_and_comes_back(browse, cast, article, site, trouble):
    page = browse(cast.jane, article.path)
    cast.jane.browser.post("/logout")
    button(page, "Favorite Article (0)").first.click()
    expect(page).to_have_url(f"{site}/login?next={article.path}")
    trouble[:] = [said for said in trouble if "/live?" not in said]  # it may have come too late to listen


def test_an_editor_that_was_signed_out_elsewhere_keeps_what_is_typed(browse, cast, site):
    page = browse(cast.jake, "/editor")
    cast.jake.browser.post("/logout")
    page.fill("[name=title]", "Long work")
    page.fill("[name=body]", "Hours of it")
    expect(page).to_have_url(f"{site}/login?next=/editor")
    page.fill("[name=email]", cast.jake.email)
    page.fill("[name=password]", "a long password")
    button(page, "Sign in").click()
    expect(page).to_have_url(f"{site}/editor")
    button(page, "Restore it").click()
    expect(page.locator("[name=title]")).to_have_value("Long work")
    expect(page.locator("[name=body]")).to_have_value("Hours of it")


# The editor


def test_tags_become_pills_and_never_send_the_form(browse, cast):
    page = browse(cast.jake, "/editor")
    same = stays(page)
    entry = page.get_by_placeholder("Enter tags")
    pills = page.locator(".tag-list .tag-pill")
    entry.press("Enter")
    entry.fill("fire")
    entry.press("Enter")
    expect(entry).to_have_value("")
    expect(pills).to_have_text(["fire"])
    expect(status(page)).to_have_text("Added fire")
    entry.fill("scales, fire,wings")
    entry.press("Enter")
    entry.press_sequentially("tail,")
    expect(pills).to_have_text(["fire", "scales", "wings", "tail"])
    page.locator(".tag-pill i").nth(1).click()
    expect(pills).to_have_text(["fire", "wings", "tail"])
    expect(status(page)).to_have_text("Removed scales")
    expect(button(page, "Remove tag wings")).to_be_focused()
    for name in ("title", "description"):
        page.fill(f"[name={name}]", "Dragons")
    page.fill("[name=body]", "Text")
    entry.fill("left over")
    assert same()
    button(page, "Publish Article").click()
    expect(page.locator("ul.tag-list .tag-default")).to_have_text(["fire", "left over", "tail", "wings"])


def test_removing_every_pill_removes_every_tag(browse, cast):
    article = cast.jake.publishes("Dragons", tags=("fire", "scales"))
    page = browse(cast.jake, f"/editor/{article.slug}")
    expect(page.locator(".tag-list .tag-pill")).to_have_text(["fire", "scales"])
    for _ in range(2):
        page.locator(".tag-list .tag-pill i").first.click()
    button(page, "Publish Article").click()
    expect(page.locator(".article-content")).to_be_visible()
    expect(page.locator(".tag-list")).to_have_count(0)


def test_two_clicks_are_one_article(browse, cast, site):
    page = browse(cast.jake, "/editor")
    for name in ("title", "description", "body"):
        page.fill(f"[name={name}]", "Dragons")
    button(page, "Publish Article").dblclick()
    expect(page).to_have_url(f"{site}/article/dragons")
    page.goto("/")
    expect(page.locator(".article-preview")).to_have_count(1)


def test_the_preview_is_the_article(browse, cast):
    page = browse(cast.jake, "/editor")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Your article appears here as you write it.")
    page.fill("[name=title]", "Dragons")
    page.fill("[name=description]", "All of it")
    page.fill("[name=body]", TEXT)
    expect(preview.locator("table")).to_be_visible()
    shown = preview.inner_html()
    button(page, "Publish Article").click()
    content = page.locator(".article-content")
    expect(content.locator("table")).to_be_visible()
    assert content.inner_html().strip() == shown.strip()


def test_what_was_typed_is_offered_again(browse, cast, site):
    page = browse(cast.jake, "/editor")
    page.fill("[name=title]", "Half a dragon")
    page.fill("[name=body]", "And its")
    page.get_by_placeholder("Enter tags").fill("fire")
    page.get_by_placeholder("Enter tags").press("Enter")
    expect(page.locator("#save")).to_contain_text("Kept on this device")
    page.goto("/")
    page.goto("/editor")
    expect(page.locator("#kept")).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value("")
    button(page, "Restore it").click()
    expect(page.locator("[name=title]")).to_have_value("Half a dragon")
    expect(page.locator("[name=body]")).to_have_value("And its")
    expect(page.locator(".tag-list .tag-pill")).to_have_text(["fire"])
    expect(page.locator("#kept")).to_be_hidden()
    page.fill("[name=description]", "Now whole")
    button(page, "Publish Article").click()
    expect(page).to_have_url(f"{site}/article/half-a-dragon")
    page.goto("/editor")
    expect(page.locator("#kept")).to_be_hidden()


def test_leaving_at_once_loses_nothing(browse, cast):
    page = browse(cast.jake, "/editor")
    page.fill("[name=title]", "In a hurry")
    page.goto("/")
    page.goto("/editor")
    button(page, "Restore it").click()
    expect(page.locator("[name=title]")).to_have_value("In a hurry")
    expect(page.locator("#kept")).to_be_hidden()


def test_what_is_discarded_is_not_offered_again(browse, cast):
    page = browse(cast.jake, "/editor")
    page.fill("[name=title]", "Never mind")
    page.goto("/editor")
    button(page, "Discard it").click()
    expect(page.locator("#kept")).to_be_hidden()
    page.goto("/editor")
    expect(page.locator("#kept")).to_be_hidden()


def test_nobody_is_offered_what_somebody_else_typed(browse, cast, site):
    page = browse(cast.jake, "/editor")
    page.fill("[name=title]", "Jake's secret")
    page.goto("/")
    session = cast.jane.browser.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page.goto("/editor")
    expect(page.locator("#kept")).to_be_hidden()


# Keyboard


def test_the_first_stop_of_the_keyboard_skips_the_navigation(browse, cast, article):
    page = browse(cast.jane)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Your Feed")).to_be_focused()


def test_the_keyboard_goes_through_a_page_in_its_order(browse, cast):
    cast.jake.publishes("Dragons", tags=("fire",))
    page = browse(cast.jane)
    stops = []
    for _ in range(13):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.innerText.split(/\\s/)[0]"))
    assert stops == (
        "Skip conduit Home New Settings jane Your Global Dragons jake 0 fire fire".split()  # noqa: SIM905
    )


def test_a_password_can_be_looked_at(browse):
    page = browse(path="/register")
    page.fill("[name=password]", "secret")
    button(page, "Show password").click()
    expect(page.locator("[name=password]")).to_have_attribute("type", "text")
    expect(page.locator(".cx-reveal")).to_have_text("Hide")
    page.locator(".cx-reveal").click()
    expect(page.locator("[name=password]")).to_have_attribute("type", "password")


def test_what_is_recent_is_said_in_words(browse, cast, article):
    page = browse(path=article.path)
    expect(page.locator(".date time").first).to_have_text("just now")
