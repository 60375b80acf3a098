"""Whatever kept a page from hearing, it misses nothing: a restart, a dead line, hours of sleep, another page."""

import json
import shutil
import signal
from contextlib import ExitStack
from io import StringIO

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from tests.browser.living import (
    CLOSED,
    announcements,
    browsing_over,
    button,
    comments,
    edit,
    hearts,
    news,
    opened,
    port_of,
    prepared,
    status,
    take_back,
    until,
)
from tests.browser.site import a_process

LONG = "Long. " * 1300
SHOWN = """() => document.dispatchEvent(new Event("visibilitychange"))"""
CACHED = """addEventListener("pageshow", ({persisted}) => { window.back = persisted; })"""
IDS = """() => { const ids = [...document.querySelectorAll("[id]")].map(({id}) => id);
  return ids.filter((id, place) => ids.indexOf(id) !== place); }"""


@pytest.fixture
def article(cast):
    return cast.jake.publishes("Dragons")


@pytest.fixture
def over(chromium, site, database):
    with browsing_over(chromium, site) as (browse, line):
        yield browse, line


def counted(page, number):
    expect(page.locator("#comments-heading")).to_have_text(f"Comments {number}")


def test_nothing_is_missed_when_the_site_is_restarted_or_killed(chromium, site, cast, article, tmp_path):
    """What comes up in its place is the other process."""
    with ExitStack() as stack:
        ended = []
        for sign in (signal.SIGTERM, signal.SIGKILL):
            (place := tmp_path / sign.name).mkdir()
            address, process = stack.enter_context(a_process(place / "static"))
            browse, line = stack.enter_context(browsing_over(chromium, address))
            ended.append((browse(path=article.path), line, process, sign))
        cast.jane.says("Before", article)
        for page, *_ in ended:
            counted(page, 1)
        for _, _, process, sign in ended:
            process.send_signal(sign)
            process.communicate(timeout=20)
        cast.jane.says("Meanwhile", article)
        cast.jane.favorites(article)
        for _, line, *_ in ended:
            line.port = port_of(site)
        for page, *_ in ended:
            counted(page, 2)
            expect(hearts(page)).to_have_text(["(1)", "(1)"])
            assert page.evaluate(IDS) == []


def test_who_was_offline_hears_it_all_as_soon_as_they_are_back(over, cast, article):
    browse, line = over
    page = opened(browse, article.path)
    page.context.set_offline(offline=True)
    line.cut()
    until(page, CLOSED)
    cast.jane.says("First", article)
    page.context.set_offline(offline=False)
    counted(page, 1)


def test_a_tab_that_is_looked_at_again_does_not_wait_for_its_turn(over, cast, article):
    browse, line = over
    page = opened(browse, article.path, clock=True)
    page.evaluate("Math.random = () => 1")
    line.die()
    for _ in range(24):
        page.clock.run_for(5_000)
        page.wait_for_timeout(20)
    page.clock.pause_at(page.evaluate("Date.now()") + 1)
    until(page, CLOSED)
    page.wait_for_timeout(500)  # a call that was under way has failed by now
    line.dead = False
    cast.jane.says("First", article)
    counted(page, 0)
    page.evaluate(SHOWN)
    while page.locator("#comments-heading").text_content() == "Comments 0":
        page.clock.run_for(1)
    counted(page, 1)


def test_who_was_away_for_hours_finds_what_became_of_the_page(over, cast, article):
    """It is too much to be told one by one, so the page looks for itself."""
    browse, line = over
    old = cast.jane.says("Old", article)
    page = opened(browse, article.path, clock=True)
    said = announcements(page)
    line.die()
    until(page, CLOSED)
    page.clock.fast_forward("05:00:00")
    for number in range(20):
        cast.mallory.says(f"{number} {LONG}", article)
    take_back(cast.jane, old)
    cast.jane.favorites(article)
    edit(cast.jake, article, body="Other words")
    line.dead = False
    page.clock.fast_forward(60_000)
    expect(page.locator("#new-comments")).to_have_text("20 new comments")
    counted(page, 20)
    expect(comments(page)).to_have_count(0)
    expect(page.locator("#letters > li")).to_have_text(["Comment deleted"])
    expect(hearts(page)).to_have_text(["(1)", "(1)"])
    expect(page.locator("#bar > p:visible")).to_have_text("The author updated this article. Reload")
    button(page, "20 new comments").click()
    fresh = page.context.new_page()
    fresh.goto(article.path)
    assert comments(page).all_text_contents() == comments(fresh).all_text_contents()
    expect(status(page)).to_have_text("20 new comments")
    assert said().count("20 new comments") == 1


def test_a_list_that_missed_too_much_offers_what_is_new_on_it(browse, cast):
    """The site says that it was too much, and a look at the page fails twice before it works."""
    page, answers = prepared(browse, clock=True), []
    page.goto("about:blank")
    page.route_web_socket(
        "**/live?*", lambda socket: answers.append(socket) or socket.send(json.dumps({"at": 1, "late": True}))
    )
    fail = [True, True]
    page.route(
        lambda url: url.endswith("/"),
        lambda route: (
            route.fulfill(status=503, body="")
            if "conduit-live" in route.request.headers and fail and fail.pop()
            else route.continue_()
        ),
    )
    cast.jake.publishes("Old")
    page.goto("/")
    while not answers:
        page.wait_for_timeout(20)
    for number in range(11):
        cast.jane.publishes(f"Dragon {number}", tags=("fire",))
    for _ in range(20):
        page.clock.run_for(1_000)
        page.wait_for_timeout(10)
    expect(page.locator("#new-articles")).to_have_text("10+ new articles")
    expect(page.locator(".article-preview h1")).to_have_text(["Old"])
    expect(page.locator("#tags a")).to_have_text(["fire"])


def test_a_page_from_the_back_forward_cache_hears_what_it_missed(chromium, site, cast, article):
    path = next(filter(None, (shutil.which(name) for name in ("chromium", "chromium-browser"))), None)
    kept = chromium.browser_type.launch(
        executable_path=path, args=["--no-sandbox"], ignore_default_args=["--disable-back-forward-cache"]
    )
    with browsing_over(kept, site) as (browse, _):
        page = prepared(browse)
        page.add_init_script(CACHED)
        page.goto(article.path)
        page.goto("/")
        cast.mallory.says("Meanwhile", article)
        page.evaluate("setTimeout(() => history.back(), 10)")
        counted(page, 1)
        assert page.evaluate("back")
        cast.mallory.says("Now", article)
        counted(page, 2)
    kept.close()


def test_a_rebuild_tells_nobody_anything(browse, cast, article):
    cast.jane.says("First", article)
    cast.jane.favorites(article)
    page = prepared(browse)
    heard = news(page)
    page.goto(article.path)
    cast.mallory.says("Second", article)
    counted(page, 2)
    shown = page.locator("main").inner_html()
    del heard[:]
    call_command("rebuild_projections", stdout=StringIO(), stderr=StringIO())
    assert page.locator("main").inner_html() == shown
    cast.mallory.favorites(article)
    expect(hearts(page)).to_have_text(["(2)", "(2)"])
    told = [item for frame in heard for item in json.loads(frame)["news"]]
    assert [(kind, value) for _, kind, _, value in told] == [("count", 2)]
