"""What all pages have in common: the frame, the headers, and nothing from anywhere else."""

import re

from tests.pages.reading import see
from tests.pages.tour import tour

FROM_ELSEWHERE = re.compile("(https?:)?//")


def test_every_page_answers_as_it_should(visits):
    answers = {stop.name: response.status_code for stop, response, _ in visits}
    assert answers == {stop.name: stop.status for stop, _, _ in visits}


def test_every_page_has_one_frame(visits):
    for stop, _, page in visits:
        assert page.one("nav.navbar a.navbar-brand[href=/]").text
        assert page.one("main#main")
        assert page.one("footer a.logo-font")
        assert page.one("footer span.attribution").text
        assert "Conduit" in page.one("title").text, stop.name


def test_every_page_begins_with_a_way_past_the_navigation(visits):
    for stop, _, page in visits:
        assert page.all("body a[href]")[0]["href"] == "#main", stop.name


def test_the_navigation_of_a_visitor(client, database):
    nav = see(client.get("/")).one("nav")
    assert [(link.text, link["href"]) for link in nav.all("li.nav-item > a.nav-link")] == [
        ("Home", "/"),
        ("Sign in", "/login"),
        ("Sign up", "/register"),
    ]
    assert nav.all(".user-pic") == []


def test_the_navigation_of_a_reader_ends_with_their_bare_name(cast):
    nav = see(cast.jane.browser.get("/")).one("nav")
    assert [(link.text, link["href"]) for link in nav.all("a.nav-link")] == [
        ("Home", "/"),
        ("New Article", "/editor"),
        ("Settings", "/settings"),
        ("jane", "/profile/jane"),
    ]
    assert "default-avatar.svg" in nav.one("a[href=/profile/jane] > img.user-pic")["src"]


def test_the_page_that_one_is_on_is_active_in_the_navigation(cast, client):
    jane = cast.jane.browser
    for browser, path in [
        *((jane, path) for path in ("/", "/editor", "/settings", "/profile/jane")),
        *((client, path) for path in ("/", "/login", "/register")),
    ]:
        nav = see(browser.get(path)).one("nav")
        assert [link["href"] for link in nav.all("a.active")] == [path]
        assert [link["href"] for link in nav.all("a[aria-current=page]")] == [path]


def test_home_leads_a_reader_everywhere_once(cast):
    cast.jake.publishes()
    page = see(cast.jane.browser.get("/"))
    for address in ("/editor", "/settings", "/profile/jane"):
        assert page.one(f"a[href={address}]")
    assert page.all("a[href=/login]") == []


def test_home_and_article_have_one_plain_way_to_sign_in(cast, client):
    article = cast.jake.publishes()
    for path in ("/", article.path):
        assert see(client.get(path)).one("a[href=/login]").text == "Sign in"


def test_only_the_feed_tabs_are_named_like_feeds(visits):
    for stop, _, page in visits:
        outside = [link for link in page.all("a.nav-link") if link not in page.all(".feed-toggle a")]
        assert not [link for link in outside if "Feed" in link.text or "dragons" in link.text], stop.name


def test_the_first_submit_button_is_the_form_s_own(cast, client):
    jane = cast.jane.browser
    first = {
        path: see(browser.get(path)).all("button[type=submit]")[0].text
        for browser, path in [
            (client, "/login"),
            (client, "/register"),
            (jane, "/settings"),
            (jane, "/editor"),
        ]
    }
    assert list(first.values()) == ["Sign in", "Sign up", "Update Settings", "Publish Article"]


def test_every_address_inside_leads_somewhere(cast):
    """Every link and every action of every page; what is only posted to says so."""
    found = {}
    for stop in tour(cast):
        page = see(stop.browser.get(stop.path))
        found |= {link["href"]: stop.name for link in page.all("a[href^=/]")}
        found |= {form["action"]: stop.name for form in page.all("form")}
    jane = cast.jane.browser
    answers = {(path, name): jane.get(path).status_code for path, name in found.items()}
    assert {where: status for where, status in answers.items() if status not in {200, 302, 403, 405}} == {}


def test_every_form_is_a_real_one_with_a_token(visits):
    for stop, _, page in visits:
        for form in page.all("form"):
            assert form["method"] == "post", stop.name
            assert form["action"].startswith("/"), stop.name
            assert form.one("input[name=csrfmiddlewaretoken]"), stop.name
            assert form.attributes.get("hx-post", form["action"]) == form["action"], stop.name


def test_every_field_has_a_label(visits):
    for stop, _, page in visits:
        named = {label["for"] for label in page.all("label")}
        for field in [*page.all("input:not([type=hidden]):not([type=checkbox])"), *page.all("textarea")]:
            assert field["id"] in named, f"{stop.name}: {field}"


def test_nothing_is_loaded_from_elsewhere(visits):
    for stop, _, page in visits:
        loaded = [*page.all("script[src]"), *page.all("img"), *page.all("iframe")]
        assert not [found for found in loaded if FROM_ELSEWHERE.match(found["src"])], stop.name
        sheets = [*page.all("link[rel=stylesheet]"), *page.all("link[rel=icon]"), *page.all("use")]
        assert not [found for found in sheets if FROM_ELSEWHERE.match(found["href"])], stop.name
        assert page.all("script[src]:not([defer])") == [], stop.name


def test_nothing_is_inline(visits):
    for stop, _, page in visits:
        assert page.all("style") == page.all("[style]") == [], stop.name
        assert page.all("script:not([src]):not([type])") == [], stop.name
        assert not [found for found in page for name in found.attributes if name.startswith("on")], stop.name


def test_every_page_says_what_a_browser_may_do_with_it(visits):
    for stop, response, _ in visits:
        headers = response.headers
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy == {
            "default-src": "'self'",
            "connect-src": "'self'",
            "img-src": "'self' https: data:",
            "object-src": "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
        }, stop.name
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]


def test_what_was_made_for_somebody_is_kept_by_nobody(visits):
    for stop, response, _ in visits:
        headers = response.headers
        assert headers.get("Cache-Control") == ("private, no-store" if stop.who else None), stop.name
        told_by = "Authorization" if stop.path.startswith("/api") else "Cookie"
        assert stop.status == 400 or told_by in headers["Vary"], stop.name


def test_head_is_get_without_the_page(cast):
    for stop in tour(cast):
        response = stop.browser.head(stop.path)
        assert (response.status_code, response.content) == (stop.status, b""), stop.name


def test_pages_that_are_only_read_accept_nothing_else(database, client):
    for path in ("/", "/tag/x", "/article/x", "/profile/x", "/profile/x/favorites"):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(path).status_code == 405, path


def test_addresses_that_only_change_something_are_not_pages(cast, client):
    for path in (
        "/logout",
        "/settings/sessions/end-others",
        f"/settings/sessions/{cast.jake.id}/end",
        "/settings/tokens/revoke",
        "/editor/preview",
        *(f"/article/x/{verb}" for verb in ("favorite", "unfavorite", "delete", "restore", "comments")),
        *(f"/article/x/comments/1/{verb}" for verb in ("delete", "restore")),
        *(f"/profile/x/{verb}" for verb in ("follow", "unfollow")),
    ):
        for browser in (client, cast.jane.browser):
            for method in ("get", "head", "put", "delete"):
                assert getattr(browser, method)(path).status_code == 405, path


def test_what_is_nowhere_has_our_page(database, client):
    for path in ("/login/", "/article/x/", "/editor/", "/nowhere", "/favicon.ico", "/Login", "/a%0Ab"):
        response = client.get(path)
        assert response.status_code == 404, path
        assert see(response).one("h1").text == "Nothing is kept at this address"


def test_a_notice_is_said_once(cast):
    jake, article = cast.jake.browser, cast.jake.publishes("Dragons")
    jake.post(f"{article.path}/delete")
    jake.post(f"{article.path}/restore")
    assert see(jake.get(article.path)).one("[data-announce]").text == "“Dragons” is back."
    assert see(jake.get(article.path)).all("[data-announce]") == []


def test_a_visit_leaves_no_session_behind(visits):
    for stop, response, _ in visits:
        assert "sessionid" not in response.cookies, stop.name
