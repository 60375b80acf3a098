"""Lives of streams at any version, and why rows are as they are: all of it folded anew, and honest about the rest."""

import pytest
from django.db import transaction

from accounts.commands import UpdateUser
from blog.commands import UnfavoriteArticle
from eventstore import store
from eventstore.admin import paging, stream
from eventstore.database import execute
from eventstore.dispatch import dispatch
from tests.cast import Cast, Person
from tests.eventstore import beans
from tests.eventstore.tools import order
from tests.pages.admin import LOG, METADATA, PAYLOADS, rows_of, staff, superuser, world
from tests.pages.reading import see

COLUMN, AT, NOW = 0, 1, 2


@pytest.fixture(scope="module")
def at(fresh_database):
    with fresh_database():
        yield world(Cast())


@pytest.fixture(scope="module")
def ada(at):
    return superuser()


def life(browser, stream, **query):
    return see(browser.get(f"{LOG}/stream/{stream}/", query))


def columns(page, table):
    """The cells of a row of a read model, by column."""
    [row] = [row for row in page.all("details.es-row") if row.one("summary").text.startswith(table)]
    return {
        cells[0]: cells[1:] for cells in (line.texts("th") + line.texts("td") for line in row.all("tbody tr"))
    }


def test_a_stream_tells_its_life_in_plain_words(at, ada):
    page = life(ada, at.stream)
    assert page.texts(".es-words") == ["“Dragons” was published", "Description, text and tags changed"]
    assert "Version 2" in page.all(".es-life li")[1].text
    assert page.texts(".es-life .es-here .es-words") == ["Description, text and tags changed"]


def test_a_life_without_payloads_is_told_in_general_words(at):
    page = life(staff("meta", METADATA), at.stream)
    assert page.texts(".es-words")[1].startswith("Its author reworded it")
    assert "Dragons" not in page.one(".es-life").text
    assert "they need the permission to see payloads" in page.text


def test_the_state_and_the_row_are_those_of_the_version(at, ada):
    then, now = life(ada, at.stream, version=1), life(ada, at.stream)
    assert [columns(page, "article ")["description"] for page in (then, now)] == [
        ["Ever wonder how?", "Ever wonder?"],
        ["Ever wonder?", "Ever wonder?"],
    ]
    assert [columns(page, "article ")["tags"][0] for page in (then, now)] == ["fire, wings", "fire"]
    assert columns(then, "article ")["edited"] == ["—", "yes"]
    assert "description Ever wonder how?" in then.all(".es-panel .es-tree")[0].text


def test_what_other_streams_say_of_a_row_is_left_open(at, ada):
    page = life(ada, at.stream)
    assert columns(page, "article ")["favorites_count"] == ["—", "1"]
    assert columns(page, "tally ")["count"] == ["+1"]
    assert "its part in it" in page.text


def test_the_slider_the_number_and_a_time_lead_to_a_version(at, ada):
    headings = {
        name: life(ada, at.stream, **query).one("#es-then").text.partition(",")[0][:12]
        for name, query in {
            "slid": {"slide": 1, "version": 2, "shown": 2},
            "typed": {"slide": 2, "version": 1, "shown": 2},
            "only slid": {"slide": 0, "shown": 2},
            "untouched": {"slide": 2, "version": 2, "shown": 2},
            "long ago": {"time": "2020-01-01"},
            "by now": {"time": "2999-01-01"},
        }.items()
    }
    assert {name: heading.split()[-1] for name, heading in headings.items()} == {
        "slid": "1", "typed": "1", "only slid": "0", "untouched": "2", "long ago": "0", "by now": "2",
    }  # fmt: skip


def test_any_two_versions_are_compared(at, ada):
    page = life(ada, at.stream, version=2, since=1)
    changed = {row.one("th").text: row.texts("td") for row in page.all(".es-scroll")[0].all("tbody tr")}
    assert changed["description"] == ["Ever wonder how?", "Ever wonder?"]
    assert changed["tags"] == ["fire, wings", "fire"]
    assert "title" not in changed
    assert columns(page, "article ")["body"] == [
        "You have to believe.",
        "You have to run.",
        "You have to run.",
    ]
    moved = [cell.text for cell in page.all("details.es-row")[0].all("td.es-new")]
    assert "You have to run." in moved
    assert "Dragons" not in moved


def test_before_its_first_event_a_stream_came_to_nothing(at, ada):
    page = life(ada, at.stream, version=0)
    assert "Unwritten" in page.one(".es-panel").text
    assert "None yet." in page.one(".es-panel").text


def test_a_long_life_comes_in_pages(ada, monkeypatch):
    monkeypatch.setattr(paging, "SIZE", 2)
    zoe = Person("zoe")
    for n in range(5):
        dispatch(UpdateUser(user_id=zoe.id, bio=f"Bio {n}"))
    path = f"{LOG}/stream/user-{zoe.id}/"
    page = see(ada.get(path))
    seen = versions(page)
    for _ in range(2):
        page = see(ada.get(path + step(page, "Later")))
        seen += versions(page)
    assert seen == ["1", "2", "3", "4", "5", "6"]
    assert step(page, "Later") == step(page, "Last") == ""
    assert versions(see(ada.get(path + step(page, "Earlier")))) == ["3", "4"]
    first = see(ada.get(path + step(page, "First")))
    assert versions(see(ada.get(path + step(first, "Last")))) == ["5", "6"]


def versions(page):
    return [line["value"] for line in page.all(".es-life li")]


def step(page, text):
    found = [link["href"] for link in page.all("nav.es-steps a") if text in link.text]
    return found[0] if found else ""


def test_a_stream_that_is_too_long_for_rows_says_so_and_still_has_its_state(at, ada, monkeypatch):
    monkeypatch.setattr(stream, "MOST", 1)
    monkeypatch.setattr(paging, "SIZE", 1)
    page = life(ada, at.stream, version=2, since=0)
    assert "Rows are folded from at most 1 events; this version has more." in page.text
    assert "description Ever wonder?" in page.all(".es-panel .es-tree")[0].text
    refused = ada.get(f"{LOG}/stream/{at.stream}/?time=2999-01-01")
    assert "beyond the first 1 versions" in see(refused).text


def test_a_stream_that_no_aggregate_knows_is_read_but_not_folded(ada, monkeypatch):
    beans.register(monkeypatch)
    store.append(order(name="jars.fill"), "jar-1", 0, [beans.BeansAdded(jar="1", count=1)], ())
    page = life(ada, "jar-1")
    assert "No aggregate of this code takes the commands of this stream" in page.text
    assert page.texts(".es-words") == ["BeansAdded"]


def why(browser, model, key):
    return see(browser.get(f"{LOG}/why/{model}/{key}/"))


def test_every_row_is_explained_by_the_events_that_made_it(at, ada):
    found = {
        model: why(ada, model.replace("/", "."), key)
        for model, key in rows_of(at).items()
        if "eventstore" not in model
    }
    assert {model: "Proved:" in page.text for model, page in found.items()} == dict.fromkeys(found, True)
    assert found["blog/article"].texts(".es-words") == [
        "“Dragons” was published",
        "A reader took it to heart",
        "Somebody said: “Mine is blue”",
        "Description, text and tags changed",
    ]
    joined = "Joined as jake, with the address hidden"
    assert found["blog/author"].texts(".es-words") == [joined, "“Dragons” was published"]


def test_each_event_says_what_it_did_to_the_row(at, ada):
    events = why(ada, "blog.article", at.article.id).all(".es-life > li")
    did = [dict(zip(event.texts("dt"), event.texts("dd"), strict=True)) for event in events]
    assert did[0]["wrote description"] == "Ever wonder how?"
    assert did[1] == {"counted favorites_count": "+1"}
    assert did[3]["changed description"] == "Ever wonder?"
    assert "changed title" not in did[3]


def test_a_row_that_its_events_do_not_come_to_is_not_called_proved(at, ada):
    with transaction.atomic():  # which the site, asked in this very thread, is in
        execute(b"UPDATE blog_article SET description = 'forged', favorites_count = 7")
        page = why(ada, "blog.article", at.article.id)
        transaction.set_rollback(True)
    assert "Proved" not in page.text
    assert "Not all of it is explained by these events: description, favorites_count." in page.text


def test_a_heart_that_came_and_went_leaves_the_row_explained(at, ada):
    yann = Person("yann")
    yann.favorites(at.article)
    dispatch(UnfavoriteArticle(article_id=at.article.id, reader_id=yann.id))
    assert "Proved:" in why(ada, "blog.article", at.article.id).text


def test_who_may_not_see_the_row_is_not_told_why(at):
    browser = staff("meta-2", METADATA, PAYLOADS, "blog.view_comment")
    assert browser.get(f"{LOG}/why/blog.article/{at.article.id}/").status_code == 403
    assert browser.get(f"{LOG}/why/blog.comment/{rows_of(at)['blog/comment']}/").status_code == 200
