"""An article's page: reading it, its hearts and its follow buttons, its addresses, and what is left when it goes."""

import json
from urllib.parse import quote

from blog.commands import EditArticle
from eventstore.dispatch import dispatch
from eventstore.log import head
from tests.pages.reading import HTMX, see, send
from tests.pages.tour import a_long_article


def button(page, words):
    """The buttons that say this, in the order of the page."""
    return [found for found in page.all("button") if found.text.startswith(words)]


def rename(article, author, title, slug):
    dispatch(EditArticle(article_id=article.id, author_id=author.id, title=title, slug=slug))


def test_the_title_is_the_only_heading_of_its_rank(cast, client):
    page = see(client.get(cast.jake.publishes("Dragons & <knights>", body="# One\n\n## Two").path))
    assert page.one("h1").text == "Dragons & <knights>"
    assert page.one(".article-page > .banner h1")
    assert page.one("title").text == "Dragons & <knights> · Conduit"


def test_the_text_is_there_once_and_a_paragraph_is_one(cast, client):
    page = see(client.get(cast.jake.publishes(body="You have to *believe*.").path))
    assert page.one(".article-content p").text == "You have to believe."


def test_everything_that_markdown_makes_is_there(cast, client):
    content = see(client.get(a_long_article(cast).path)).one(".article-content")
    for element in (
        "a[href=https://example.com/]",
        "strong",
        "blockquote",
        "h2",
        "table",
        "pre.highlight",
        "sup",
    ):
        assert content.one(element)
    assert content.texts("ol")[0] == "First Second"
    assert [box.attributes.get("checked") for box in content.all("input[type=checkbox]")] == ["", None]


def test_tags_are_listed_once_and_lead_to_their_pages(cast, client):
    page = see(client.get(cast.jake.publishes(tags=("training", "fire")).path))
    assert page.texts("ul.tag-list .tag-default") == ["fire", "training"]
    assert [link["href"] for link in page.all("ul.tag-list a")] == ["/tag/fire", "/tag/training"]


def test_an_article_without_tags_has_no_list_of_them(cast, client):
    assert see(client.get(cast.jake.publishes().path)).all(".tag-list") == []


def test_who_wrote_it_and_when_is_said_above_and_below(cast, client):
    page = see(client.get(cast.jake.publishes().path))
    metas = page.all(".article-meta")
    assert len(metas) == 2
    for meta in metas:
        assert meta.one(".info a.author[href=/profile/jake]").text == "jake"
        assert meta.one("a[href=/profile/jake] > img")["src"].endswith("default-avatar.svg")
        assert meta.one(".info span.date time[datetime]").text
    assert page.one(".article-actions .article-meta")


def test_the_author_may_edit_and_delete(cast):
    article = cast.jake.publishes("Dragons")
    page = see(cast.jake.browser.get(article.path))
    assert {link["href"] for link in page.all("a[href^=/editor/]")} == {"/editor/dragons"}
    assert page.all("a[href^=/editor/]")[0].text == "Edit Article"
    assert button(page, "Delete Article")
    assert not button(page, "Follow")
    assert not button(page, "Favorite")
    assert page.all("[hx-confirm]") == []


def test_everybody_else_may_follow_and_favorite(cast, client):
    article = cast.jake.publishes()
    for browser in (client, cast.jane.browser):
        page = see(browser.get(article.path))
        assert [found.text for found in button(page, "Follow")] == ["Follow jake"] * 2
        assert [found.text for found in button(page, "Favorite")] == ["Favorite Article (0)"] * 2
        assert not button(page, "Delete Article")
        assert page.all("a[href^=/editor/]") == []


def test_versions_stand_in_the_margin(cast, client):
    article = cast.jake.publishes("Dragons")
    rename(article, cast.jake, "Wyverns", "wyverns")
    page = see(client.get("/article/wyverns"))
    assert len(page.all(".cx-ledger li")) == len(page.all(".cx-versions li")) == 2
    assert "Published" in page.all(".cx-ledger li")[0].text


def test_machines_can_read_who_wrote_what(cast, client):
    title, description = 'Say "so" \\ </script><script>alert(1)', "It's a & b"
    page = see(client.get(cast.jake.publishes(title, description=description).path))
    data = json.loads(page.one("script[type=application/ld+json]").raw_text)
    assert (data["headline"], data["description"]) == (title, description)
    assert data["author"]["url"] == "http://testserver/profile/jake"
    assert page.one("meta[property=og:title]")["content"] == title
    assert page.one("link[rel=canonical]")["href"] == data["mainEntityOfPage"]


# Hearts and follows


def test_a_heart_is_filled_and_emptied_on_the_page(cast):
    article = cast.jake.publishes("Dragons")
    jane = cast.jane.browser
    response = send(jane, see(jane.get(article.path)).one("#favorite-banner"))
    assert (response.status_code, response["Location"]) == (302, article.path)
    page = see(jane.get(article.path))
    filled = button(page, "Unfavorite Article (1)")
    assert [found["aria-pressed"] for found in filled] == ["true", "true"]
    assert all("btn-primary" in found.classes for found in filled)
    send(jane, page.one("#favorite-actions"))
    emptied = button(see(jane.get(article.path)), "Favorite Article (0)")
    assert all("btn-outline-primary" in found.classes for found in emptied)


def test_an_author_is_followed_and_left_on_the_page(cast):
    article = cast.jake.publishes("Dragons")
    jane = cast.jane.browser
    response = send(jane, see(jane.get(article.path)).one("#follow-banner"))
    assert (response.status_code, response["Location"]) == (302, article.path)
    page = see(jane.get(article.path))
    assert len(button(page, "Unfollow jake")) == 2
    send(jane, page.one("#follow-actions"))
    assert len(button(see(jane.get(article.path)), "Follow jake")) == 2


def test_htmx_gets_both_copies_of_a_button_for_their_places(cast):
    article = cast.jake.publishes("Dragons")
    jane = cast.jane.browser
    page = see(jane.get(article.path))
    for form, words in [("#favorite-banner", "Unfavorite Article (1)"), ("#follow-actions", "Unfollow jake")]:
        fragment = see(send(jane, page.one(form), headers=HTMX))
        targets = [part["hx-target"] for part in fragment.all("hx-partial")]
        assert len(targets) == 2
        for target in targets:
            assert page.one(target)["method"] == "post"
            assert fragment.one(target).one("button").text == words
        assert fragment.all("html") == []


def test_asking_twice_is_asking_once(cast):
    article = cast.jake.publishes()
    jane = cast.jane.browser
    for verb in (f"{article.path}/favorite", "/profile/jake/follow"):
        jane.post(verb)
        before = head()
        assert jane.post(verb).status_code == 302
        assert head() == before
    assert "1" in see(jane.get(article.path)).all(".counter")[0].text


def test_a_visitor_s_heart_is_filled_after_signing_in(cast, client):
    article = cast.jake.publishes("Dragons")
    jane = cast.jane
    response = send(client, see(client.get(article.path)).one("#favorite-banner"))
    assert (response.status_code, response["Location"]) == (302, f"/login?next={article.path}")
    form = see(client.get(response["Location"])).one("form")
    response = send(client, form, email=jane.email, password="a long password")
    assert response["Location"] == article.path
    assert len(button(see(client.get(article.path)), "Unfavorite Article (1)")) == 2


def test_a_visitor_s_follow_is_kept_through_signing_up(cast, client):
    article = cast.jake.publishes("Dragons")
    response = send(client, see(client.get(article.path)).one("#follow-banner"), headers=HTMX)
    assert response.headers["HX-Redirect"] == f"/login?next={article.path}"
    page = see(client.get(response.headers["HX-Redirect"]))
    address = page.one("main a[href^=/register]")["href"]
    form = see(client.get(address)).one("form")
    answers = {"username": "newcomer", "email": "new@conduit.example", "password": "password123"}
    assert send(client, form, **answers)["Location"] == article.path
    assert len(button(see(client.get(article.path)), "Unfollow jake")) == 2


def test_what_was_meant_is_let_go_when_it_can_t_be_done_any_more(cast, client):
    article = cast.jake.publishes("Dragons")
    send(client, see(client.get(article.path)).one("#favorite-banner"))
    cast.jake.browser.post(f"{article.path}/delete")
    response = client.post("/login", {"email": cast.jane.email, "password": "a long password"})
    assert (response.status_code, response["Location"]) == (302, "/")
    client.post("/logout")
    client.post("/profile/jake/follow")
    assert (
        client.post("/login", {"email": "jake@conduit.example", "password": "a long password"}).status_code
        == 302
    )


# Addresses


def test_a_former_address_leads_to_the_present_one_for_ever(cast, client):
    article = cast.jake.publishes("One")
    for title in ("Two", "Three", "Four"):
        rename(article, cast.jake, title, title.lower())
    for former in ("one", "two", "three"):
        response = client.get(f"/article/{former}")
        assert (response.status_code, response["Location"]) == (301, "/article/four")
    assert client.get("/article/four").status_code == 200


def test_a_former_address_is_never_given_to_another_article(cast, client):
    article = cast.jake.publishes("One")
    rename(article, cast.jake, "Two", "two")
    other = cast.jane.publishes("One")
    assert other.slug.startswith("one-")
    assert client.get("/article/one")["Location"] == "/article/two"


def test_what_is_done_at_a_former_address_is_done_to_the_article(cast):
    article = cast.jake.publishes("One")
    rename(article, cast.jake, "Two", "two")
    jane = cast.jane.browser
    assert jane.post("/article/one/favorite")["Location"] == "/article/two"
    assert jane.post("/article/one/comments", {"body": "Still here?"})["Location"] == "/article/two#comments"
    assert see(cast.jake.browser.get("/editor/one")).one("form")["action"] == "/editor/two"


def test_titles_of_any_letters_have_an_address(cast, client):
    for title in ("你好", "!!!", "feed", "new", "preview", "🐉", "Ünïcödé ß", "a/b", "100%", "..", "ﷺ"):
        article = cast.jake.publishes(title)
        page = see(client.get(f"/article/{quote(article.slug)}"))
        assert page.one("h1").text == title
        assert article.slug not in {"", "feed", "new", "preview", ".."}
        home = see(client.get("/"))
        assert see(client.get(home.all("a.preview-link")[0]["href"])).one("h1").text == title


def test_two_articles_of_one_title_have_two_addresses(cast, client):
    one, other = cast.jake.publishes("Dragons"), cast.jane.publishes("Dragons")
    assert one.path != other.path
    assert see(client.get(other.path)).all("a.author")[0].text == "jane"


# Going, and coming back


def test_an_article_is_deleted_with_one_click_and_comes_back_with_another(cast, client):
    article = cast.jake.publishes("Dragons", tags=("fire",))
    cast.jane.says("Nice", article)
    jake = cast.jake.browser
    form = next(
        form for form in see(jake.get(article.path)).all("form") if form["action"].endswith("/delete")
    )
    response = send(jake, form)
    assert (response.status_code, response["Location"]) == (302, "/")
    home = see(jake.get("/"))
    assert home.all(".article-preview") == []
    assert "“Dragons” is deleted." in home.one("#undo").text
    response = send(jake, home.one("#undo form"))
    assert (response.status_code, response["Location"]) == (302, article.path)
    assert see(client.get(article.path)).texts(".card-text") == ["Nice"]
    assert see(client.get("/")).texts(".sidebar .tag-pill") == ["fire"]


def test_a_deleted_article_is_gone_and_says_so(cast, client):
    article = cast.jake.publishes("Dragons")
    cast.jake.browser.post(f"{article.path}/delete")
    for browser in (client, cast.jane.browser):
        response = browser.get(article.path)
        assert response.status_code == 410
        page = see(response)
        assert page.one("h1").text == "Dragons"
        assert "deleted by its author" in page.one("main").text
        assert page.all("main form") == []


def test_its_author_can_put_it_back_from_its_own_page(cast, client):
    article = cast.jake.publishes("Dragons")
    jake = cast.jake.browser
    jake.post(f"{article.path}/delete")
    jake.get("/")
    response = send(jake, see(jake.get(article.path)).one("main form"))
    assert (response.status_code, response["Location"]) == (302, article.path)
    assert client.get(article.path).status_code == 200


def test_a_former_address_of_a_deleted_article_is_gone_too(cast, client):
    article = cast.jake.publishes("One")
    rename(article, cast.jake, "Two", "two")
    cast.jake.browser.post("/article/two/delete")
    assert client.get("/article/one").status_code == 410


def test_nothing_can_be_done_to_a_deleted_article_but_taking_one_s_heart_back(cast):
    article = cast.jake.publishes()
    cast.jane.favorites(article)
    comment = cast.jane.says("Nice", article)
    cast.jake.browser.post(f"{article.path}/delete")
    before = head()
    for verb in ("favorite", "comments", "comments/1/delete", "comments/1/restore"):
        assert cast.jane.browser.post(f"{article.path}/{verb}", {"body": "x"}).status_code == 404, comment
    assert cast.jake.browser.get(f"/editor/{article.slug}").status_code == 404
    assert head() == before
    assert cast.jane.browser.post(f"{article.path}/unfavorite").status_code == 302
    assert head() == before + 1


def test_what_was_never_written_is_nowhere(cast):
    jane = cast.jane.browser
    for path in ("/article/never", "/editor/never"):
        assert jane.get(path).status_code == 404
    for verb in ("favorite", "unfavorite", "delete", "restore", "comments", "comments/1/delete"):
        assert jane.post(f"/article/never/{verb}").status_code == 404


# What it costs


def test_an_article_asks_the_database_five_questions_however_much_is_said_below(
    cast, django_assert_num_queries
):
    article = cast.jake.publishes(tags=("a", "b"))
    cast.jane.says("First", article)
    jane = cast.jane.browser
    for _ in range(2):
        with django_assert_num_queries(5):
            jane.get(article.path)
        for n in range(12):
            cast.mallory.says(f"Number {n}", article)
            rename(article, cast.jake, f"Title {n}", "how-to-train-your-dragon")
