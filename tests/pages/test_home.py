"""Home: what everybody wrote, what the authors that I follow wrote, what carries a tag."""

from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.views.lists import MOST_TAGS
from tests.pages.reading import HTMX, see, send


def titles(page):
    return page.texts(".article-preview h1")


def tabs(page):
    return {tab.text: (tab["href"], "active" in tab.classes) for tab in page.all(".feed-toggle a.nav-link")}


def publish(person, count, **options):
    return [person.publishes(f"Number {n}", **options) for n in range(1, count + 1)]


def test_the_newest_article_comes_first(cast, client):
    publish(cast.jake, 3)
    assert titles(see(client.get("/"))) == ["Number 3", "Number 2", "Number 1"]


def test_the_banner_says_where_one_is(database, client):
    page = see(client.get("/"))
    assert page.one(".home-page .banner h1.logo-font").text == "conduit"
    assert page.one(".banner p").text == "A place to share your knowledge."
    assert page.one(".home-page .container.page")


def test_a_visitor_has_one_feed(database, client):
    assert tabs(see(client.get("/"))) == {"Global Feed": ("/", True)}


def test_a_reader_has_two_and_begins_with_everybody_s(cast):
    assert tabs(see(cast.jane.browser.get("/"))) == {
        "Your Feed": ("/?feed=following", False),
        "Global Feed": ("/", True),
    }


def test_your_feed_has_what_the_authors_that_you_follow_wrote(cast):
    cast.jake.publishes("By Jake")
    cast.mallory.publishes("By Mallory")
    cast.jane.follows(cast.jake)
    page = see(cast.jane.browser.get("/?feed=following"))
    assert titles(page) == ["By Jake"]
    assert tabs(page)["Your Feed"] == ("/?feed=following", True)
    assert tabs(page)["Global Feed"] == ("/", False)


def test_an_empty_feed_says_so_and_leads_on(cast):
    cast.jake.publishes()
    page = see(cast.jane.browser.get("/?feed=following"))
    message = page.one(".empty-feed-message")
    assert "Your feed is empty" in message.text
    assert message.one("a[href=/]").text
    assert titles(page) == []


def test_a_list_without_articles_says_so(database, client):
    message = see(client.get("/")).one(".empty-feed-message")
    assert "No articles are here... yet." in message.text
    assert "article-preview" not in message.classes


def test_a_visitor_has_no_feed_and_is_asked_to_sign_in(database, client):
    for path in ("/?feed=following", "/?feed=following&page=2"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, "/login")


def test_a_preview_is_built_as_its_readers_expect(cast, client):
    article = cast.jake.publishes("Dragons", description="Ever wonder how?", tags=("scales", "fire"))
    preview = see(client.get("/")).one(".article-preview")
    link = preview.one("a.preview-link")
    assert link["href"] == article.path
    assert [child.tag for child in link.children] == ["h1", "p", "span"]
    assert preview.one("h1").text == "Dragons"
    assert preview.one("p").text == "Ever wonder how?"
    assert link.one("span").text == "Read more..."
    assert preview.texts("ul.tag-list > li.tag-default.tag-pill.tag-outline") == ["fire", "scales"]
    assert preview.one(".article-meta .info a.author[href=/profile/jake]").text == "jake"
    assert preview.one(".article-meta a > img")["src"].endswith("default-avatar.svg")
    assert preview.one(".article-meta .info span.date time[datetime]").text
    assert preview.one("button.btn-outline-primary").text == "0"


def test_the_text_of_a_link_has_no_other_control_in_it(cast, client):
    cast.jake.publishes(tags=("fire",))
    assert see(client.get("/")).all("a a, a button") == []


# Tags


def test_a_tag_has_a_page_with_a_tab_of_its_own(cast, client):
    cast.jake.publishes("Tagged", tags=("fire",))
    cast.jake.publishes("Untagged")
    page = see(client.get("/tag/fire"))
    assert titles(page) == ["Tagged"]
    assert tabs(page) == {"Global Feed": ("/", False), "fire": ("/tag/fire", True)}


def test_all_tags_in_use_are_in_the_margin_most_used_first(cast, client):
    for n in range(12):
        cast.jake.publishes(f"Number {n}", tags=("common",))
    cast.jake.publishes("Last", tags=("fresh",))
    pills = see(client.get("/")).all(".sidebar .tag-list a.tag-pill.tag-default")
    assert [(pill.text, pill["href"]) for pill in pills] == [
        ("common", "/tag/common"),
        ("fresh", "/tag/fresh"),
    ]


def test_of_many_tags_the_margin_has_the_most_used_and_the_newest_and_says_so(cast, client):
    loved = [f"loved-{n:02}" for n in range(20)]
    for n in range(2):
        cast.jake.publishes(f"Loved {n}", tags=loved)
    for letter in "abcd":
        cast.mallory.publishes(letter, tags=[f"{letter}-{n:02}" for n in range(30)])
    publish(cast.jake, 3)
    mine = [f"fresh-{n:02}" for n in range(30)]
    cast.jake.publishes("Mine", tags=mine)
    sidebar = see(client.get("/")).one(".sidebar")
    names = sidebar.texts(".tag-pill")
    assert len(names) == len(set(names)) == MOST_TAGS
    assert names[:20] == loved
    assert {*mine} < {*names}
    assert "the most used and the newest" in sidebar.text
    assert [pill.text for pill in sidebar.all("[aria-current]")] == []
    assert see(client.get("/tag/fresh-01")).one(".sidebar [aria-current]").text == "fresh-01"


@pytest.mark.parametrize(("tags", "shown", "more"), [(99, 99, False), (100, 100, False), (101, 100, True)])
def test_as_many_tags_as_there_is_room_for_are_all_there(cast, client, tags, shown, more):
    names = [f"tag-{n:03}" for n in range(tags)]
    for first in range(0, tags, 30):
        cast.jake.publishes(f"From {first}", tags=names[first : first + 30])
    publish(cast.jake, 2)
    sidebar = see(client.get("/")).one(".sidebar")
    assert len(sidebar.texts(".tag-pill")) == shown
    assert {*sidebar.texts(".tag-pill")} <= {*names}
    assert ("the newest" in sidebar.text) == more


def test_a_tag_goes_when_its_last_article_goes(cast, client):
    article = cast.jake.publishes(tags=("fire",))
    cast.jake.browser.post(f"{article.path}/delete")
    page = see(client.get("/"))
    assert page.all(".tag-pill") == []
    assert "No tags" in page.one(".sidebar").text


def test_a_tag_of_any_letters_leads_to_its_articles(cast, client):
    tags = ("a/b", "100%", "<b>", 'say "so"', "c++ & c#", "x,y", "你好", "?page=2", "%2F", "a;b=c", "o'clock")
    publish(cast.jake, 10)
    cast.jake.publishes("Odd", tags=tags)
    for n in range(10):
        cast.jake.publishes(f"Even {n}", tags=tags)
    home = see(client.get("/"))
    assert sorted(home.texts(".sidebar .tag-pill")) == sorted(tags)
    for pill in home.all(".sidebar .tag-pill"):
        page = see(client.get(pill["href"]))
        assert len(titles(page)) == 10
        assert page.one(".feed-toggle a.active").text == pill.text
        assert page.one(".feed-toggle a.active")["href"] == pill["href"]
        assert titles(see(client.get(page.all(".page-link")[1]["href"]))) == ["Odd"], pill.text


def test_a_tag_that_nothing_carries_has_an_empty_page(database, client):
    page = see(client.get("/tag/never"))
    assert "No articles are here... yet." in page.one(".empty-feed-message").text


# Pages


def test_fifteen_articles_make_two_pages(cast, client):
    publish(cast.jake, 15)
    page = see(client.get("/"))
    assert len(titles(page)) == 10
    assert page.texts(".pagination > .page-item > .page-link") == ["1", "2"]
    assert page.texts(".page-item.active") == ["1"]
    second = see(client.get(page.all(".page-link")[1]["href"]))
    assert titles(second) == [f"Number {n}" for n in (5, 4, 3, 2, 1)]
    assert second.texts(".page-item.active") == ["2"]
    assert [link["href"] for link in second.all(".page-link")] == ["/", "/?page=2"]


def test_one_page_needs_no_numbers(cast, client):
    publish(cast.jake, 10)
    assert see(client.get("/")).all(".pagination") == []


def test_pages_of_your_feed_and_of_a_tag_keep_their_place(cast):
    publish(cast.jake, 11, tags=("a b",))
    cast.jane.follows(cast.jake)
    for path, second in [
        ("/?feed=following", "/?feed=following&page=2"),
        ("/tag/a%20b", "/tag/a%20b?page=2"),
    ]:
        page = see(cast.jane.browser.get(path))
        assert [link["href"] for link in page.all(".page-link")] == [path, second]
        page = see(cast.jane.browser.get(second))
        assert titles(page) == ["Number 1"]
        assert tabs(page)["Global Feed"] == ("/", False), "another feed begins at its beginning"


def test_whatever_is_no_page_number_is_the_first_page_or_an_empty_one(cast, client):
    cast.jake.publishes("Only")
    for number in (
        "-1",
        "0",
        "1.5",
        str(2**63),
        "1" * 5000,
        "1_0",
        "٣",
        "",
        " 2",
        "one",
        "2&page=1",
        "1&page=x",
    ):
        for path in ("/", "/tag/x", "/profile/jake", "/profile/jake/favorites"):
            response = client.get(f"{path}?page={quote(number, safe='&=')}")
            assert response.status_code == 200, number
            assert see(response).one("nav")


def test_a_page_past_the_last_leads_back(cast, client):
    publish(cast.jake, 11)
    page = see(client.get("/?page=7"))
    assert page.one(".empty-feed-message a[href=/]")
    assert "/" in [link["href"] for link in page.all(".page-link")]


def test_behind_the_last_page_the_database_skips_nothing(cast):
    """It would read all that it skips."""
    article = cast.jake.publishes(tags=("x",))
    cast.jane.follows(cast.jake)
    cast.jane.favorites(article)
    for path in ("/?", "/?feed=following&", "/tag/x?", "/profile/jake?", "/profile/jane/favorites?"):
        for number in (2, 10_000):
            with CaptureQueriesContext(connection) as asked:
                page = see(cast.jane.browser.get(f"{path}page={number}"))
            assert titles(page) == []
            assert "OFFSET" not in str(asked.captured_queries), path


# Hearts


def heart(page):
    return page.one(".article-preview form")


def test_a_heart_is_filled_and_emptied(cast):
    cast.jake.publishes("Dragons")
    jane = cast.jane.browser
    form = heart(see(jane.get("/")))
    assert form.one("button.btn-outline-primary[aria-pressed=false]").text == "0"
    response = send(jane, form)
    assert (response.status_code, response["Location"]) == (302, "/")
    form = heart(see(jane.get("/")))
    assert form.one("button.btn-primary[aria-pressed=true]").text == "1"
    send(jane, form)
    assert heart(see(jane.get("/"))).one("button.btn-outline-primary").text == "0"


def test_htmx_gets_the_heart_alone_to_put_in_the_other_s_place(cast):
    cast.jake.publishes("Dragons")
    jane = cast.jane.browser
    form = heart(see(jane.get("/")))
    response = send(jane, form, headers=HTMX)
    assert response.status_code == 200
    fragment = see(response)
    assert [child.tag for child in fragment.children if not isinstance(child, str)] == ["form"]
    swapped = fragment.one("form")
    assert swapped["id"] == form["id"]
    assert swapped.one("button.btn-primary").text == "1"
    assert swapped.fields["next"] == ["/"], "where a browser without scripts returns to"
    assert send(jane, swapped, headers=HTMX).status_code == 200
    assert heart(see(jane.get("/"))).one("button.btn-outline-primary").text == "0"


def test_one_s_own_article_has_a_heart_as_well(cast):
    cast.jake.publishes("Dragons")
    jake = cast.jake.browser
    send(jake, heart(see(jake.get("/"))))
    assert heart(see(jake.get("/"))).one("button.btn-primary").text == "1"


def test_a_heart_returns_to_the_page_that_it_was_on(cast):
    publish(cast.jake, 11, tags=("x",))
    jane = cast.jane.browser
    for path in ("/?page=2", "/tag/x?page=2", "/profile/jake?page=2"):
        form = heart(see(jane.get(path)))
        assert send(jane, form)["Location"] == path


# What it costs


def test_home_asks_the_database_five_questions_however_long_it_is(cast, django_assert_num_queries):
    cast.jane.follows(cast.jake)
    articles = [cast.jake.publishes(tags=("a",))]
    browser = cast.jane.browser
    for _ in range(2):
        for path, number in [("/", 5), ("/?feed=following", 5), ("/tag/a", 5)]:
            with django_assert_num_queries(number):
                browser.get(path)
        articles += publish(cast.jake, 12, tags=("a", "b", "c"))
        for article in articles:
            cast.jane.favorites(article)


def test_home_asks_three_for_a_visitor(cast, client, django_assert_num_queries):
    cast.jake.publishes(tags=("a",))
    with django_assert_num_queries(3):
        client.get("/")
