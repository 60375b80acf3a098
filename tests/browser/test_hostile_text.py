"""In a real browser, under the real policy: what people typed runs nothing, loads nothing but pictures, bends no part
of the page, and gives the policy nothing to report."""

import base64
import re
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from accounts.commands import Bio, UpdateProfile
from blog.commands import MOST_TAGS, CommentBody, DeleteArticle, Description, Tag, Title
from blog.wording import tidy
from eventstore.dispatch import dispatch
from tests.browser.browsing import Browse, browsing
from tests.browser.living import LAST, OPEN, edit, prepared, until
from tests.browser.site import swept
from tests.cast import Article, Cast, Person
from tests.xss import payloads
from tests.xss.looking import LISTEN, looked_at, mentions
from tests.xss.markup import HANDLERS, MUTATIONS
from tests.xss.packing import accepted, bodies, packed

PIXEL = base64.b64decode("R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==")
TAGS = tidy(text for text in accepted(payloads.FOR_FIELDS, Tag) if "," not in text)


AS_MARKUP = """html => {
  document.querySelector("main").innerHTML = `<p class=card-text><b>x</b></p><div class=article-content>${html}`;
}"""
PLANT = """([where, what]) => {
  const planted = document.createElement("div");
  planted.innerHTML = `<b hx-get="/login${what}" hx-trigger="load">x</b>`;
  document.querySelector(where).append(planted);
  htmx.process(planted);
}"""
PICTURES = re.compile(" loads https://| misses (?!.*/static/)")
"""What is said of pictures that are elsewhere, or nowhere on the site."""


class World(NamedTuple):
    """What is all over the place."""

    texts: list[Article]
    titles: list[Article]
    gone: Article
    people: list[Person]


def hostile(cast: Cast) -> World:
    """Everybody has a hostile picture and tells hostile things of themselves; Jake has written all the texts."""
    jake, bios = cast.jake, packed(payloads.FOR_FIELDS, Bio)
    people = [jake, *(Person(f"reader{nth}") for nth in range(len(payloads.IMAGES) - 1))]
    for person, image, bio in zip(people, payloads.IMAGES, cycle(bios)):
        dispatch(UpdateProfile(user_id=person.id, image=image, bio=bio))
    titles, tags = packed(payloads.FOR_FIELDS, Title), cycle(TAGS)
    headed = [
        jake.publishes(title, description=said, tags=tidy(islice(tags, MOST_TAGS)))
        for title, said in zip(titles, cycle(packed(payloads.FOR_FIELDS, Description)))
    ]
    texts = [
        jake.publishes(f"Text {nth}", body=body) for nth, body in enumerate(bodies(payloads.FOR_MARKDOWN))
    ]
    for person, words in zip(cycle(people), packed(payloads.FOR_MARKDOWN, CommentBody, "\n\n")):
        person.says(words, texts[0])
    for person in people:
        person.says("Here", texts[0])
    gone = jake.publishes("</title><script>hit()</script>")
    dispatch(DeleteArticle(article_id=gone.id, author_id=jake.id))
    return World(texts, headed, gone, people)


@pytest.fixture(scope="module")
def trouble() -> list[str]:
    return []


@pytest.fixture(scope="module")
def loaded() -> list[tuple[str, str, str | None]]:
    """What pages ask of elsewhere: its kind, its address, and what is said about where it is asked from."""
    return []


@pytest.fixture(scope="module")
def cast(site: str, fresh_database: Any) -> Iterator[Cast]:
    with swept(site, fresh_database):
        yield Cast()


@pytest.fixture(scope="module")
def world(cast: Cast) -> World:
    world = hostile(cast)
    assert cast.jake.browser.session  # signed in while nobody has an event loop
    assert cast.jane.browser.session
    return world


@pytest.fixture(scope="module")
def browse(site: str, world: World, chromium: Browser, trouble: list[str], loaded: Any) -> Iterator[Browse]:
    def give_a_pixel(route: Route) -> None:
        request = route.request
        loaded.append((request.resource_type, request.url, request.headers.get("referer")))
        route.fulfill(body=PIXEL, content_type="image/gif")

    def open_page(who: Person | None = None, path: str = "/", **options: Any) -> Page:
        page = prepared(on_the_site, who)
        page.add_init_script(LISTEN)
        page.route(lambda url: not url.startswith((site, "data:", "blob:")), give_a_pixel)
        page.goto(path)
        return page

    with browsing(chromium, site, trouble) as on_the_site:
        yield open_page


@pytest.fixture(autouse=True)
def nothing_unasked(trouble: list[str], loaded: Any) -> Iterator[None]:
    """The only things that come from elsewhere are pictures by https, which are not told who looks at them."""
    yield
    assert [said for said in trouble if not PICTURES.search(said)] == []
    assert [
        what for what in loaded if what[0] != "image" or not what[1].startswith("https://") or what[2]
    ] == []
    trouble.clear()


def visited(page: Page, paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        page.goto(path)
        found += looked_at(page)
    return found


def test_what_would_do_harm_is_found(chromium: Browser, site: str) -> None:
    """The look itself: the same texts as markup, on a page without a policy, run and are found."""
    with chromium.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.add_init_script(LISTEN)
        page.goto(f"{site}/login")
        page.evaluate(AS_MARKUP, "".join(HANDLERS + MUTATIONS))
        until(page, "hits.length")
        kinds = {problem.removeprefix(page.url).split(": ")[1] for problem in looked_at(page)}
    assert {"ran", "a handler", "an element", "never", "more than letters"} <= kinds


def test_texts_and_comments_on_their_pages(browse: Browse, world: World) -> None:
    """Every text, rendered; every comment, bio and picture beside it; for nobody and for their author."""
    page, paths = browse(), [article.path for article in world.texts]
    assert visited(page, paths) + visited(browse(world.people[0]), paths) == []
    page.goto(world.texts[0].path)
    assert mentions(page) > 500


def test_what_would_be_markup_for_htmx_is_not_even_looked_at(browse: Browse, world: World) -> None:
    """Behind the allow-list, a text that had such attributes would have nobody to heed them."""
    page, asked = browse(None, world.texts[0].path), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(PLANT, [".article-content", "?inside"])
    with page.expect_request(re.compile("outside")):
        page.evaluate(PLANT, ["main", "?outside"])
    assert [url for url in asked if "inside" in url] == []


def test_titles_descriptions_and_tags_wherever_they_are_listed(browse: Browse, world: World) -> None:
    pages = -(-(len(world.titles) + len(world.texts)) // 10)
    paths = [f"/?page={nth}" for nth in range(1, pages + 1)]
    paths += [article.path for article in world.titles[:5]]
    assert visited(browse(), paths) == []
    page = browse()
    page.locator("#tags a").first.click()
    assert looked_at(page) == []


def test_profiles_and_what_their_owners_see(browse: Browse, world: World) -> None:
    assert visited(browse(), [person.path for person in world.people[:5]]) == []
    jake = browse(world.people[0])
    assert visited(jake, ["/settings", "/?feed=following", "/editor", world.gone.path]) == []


def test_the_editor_and_its_preview(browse: Browse, world: World) -> None:
    page, found = browse(world.people[0]), []
    for article in world.texts + world.titles[:3]:
        page.goto(f"/editor/{article.slug}")
        expect(page.locator("#preview")).not_to_be_empty()
        until(page, "!document.querySelector('#preview .cx-hint')")
        found += looked_at(page)
    assert found == []


def test_what_was_typed_comes_back_with_a_refusal(browse: Browse, world: World) -> None:
    page, found = browse(), []
    for path, field in (("/register", "username"), ("/login", "email")):
        page.goto(path)
        page.fill(f"[name={field}]", " ".join(payloads.NAMES + payloads.BREAKOUTS))
        page.locator("main form").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
        expect(page.locator("ul.error-messages")).to_be_visible()
        found += looked_at(page)
    assert found == []


def test_a_picture_that_never_loads_is_refused_and_that_is_all(browse: Browse, trouble: list[str]) -> None:
    """It is shown as it was given, and the policy says of it what policies say; nothing runs, nothing is asked for."""
    page, somebody = browse(), Person("pictured")
    for image in payloads.IMAGES_THAT_NEVER_LOAD:
        dispatch(UpdateProfile(user_id=somebody.id, image=image))
        page.goto(somebody.path)
        assert page.locator(".user-img").get_attribute("src") == image
        found = [problem for problem in looked_at(page) if ": reported: img-src " not in problem]
        assert found == [], image
    trouble[:] = [said for said in trouble if "violates the following Content Security Policy" not in said]


def listening(browse: Browse, path: str) -> Page:
    page = browse(None, path)
    page.add_init_script(LAST)
    page.goto(path)
    until(page, OPEN)
    return page


def test_what_is_told_live(browse: Browse, cast: Cast, world: World) -> None:
    """Comments, tags and numbers come to open pages as they would be on them."""
    article = cast.jane.publishes("Quiet", body="Nothing yet.")
    reading, listing = listening(browse, article.path), listening(browse, "/")
    told = packed(payloads.FOR_MARKDOWN, CommentBody, "\n\n")
    for person, words in zip(cycle(world.people), told):
        person.says(words, article)
    news = tidy(f"{tag[:30]} 2" for tag in TAGS[:MOST_TAGS])
    cast.jane.publishes(packed(payloads.RAW, Title)[0], tags=news)
    edit(cast.jane, article, title=packed(payloads.BREAKOUTS, Title)[0])
    expect(reading.locator("#bar")).to_be_visible()
    reading.locator("#new-comments").click()
    expect(reading.locator("#letters p.card-text")).to_have_count(len(told))
    expect(listing.locator("#new-articles")).to_be_visible()
    expect(listing.locator("#tags .is-new")).to_have_count(len(news))
    assert looked_at(reading) + looked_at(listing) == []
