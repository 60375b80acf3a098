"""Whatever is asked of the pages about the log is answered in words, and never by an error of ours."""

import re

import pytest

from eventstore.inspection import limits
from tests.cast import Cast
from tests.eventstore.tools import another
from tests.pages.admin import LOG, pages, recorded, superuser, world
from tests.pages.reading import see

HUGE = "9" * 40
ODD = [
    "%00", "%ff%fe", "%E2%80%AE", "a" * 2000, "-1", "0", HUGE, "1e400", "٣", "1_0", "%22%3E%3Cb%3E", "%25", "../..",
]  # fmt: skip
FILTERS = [
    "q", "o", "p", "e", "all", "type", "kind", "stream", "actor", "correlation", "command", "after", "before", "since",
    "until", "outcome", "name", "address", "version", "slide", "shown", "time", "unknown__in",
]  # fmt: skip
MODELS = [
    "blog/article", "blog/author", "blog/comment", "blog/formerslug", "blog/tag", "blog/tally", "accounts/user",
]  # fmt: skip


@pytest.fixture(scope="module")
def at(fresh_database):
    with fresh_database():
        yield world(Cast())


@pytest.fixture(scope="module")
def ada(at):
    return superuser()


@pytest.mark.parametrize("odd", ODD, ids=[repr(odd)[:20] for odd in ODD])
def test_odd_values_of_every_name_get_words(at, ada, odd):
    filters, cursors = "&".join(f"{name}={odd}" for name in FILTERS), (f"older={odd}", f"newer={odd}")
    lists = [f"{page}/?{query}" for page in ("event", "command") for query in (filters, *cursors)]
    for path in (*lists, f"stream/{at.stream}/?{filters}&newer={odd}", f"jump/?{filters}", f"jump/?q={odd}"):
        answer = ada.get(f"{LOG}/{path}")
        assert answer.status_code in {200, 302, 400, 404, 422}, path
        if answer.status_code == 422:
            assert see(answer).all(".es-note.es-bad li")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("event/?actor=jake", "actor is no id"),
        ("event/?after=-1", "after is no position"),
        ("event/?before=9999999999999999999", "before is no position"),
        ("event/?since=yesterday", "since is no time"),
        ("event/?actor=1&since=soon", "since is no time"),
        ("event/?stream=a&stream=b", "stream is given more than once"),
        ("event/?older=5&newer=7", "page can be older or newer than one place only"),
        ("event/?older=5&older=7", "page can be older or newer than one place only"),
        ("event/?older=many", "page is no place in the log"),
        ("command/?outcome=lost", "outcome is none of accepted, refused, failed"),
        ("command/?older=x", "cursor is none of this page's"),
        ("stream/{stream}/?version=3", "version is none of this stream's, which has 2"),
        ("stream/{stream}/?since=3", "since is none of this stream's, which has 2"),
        ("stream/{stream}/?version=two", "version is no position"),
        ("stream/{stream}/?time=noon", "time is no time"),
    ],
)
def test_what_cannot_be_meant_is_told_beside_the_form(at, ada, asked, words):
    answer = ada.get(f"{LOG}/{asked.format(stream=at.stream)}")
    assert answer.status_code == 422
    assert words in see(answer).one(".es-note.es-bad").text


def test_what_was_typed_stays_in_the_form(ada):
    page = see(ada.get(f"{LOG}/event/?actor=jake&kind=article&type=blog.article_edited"))
    assert (page.one("#f-actor")["value"], page.one("#f-kind")["value"]) == ("jake", "article")


@pytest.mark.parametrize(
    "path",
    [
        "event/0/change/", "event/x/change/", f"event/{HUGE}/change/", "event/1.5/change/", "event/999999/change/",
        "command/x/change/", "command/00000000-0000-0000-0000-000000000000/change/",
        "correlation/00000000-0000-0000-0000-000000000000/", "correlation/x/", "stream/nothing/", "stream/a%2Fb/",
        "why/blog.article/x/", "why/blog.nothing/1/", "why/auth.permission/1/", "why/accounts.credential/1/",
        "why/blog/1/", "why/blog.tagging/1/", "jump/?q=nothing",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(ada, path):
    assert ada.get(f"{LOG}/{path}").status_code == 404


@pytest.mark.parametrize("model", MODELS)
def test_lists_of_read_models_take_odd_questions(ada, model):
    for query in (
        "q=%00",
        "o=%00",
        "q=%ff",
        f"o={HUGE}",
        "o=x",
        "o=-1.2.99",
        f"p={HUGE}",
        "p=-1",
        "p=x",
        "all=",
        "q=a&q=b",
        "x__y=1",
    ):
        assert ada.get(f"/admin/{model}/?{query}").status_code in {200, 302, 400}, query


def test_an_answer_that_takes_too_long_asks_for_a_narrower_filter(at, ada, monkeypatch):
    """Somebody keeps the table: whoever looks at it waits no longer than a statement may take."""
    monkeypatch.setattr(limits, "MOST_MS", 50)
    with another(autocommit=False) as keeper:
        keeper.execute("LOCK TABLE eventstore_event IN ACCESS EXCLUSIVE MODE")
        for path in (
            "event/",
            f"event/{at.edited}/change/",
            f"stream/{at.stream}/",
            f"correlation/{at.correlation}/",
        ):
            answer = ada.get(f"{LOG}/{path}")
            assert answer.status_code == 422
            assert "please narrow your filter" in see(answer).one(".es-note").text


def test_looking_leaves_nothing_behind(at, ada):
    before = recorded()
    for path in [*pages(at).values(), f"{LOG}/event/?actor=x", f"{LOG}/jump/?q=dragons"]:
        ada.get(path)
    assert recorded() == before


def test_what_people_have_typed_is_shown_as_text(at, ada):
    page = ada.get(f"{LOG}/event/", {"stream": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
    assert re.search(r"value=\"&quot;&gt;&lt;script&gt;", page)
