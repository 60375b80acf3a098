"""GET /live, for pages without a socket: the same news by the same ticket and position, or 304."""

import json
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import pytest

from conduit.live import here
from conduit.wsgi import application
from eventstore.live import pages
from eventstore.live.recent import Recent
from eventstore.log import head
from tests.cast import Cast
from tests.live.wire import ticket


@pytest.fixture(autouse=True)
def _nothing_heard_yet(monkeypatch):
    monkeypatch.setattr("conduit.live.asking.recent", Recent())


@pytest.fixture(scope="module")
def cast(shared):
    """The same for all tests of this file, each of which has an article of its own."""
    return Cast()


@pytest.fixture
def article(cast):
    assert cast.jane
    return cast.jake.publishes()


def ask(client, article, after, reader=None, **headers):
    page = ticket(f"article:{article.id}", f"hearts:{article.id}", reader=reader)
    return client.get("/live", {"page": page}, headers={"if-none-match": f'"{after}"', **headers})


def test_without_news_it_is_304_with_the_position(client, article):
    response = ask(client, article, head())
    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == f'"{head()}"'
    assert response["Cache-Control"] == "no-store"


def test_what_concerns_others_is_no_news_but_the_position_moves_on(cast, client, article):
    before = head()
    cast.jane.follows(cast.jake)
    response = ask(client, article, before)
    assert (response.status_code, response["ETag"]) == (304, f'"{head()}"')
    assert head() > before


def test_news_come_once_with_the_position_to_ask_from_next(cast, client, article):
    before = head()
    comment = cast.jane.says("So true!", article)
    cast.jane.favorites(article)
    response = ask(client, article, before)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["ETag"] == f'"{head()}"'
    said = response.json()
    assert said["at"] == head()
    assert [thing[1:3] for thing in said["news"]] == [
        ["comment", str(comment)],
        ["count", f"comments-{article.id}"],
        ["count", f"hearts-{article.id}"],
    ]
    assert "So true!" in said["news"][0][3]
    assert [thing[3] for thing in said["news"][1:]] == [1, 1]
    assert ask(client, article, said["at"]).status_code == 304


def test_whose_position_is_unknown_here_is_late(cast, client, article):
    response = ask(client, article, head() + 5)
    assert (response.status_code, response.json()) == (200, {"at": head(), "late": True})
    assert ask(client, article, response.json()["at"]).status_code == 304


def test_a_reader_s_page_is_answered_to_this_reader_alone(cast, client, article):
    jane = cast.jane
    assert ask(jane.browser, article, head(), reader=jane.id).status_code == 304
    for other in (client, cast.mallory.browser):
        response = ask(other, article, head(), reader=jane.id)
        assert (response.status_code, response["Content-Type"]) == (403, "text/plain")
        assert str(jane.id).encode() not in response.content
    jane.browser.post("/logout")
    assert ask(jane.browser, article, head(), reader=jane.id).status_code == 403
    del jane.browser


@pytest.mark.parametrize(
    "position", ["", '""', "x", '"-1"', '"1.0"', '"٣"', f'"{2**63}"', '"1", "2"', "*", '"' * 99]
)
def test_without_a_position_it_is_400(client, article, position):
    page = ticket(f"article:{article.id}")
    header = {"HTTP_IF_NONE_MATCH": position.encode().decode("latin1")}
    assert client.get("/live", {"page": page}, **header).status_code == 400
    assert client.get("/live", {"page": page}).status_code == 400


@pytest.mark.parametrize("page", ["", "x", "\0", "é", "a:b:c", "." * 9000])
def test_without_a_ticket_it_is_400(client, cast, page):
    response = client.get("/live", {"page": page}, headers={"if-none-match": '"0"'})
    assert response.status_code == 400


def test_one_only_asks(client, article):
    page = ticket(f"article:{article.id}")
    for method in (client.post, client.put, client.patch, client.delete, client.options):
        assert method("/live").status_code == 405
    response = client.head("/live", query_params={"page": page}, headers={"if-none-match": '"0"'})
    assert (response.status_code, response.content) == (304, b"")


def test_pages_by_wsgi_are_told_what_their_process_has_not_even_heard_of(cast, article):
    """No socket is open in it, and no reader runs."""
    page, before, said = ticket(f"hearts:{article.id}"), head(), []
    cast.jane.favorites(article)
    assert len(here.tail) == 0
    environ = {"PATH_INFO": "/live", "QUERY_STRING": urlencode({"page": page}), "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    response = application(environ | {"HTTP_IF_NONE_MATCH": f'"{before}"'}, lambda *start: said.append(start))
    news = json.loads(b"".join(response))["news"]
    response.close()
    assert said[0][0] == "200 OK"
    assert [thing[1:] for thing in news] == [["count", f"hearts-{article.id}", 1]]


def test_a_page_that_shows_an_old_key_s_ticket_is_400(client, article, settings):
    page = pages.listening([f"article:{article.id}"], None, 0).ticket
    settings.SECRET_KEY = "another"
    response = client.get("/live", {"page": page}, headers={"if-none-match": '"0"'})
    assert response.status_code == 400
    settings.SECRET_KEY_FALLBACKS = ["only for tests"]
    assert client.get("/live", {"page": page}, headers={"if-none-match": '"0"'}).status_code == 304
