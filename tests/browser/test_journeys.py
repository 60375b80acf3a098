"""What people come to do, from the first page to the last, with scripts and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request):
    return request.param


def button(page: Page, words: str):
    return page.get_by_role("button", name=words, exact=True)


def link(page: Page, words: str):
    return page.get_by_role("link", name=words, exact=True)


def write(page: Page, scripts: bool, title: str, body: str, *tags: str) -> None:
    """Fills the editor in; each tag with Enter where scripts make pills of them."""
    page.fill("[name=title]", title)
    page.fill("[name=description]", f"About {title}")
    page.fill("[name=body]", body)
    entry = page.get_by_placeholder("Enter tags", exact=True)
    if not scripts:
        return entry.fill(", ".join(tags))
    for tag in tags:
        entry.fill(tag)
        entry.press("Enter")
        expect(entry).to_have_value("")
    expect(page.locator(".tag-list > span.tag-default.tag-pill")).to_have_text(list(tags))
    return None


def test_an_author_s_first_hour(browse, site, scripts):
    page = browse(java_script_enabled=scripts)
    link(page, "Sign up").click()
    page.fill("[name=username]", "newcomer")
    page.fill("[name=email]", "new@conduit.example")
    page.fill("[name=password]", "password123")
    page.locator("button[type=submit]").first.click()
    expect(page).to_have_url(f"{site}/")
    expect(link(page, "newcomer")).to_have_attribute("href", "/profile/newcomer")

    link(page, "New Article").click()
    expect(page).to_have_url(f"{site}/editor")
    write(page, scripts, "My first dragon", "It has *wings*.", "fire", "scales")
    button(page, "Publish Article").click()
    expect(page).to_have_url(f"{site}/article/my-first-dragon")
    expect(page.locator("h1")).to_have_text("My first dragon")
    expect(page.locator(".article-content p")).to_have_text("It has wings.")
    expect(page.locator("ul.tag-list .tag-default")).to_have_text(["fire", "scales"])

    page.get_by_placeholder("Write a comment...").fill("First!")
    button(page, "Post Comment").click()
    expect(page.locator(".card:not(.comment-form) .card-block")).to_have_count(1)
    expect(page.locator("p.card-text")).to_have_text("First!")
    expect(page.get_by_placeholder("Write a comment...")).to_have_value("")
    page.locator("i.ion-trash-a").last.click()
    expect(page.locator("p.card-text")).to_have_count(0)
    button(page, "Undo").click()
    expect(page.locator("p.card-text")).to_have_text("First!")

    link(page, "Edit Article").first.click()
    expect(page.locator("[name=title]")).to_have_value("My first dragon")
    page.fill("[name=title]", "My second dragon")
    button(page, "Publish Article").click()
    expect(page).to_have_url(f"{site}/article/my-second-dragon")
    expect(page.locator("ul.tag-list .tag-default")).to_have_text(["fire", "scales"])
    page.goto("/article/my-first-dragon")
    expect(page).to_have_url(f"{site}/article/my-second-dragon")

    button(page, "Delete Article").first.click()
    expect(page).to_have_url(f"{site}/")
    expect(page.locator(".article-preview")).to_have_count(0)
    button(page, "Undo").click()
    expect(page).to_have_url(f"{site}/article/my-second-dragon")
    expect(page.locator("p.card-text")).to_have_text("First!")

    link(page, "Settings").click()
    page.fill("[name=bio]", "Keeps dragons.")
    page.fill("[name=password]", "another password")
    page.locator("button[type=submit]").first.click()
    expect(page).to_have_url(f"{site}/profile/newcomer")
    expect(page.locator(".user-info p")).to_have_text("Keeps dragons.")
    link(page, "Settings").click()
    button(page, "Or click here to logout.").click()
    expect(page).to_have_url(f"{site}/")
    expect(link(page, "newcomer").locator("img")).to_have_count(0)

    link(page, "Sign in").click()
    page.fill("[name=email]", "new@conduit.example")
    page.fill("[name=password]", "password123")
    button(page, "Sign in").click()
    expect(page.locator("ul.error-messages li")).to_have_text("email or password is invalid")
    expect(page).to_have_url(f"{site}/login")
    expect(page.locator("[name=email]")).to_have_value("new@conduit.example")
    page.fill("[name=password]", "another password")
    button(page, "Sign in").click()
    expect(page).to_have_url(f"{site}/")
    page.reload()
    expect(link(page, "newcomer").first).to_be_visible()


def test_a_reader_s_evening(browse, cast, site, scripts):
    for number in range(1, 12):
        cast.jake.publishes(f"Dragon {number}", tags=("dragons",))
    page = browse(cast.jane, java_script_enabled=scripts)
    preview = page.locator(".article-preview", has_text="Dragon 11")
    expect(preview.locator("button.btn-outline-primary")).to_have_text("0")
    preview.locator("button").click()
    expect(preview.locator("button.btn-primary")).to_have_text("1")

    link(page, "Page 2").click()
    expect(page).to_have_url(f"{site}/?page=2")
    expect(page.locator(".article-preview h1")).to_have_text(["Dragon 1"])
    page.locator("h1", has_text="Dragon 1").click()
    expect(page).to_have_url(f"{site}/article/dragon-1")
    button(page, "Follow jake").first.click()
    expect(button(page, "Unfollow jake")).to_have_count(2)
    button(page, "Favorite Article (0)").first.click()
    expect(button(page, "Unfavorite Article (1)")).to_have_count(2)

    page.goto("/")
    link(page, "Your Feed").click()
    expect(page).to_have_url(f"{site}/?feed=following")
    expect(page.locator(".article-preview")).to_have_count(10)
    page.locator(".sidebar").get_by_role("link", name="dragons").click()
    expect(page).to_have_url(f"{site}/tag/dragons")
    expect(page.locator(".feed-toggle a.active")).to_have_text("dragons")

    link(page, "jane").click()
    link(page, "Favorited Articles").click()
    expect(page).to_have_url(f"{site}/profile/jane/favorites")
    expect(page.locator(".article-preview h1")).to_have_text(["Dragon 11", "Dragon 1"])
    page.goto("/profile/jake")
    button(page, "Unfollow jake").click()
    expect(button(page, "Follow jake")).to_be_visible()
    page.goto("/?feed=following")
    expect(page.locator(".empty-feed-message")).to_contain_text("Your feed is empty")


def test_a_visitor_finds_done_what_they_meant_to_do(browse, cast, site, scripts):
    article = cast.jake.publishes("Dragons")
    page = browse(path=article.path, java_script_enabled=scripts)
    button(page, "Favorite Article (0)").first.click()
    expect(page).to_have_url(f"{site}/login?next={article.path}")
    page.fill("[name=email]", cast.jane.email)
    page.fill("[name=password]", PASSWORD)
    button(page, "Sign in").click()
    expect(page).to_have_url(f"{site}{article.path}")
    expect(button(page, "Unfavorite Article (1)")).to_have_count(2)


def test_a_visitor_who_signs_up_finds_it_done_too_and_only_once(browse, cast, site, scripts):
    article = cast.jake.publishes("Dragons")
    page = browse(path="/", java_script_enabled=scripts)
    page.locator(".article-preview button.btn-outline-primary").click()
    expect(page).to_have_url(f"{site}/login?next=/")
    assert {cookie["name"] for cookie in page.context.cookies()} == {"csrftoken", "intent"}
    link(page, "Need an account?").click()
    page.fill("[name=username]", "mia")
    page.fill("[name=email]", "mia@conduit.example")
    page.fill("[name=password]", PASSWORD)
    button(page, "Sign up").click()
    expect(page).to_have_url(f"{site}/")
    page.locator(".article-preview button.btn-primary", has_text="1").click()
    expect(page.locator(".article-preview button.btn-outline-primary")).to_have_text("0")
    page.goto("/settings")
    button(page, "Or click here to logout.").click()
    link(page, "Sign in").click()
    page.fill("[name=email]", "mia@conduit.example")
    page.fill("[name=password]", PASSWORD)
    button(page, "Sign in").click()
    expect(page).to_have_url(f"{site}/")
    page.goto(article.path)
    expect(button(page, "Favorite Article (0)")).to_have_count(2)


def test_two_tabs_do_not_overwrite_each_other_unasked(browse, cast, site, scripts):
    article = cast.jake.publishes("Dragons", body="First")
    one = browse(cast.jake, f"/editor/{article.slug}", java_script_enabled=scripts)
    other = browse(cast.jake, f"/editor/{article.slug}", java_script_enabled=scripts)
    for page, body in [(one, "From one tab"), (other, "From the other")]:
        page.fill("[name=body]", body)
        button(page, "Publish Article").click()
    expect(one).to_have_url(f"{site}{article.path}")
    expect(other.get_by_role("heading", name="This article changed while you were writing")).to_be_visible()
    expect(other.get_by_label("Text", exact=True).and_(other.locator("[readonly]"))).to_have_value(
        "From one tab"
    )
    expect(other.locator("[name=body]")).to_have_value("From the other")
    button(other, "Publish Article").click()
    expect(other).to_have_url(f"{site}{article.path}")
    expect(other.locator(".article-content")).to_have_text("From the other")


def test_mistakes_lead_to_their_fields_and_lose_nothing(browse, cast, site, scripts):
    page = browse(cast.jake, "/editor", java_script_enabled=scripts)
    write(page, scripts, "", "A long text", "fire", "scales")
    button(page, "Publish Article").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator("#errors")).to_be_focused()
    page.get_by_role("link", name="title can't be blank").click()
    expect(page.locator("[name=title]")).to_be_focused()
    expect(page.locator("[name=body]")).to_have_value("A long text")
    page.keyboard.type("Dragons")
    button(page, "Publish Article").click()
    expect(page).to_have_url(f"{site}/article/dragons")
    expect(page.locator("ul.tag-list .tag-default")).to_have_text(["fire", "scales"])


def test_a_comment_s_mistake_is_named_where_it_was_made(browse, cast, scripts):
    article = cast.jake.publishes("Dragons")
    page = browse(cast.jane, article.path, java_script_enabled=scripts)
    button(page, "Post Comment").click()
    expect(page.locator("ul.error-messages li")).to_have_text("body can't be blank")
    expect(page.locator("#errors")).to_be_focused()
    page.get_by_placeholder("Write a comment...").fill("Words")
    button(page, "Post Comment").click()
    expect(page.locator("p.card-text")).to_have_text("Words")
    expect(page.locator("ul.error-messages")).to_have_count(0)


def test_a_deleted_article_can_be_put_back_from_its_own_page(browse, cast, site, scripts):
    article = cast.jake.publishes("Dragons")
    page = browse(cast.jake, article.path, java_script_enabled=scripts)
    button(page, "Delete Article").first.click()
    expect(page).to_have_url(f"{site}/")
    page.goto("/settings")
    page.goto(article.path)
    button(page, "Put it back").click()
    expect(page.locator("h1")).to_have_text("Dragons")
    expect(page.locator(".article-content")).to_be_visible()
