"""The feed as pages of JSON: a cursor that neither loses nor repeats, and a plain word for what is no question."""

import asyncio

import pytest
from django.db import OperationalError
from django.test import Client

from eventstore.database import rows
from eventstore.feed import pages
from tests.feed.listener import Listener, a_site
from tests.feed.writing import hearts, open_hearts

pytestmark = pytest.mark.usefixtures("database")
HUGE = 2**63


def get(path="/api/events", **query):
    return Client().get(path, query)


def walked(**query):
    """All the pages from the first one on, and where they end."""
    page = get(**query).json()
    pages = [page]
    while page["next"]:
        page = get(page["next"]).json()
        pages.append(page)
    return [[fact["position"] for fact in page["events"]] for page in pages], page["position"]


def test_page_by_page_one_gets_everything_once(cast):
    hearts(10)
    assert walked(limit=4) == ([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]], 10)
    assert walked(limit=5) == ([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]], 10)
    assert walked(after=7) == ([[8, 9, 10]], 10)


def test_a_page_of_long_texts_is_cut_short(monkeypatch):
    monkeypatch.setattr(pages, "MOST_BYTES", 1_000)
    hearts(10)
    parts, end = walked()
    assert ([position for part in parts for position in part], end) == (list(range(1, 11)), 10)
    assert len(parts) > 2


def test_a_page_links_to_the_next_one_while_there_is_more():
    hearts(3)
    response = get(limit=2, types="blog.article_favorited,blog.article_unfavorited")
    onward = "/api/events?after=2&types=blog.article_favorited%2Cblog.article_unfavorited&limit=2"
    assert response["Link"] == f'<{onward}>; rel="next"'
    assert response.json()["next"] == onward
    assert "Link" not in get(onward)


def test_who_asks_for_a_few_types_knows_how_far_the_log_was_searched():
    hearts(10)
    assert walked(types="blog.article_published") == ([[]], 10)
    assert walked(types="blog.article_favorited", limit=2) == ([[2, 4], [6, 8], [10]], 10)


def test_an_empty_log_is_an_empty_page():
    assert get().json() == {"events": [], "position": 0, "next": None}


def test_it_never_passes_what_may_still_come(monkeypatch):
    monkeypatch.setattr(pages, "PATIENCE_S", 0.05)
    hearts(2)
    with open_hearts() as writer:
        hearts(2)
        assert walked() == ([[1, 2]], 2)
        assert walked(types="blog.article_favorited") == ([[2]], 2)
        writer.commit()
    assert walked(after=2) == ([[3, 4, 5]], 5)


def test_it_ends_before_what_newer_code_has_written():
    hearts(2)
    hearts(1, name="blog.hearts_broken")
    hearts(2)
    assert walked(limit=1) == ([[1], [2]], 2)
    assert walked(after=2) == ([[]], 2)


def test_a_snapshot_and_the_feed_from_its_position_are_everything(cast):
    """The read models are at their checkpoint: nothing that came after it is in them, all that came before is."""
    article = cast.jake.publishes("First")
    [(position,)] = rows(b"SELECT min(position) FROM eventstore_checkpoint WHERE name = 'blog.pages'")
    snapshot = {title for (title,) in rows(b"SELECT title FROM blog_article")}
    cast.jake.publishes("Second")
    cast.jane.favorites(article)
    told = get(after=position).json()["events"]
    assert snapshot == {"First"}
    assert [fact["type"] for fact in told] == [
        "blog.article_published",
        "accounts.user_registered",
        "blog.article_favorited",
    ]
    assert told[0]["data"]["title"] == "Second"


WRONG = [
    {"after": "-1"},
    {"after": "x"},
    {"after": ""},
    {"after": "1_0"},
    {"after": "٣"},
    {"after": " 1"},
    {"after": "1.0"},
    {"after": ["1", "2"]},
    {"after": str(HUGE)},
    {"after": "9" * 5000},
    {"limit": "0"},
    {"limit": "-1"},
    {"limit": str(HUGE)},
    {"limit": "1_0"},
    {"limit": ""},
    {"limit": ["1", "1"]},
    {"types": ""},
    {"types": "blog.article_published,"},
    {"types": "accounts.signed_in"},
    {"types": "blog.nothing"},
    {"types": ["blog.article_published", "blog.article_published"]},
]


@pytest.mark.parametrize("query", WRONG, ids=str)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_what_is_no_question_is_answered_in_the_form_of_errors(query, accept):
    response = Client().get("/api/events", query, headers={"Accept": accept})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == list(query)
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("query", ["types=%00", "after=1%00", "types=%ED%A0%80", "x=%00"])
def test_what_no_text_may_have_is_refused(query):
    response = Client().get(f"/api/events?{query}")
    assert response.status_code in {400, 422}


def test_a_position_that_the_log_has_not_reached_is_refused():
    """Whoever waited there would miss what comes until then."""
    hearts(3)
    assert get(after=3).status_code == 200
    assert get(after=4).json() == {"errors": {"after": ["is beyond the end of the log"]}}


def test_a_limit_beyond_the_largest_is_the_largest(monkeypatch):
    monkeypatch.setattr(pages, "MOST_BYTES", 1_000_000)
    hearts(1001)
    assert len(get(limit=5000).json()["events"]) == 1000


def test_a_last_event_id_wins_over_after_and_must_be_a_position():
    hearts(5)

    async def listen(last_event_id):
        async with Listener(a_site(), "after=1", last_event_id) as jane:
            if last_event_id == "4":
                return [fact.id for fact in await jane.hears(1)]
            return await jane.answer()

    assert asyncio.run(listen("4")) == [5]
    assert asyncio.run(listen("6"))[0] == 422
    status, said = asyncio.run(listen("1_0"))
    assert (status, list(said["errors"])) == (422, ["Last-Event-ID"])


def test_who_can_t_stream_says_so():
    response = Client().get("/api/events", headers={"Accept": "text/event-stream"})
    assert response.status_code == 406
    assert list(response.json()["errors"]) == ["accept"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_it_can_only_be_read(method):
    response = Client(enforce_csrf_checks=True).generic(method, "/api/events", b"{}", "application/json")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert list(response.json()["errors"]) == ["method"]


def test_a_page_elsewhere_may_ask_and_is_told_so():
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    response = Client().options("/api/events", headers=headers)
    assert response.status_code in {200, 204}
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "GET" in response["Access-Control-Allow-Methods"]


def test_while_the_database_is_away_it_asks_to_come_again(monkeypatch):
    def fail():
        raise OperationalError("the database is away")

    monkeypatch.setattr("eventstore.log.head", fail)
    response = get()
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert list(response.json()["errors"]) == ["database"]
