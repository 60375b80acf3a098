"""A profile: who somebody is, what they wrote, what they took to heart."""

from accounts.commands import ChangeUsername, UpdateProfile
from eventstore.dispatch import dispatch
from eventstore.log import head
from tests.pages.reading import HTMX, see, send


def info(page):
    return page.one(".profile-page > .user-info")


def test_a_profile_says_who_somebody_is(cast, client):
    dispatch(
        UpdateProfile(user_id=cast.jake.id, bio="I work at <statefarm>", image="https://x.example/j.png")
    )
    about = info(see(client.get("/profile/jake")))
    assert about.one("img.user-img")["src"] == "https://x.example/j.png"
    assert about.one("h4").text == "jake"
    assert about.one("p").text == "I work at <statefarm>"


def test_nothing_said_is_nothing_shown(cast, client):
    about = info(see(client.get(cast.jake.path)))
    assert about.one("p").raw_text == ""
    assert "default-avatar.svg" in about.one("img.user-img")["src"]


def test_one_s_own_profile_leads_to_the_settings(cast):
    about = info(see(cast.jake.browser.get(cast.jake.path)))
    assert about.one("a[href=/settings]").text == "Edit Profile Settings"
    assert about.all("button") == []


def test_everybody_else_s_has_one_button(cast, client):
    for browser in (client, cast.jane.browser):
        about = info(see(browser.get(cast.jake.path)))
        assert about.one("button").text == "Follow jake"
        assert about.all("a[href=/settings]") == []


def test_an_author_is_followed_and_left(cast):
    jane = cast.jane.browser
    response = send(jane, see(jane.get(cast.jake.path)).one("#follow-form"))
    assert (response.status_code, response["Location"]) == (302, "/profile/jake")
    about = info(see(jane.get(cast.jake.path)))
    assert about.one("button").text == "Unfollow jake"
    assert "1 follower" in about.text
    send(jane, about.one("#follow-form"))
    assert info(see(jane.get(cast.jake.path))).one("button").text == "Follow jake"


def test_htmx_gets_the_button_with_the_count(cast):
    jane = cast.jane.browser
    page = see(jane.get(cast.jake.path))
    form = page.one("#follow-form")
    response = send(jane, form, headers=HTMX)
    fragment = see(response)
    assert page.one(form["hx-target"])["id"] == fragment.one("div")["id"]
    assert fragment.one("button").text == "Unfollow jake"
    assert "1 follower" in fragment.text


def test_nobody_follows_themselves(cast):
    jake = cast.jake.browser
    before = head()
    response = jake.post("/profile/jake/follow")
    assert response.status_code == 400
    assert "Nobody can follow themselves." in see(response).one("main").text
    assert head() == before


def test_the_tabs_have_addresses(cast, client):
    assert cast.jake
    for path, active in [("/profile/jake", "My Articles"), ("/profile/jake/favorites", "Favorited Articles")]:
        page = see(client.get(path))
        tabs = page.all(".articles-toggle a.nav-link")
        assert [(tab.text, tab["href"]) for tab in tabs] == [
            ("My Articles", "/profile/jake"),
            ("Favorited Articles", "/profile/jake/favorites"),
        ]
        assert page.texts(".articles-toggle a.active") == [active]


def test_what_one_wrote_and_what_one_took_to_heart_are_two_lists(cast, client):
    mine = cast.jake.publishes("Mine")
    cast.jane.publishes("Hers")
    cast.jane.favorites(mine)
    assert see(client.get("/profile/jane")).texts(".article-preview h1") == ["Hers"]
    assert see(client.get("/profile/jane/favorites")).texts(".article-preview h1") == ["Mine"]


def test_a_heart_for_a_deleted_article_is_not_listed_until_it_is_back(cast, client):
    articles = [cast.jake.publishes(f"Number {n}") for n in range(11)]
    for article in articles:
        cast.jane.favorites(article)
    cast.jake.browser.post(f"{articles[0].path}/delete")
    page = see(client.get("/profile/jane/favorites"))
    assert len(page.all(".article-preview")) == 10
    assert page.all(".pagination") == []
    cast.jake.browser.post(f"{articles[0].path}/restore")
    assert len(see(client.get("/profile/jane/favorites")).all(".page-link")) == 2


def test_empty_lists_say_what_will_be_there(cast, client):
    for browser in (client, cast.jake.browser):
        for path in ("/profile/jake", "/profile/jake/favorites"):
            message = see(browser.get(path)).one(".empty-feed-message")
            assert "No articles are here... yet." in message.text


def test_pages_stay_with_their_list(cast, client):
    for n in range(11):
        cast.jane.favorites(cast.jake.publishes(f"Number {n}"))
    for path in ("/profile/jake", "/profile/jane/favorites"):
        page = see(client.get(path))
        assert [link["href"] for link in page.all(".page-link")] == [path, f"{path}?page=2"]
        assert len(see(client.get(f"{path}?page=2")).all(".article-preview")) == 1


def test_a_former_name_leads_to_the_present_one_for_ever(cast, client):
    for name in ("jacob", "jakob"):
        dispatch(ChangeUsername(user_id=cast.jake.id, username=name))
    for former in ("jake", "jacob"):
        for tab in ("", "/favorites"):
            response = client.get(f"/profile/{former}{tab}")
            assert (response.status_code, response["Location"]) == (301, f"/profile/jakob{tab}")


def test_a_name_in_another_spelling_leads_to_the_one_that_its_owner_uses(cast, client):
    assert cast.jake
    for spelling in ("Jake", "JAKE", "%EF%BD%8Aake"):
        assert client.get(f"/profile/{spelling}")["Location"] == "/profile/jake"


def test_who_is_nobody_is_nowhere(cast):
    jane = cast.jane.browser
    for name in ("nobody", "x" * 5000, "%3Cb%3E", "..", "jane%20", "%20"):
        assert jane.get(f"/profile/{name}").status_code == 404
        assert jane.get(f"/profile/{name}/favorites").status_code == 404
        assert jane.post(f"/profile/{name}/follow").status_code == 404


def test_a_profile_asks_the_database_at_most_five_questions_however_long_it_is(
    cast, django_assert_num_queries
):
    cast.jane.follows(cast.jake)
    cast.jake.favorites(cast.jake.publishes(tags=("a",)))
    jane = cast.jane.browser
    for _ in range(2):
        for path, number in [("/profile/jake", 4), ("/profile/jake/favorites", 5)]:
            with django_assert_num_queries(number):
                jane.get(path)
        for n in range(12):
            cast.jake.favorites(cast.jake.publishes(f"Number {n}", tags=("a", "b")))
