"""Where a write stands in the log, and reads that show at least that."""

import time

import pytest

from conduit.api_extras.fresh import LONGEST_S, _patience
from eventstore import dispatch as dispatching
from eventstore import freshness
from eventstore.database import execute, rows
from eventstore.log import head, read_all
from eventstore.projector import projectors
from tests.eventstore.tools import another, one

DRAGON = {"article": {"title": "Dragons", "description": "How?", "body": "Believe."}}
PATH = "/articles/dragons"


def position(answer):
    return int(answer.headers["Conduit-Position"])


def last(type_):
    return one("SELECT max(position) FROM eventstore_event WHERE type = %s", type_)


def test_every_write_says_where_its_last_fact_stands(cast, jake, jane, visitor):
    person = {"username": "mallory", "email": "m@conduit.example", "password": "password"}
    said = {"comment": {"body": "Yes."}}
    for write, fact in [
        (lambda: visitor.post("/users", {"user": person}), "accounts.user_registered"),
        (lambda: jake.put("/user", {"user": {"bio": "I skate."}}), "accounts.profile_updated"),
        (lambda: jake.post("/articles", DRAGON), "blog.article_published"),
        (lambda: jake.put(PATH, {"article": {"body": "Really."}}), "blog.article_edited"),
        (lambda: jane.post(f"{PATH}/comments", said), "blog.article_commented"),
        (lambda: jane.post(f"{PATH}/favorite"), "blog.article_favorited"),
        (lambda: jane.delete(f"{PATH}/favorite"), "blog.article_unfavorited"),
        (lambda: jane.post("/profiles/jake/follow"), "blog.author_followed"),
        (lambda: jane.delete("/profiles/jake/follow"), "blog.author_unfollowed"),
        (lambda: jane.delete(f"{PATH}/comments/{last('blog.article_commented')}"), "blog.comment_deleted"),
        (lambda: jake.delete(PATH), "blog.article_deleted"),
    ]:
        answer = write()
        assert position(answer) == last(fact), fact


def test_a_write_that_changes_nothing_says_where_the_log_ends(jake, jane):
    jake.post("/articles", DRAGON)
    assert position(jane.delete(f"{PATH}/favorite")) == head()
    assert position(jake.put(PATH, DRAGON)) == head()


def test_what_is_refused_has_no_position(jake):
    assert "Conduit-Position" not in jake.post("/articles", {}).headers
    assert "Conduit-Position" not in jake.get("/articles").headers


@pytest.fixture
def unshown(jake, jane, monkeypatch):
    """An article with a heart that is recorded and not shown; where it stands."""
    jake.post("/articles", DRAGON)
    with monkeypatch.context() as slow:
        slow.setattr(dispatching, "show", lambda receipt: False)
        answer = jane.post(f"{PATH}/favorite")
    assert answer.status == 202
    return position(answer)


def hearts(answer):
    return answer.said["article"]["favoritesCount"]


def test_an_article_says_up_to_where_it_is_shown(jake, jane, unshown):
    before = jake.get(PATH)
    assert (position(before), hearts(before), head()) == (unshown - 1, 0, unshown)
    assert [fact.type for fact in read_all(position(before))] == ["blog.article_favorited"]
    after = jake.get(PATH, **{"Conduit-After": str(unshown), "Prefer": "wait=2"})
    assert (position(after), hearts(after)) == (unshown, 1)


def test_nothing_is_shown_farther_than_the_last_of_the_projectors(jake):
    jake.post("/articles", DRAGON)
    for behind, projector in zip((2, 1), projectors, strict=True):
        execute(b"UPDATE eventstore_checkpoint SET position = %s WHERE name = %s", (behind, projector.name))
        assert position(jake.get(PATH)) == behind


def test_a_read_shows_at_least_what_it_asks_for(jake, unshown):
    asked = {"Conduit-After": str(unshown)}
    for path in (PATH, "/articles", "/tags", "/user"):
        answer = jake.get(path, **asked)
        assert (answer.status, answer.errors) == (503, {"conduit-after": ["is not shown yet"]})
        assert answer.headers["Retry-After"] == "1"
        assert jake.get(path, **{"Conduit-After": str(unshown - 1)}).status == 200
    answer = jake.get(PATH, **asked, Prefer="wait=2")
    assert (answer.status, hearts(answer), answer.headers["Preference-Applied"]) == (200, 1, "wait=2")
    assert jake.get(PATH, **asked).status == 200
    assert "Preference-Applied" not in jake.get(PATH, **asked).headers


def test_waiting_has_an_end(jake, unshown):
    """Somebody holds the checkpoints, as a rebuild does in its last moment."""
    with another(autocommit=False) as holder:
        holder.execute("SELECT FROM eventstore_checkpoint FOR UPDATE")
        began = time.monotonic()
        answer = jake.get(PATH, **{"Conduit-After": str(unshown), "Prefer": "wait=1"})
        took = time.monotonic() - began
        holder.rollback()
    assert (answer.status, answer.errors) == (503, {"conduit-after": ["is not shown yet"]})
    assert 0.9 < took < LONGEST_S


def test_nobody_waits_for_what_is_not_in_the_log(jake):
    began = time.monotonic()
    for number in (head() + 1, 10**18 - 1):
        answer = jake.get("/tags", **{"Conduit-After": str(number), "Prefer": "wait=5"})
        assert (answer.status, answer.errors) == (422, {"conduit-after": ["is beyond the end of the log"]})
    assert time.monotonic() - began < LONGEST_S


def test_positions_are_plain_numbers(jake):
    for number in ("", "-1", "x", "1.0", "1_0", "٣", "+1", "1e3", "1 ", "9" * 5_000, "1,1"):
        answer = jake.get("/tags", **{"Conduit-After": number})
        if number.strip() == "1":  # a server takes blanks off a header
            continue
        assert (answer.status, answer.errors) == (422, {"conduit-after": ["must be a whole number"]}), number
    assert jake.get("/tags", **{"Conduit-After": "0"}).status == 200


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=3", 3),
        ("Wait = 3", 3),
        ('wait="3"', 3),
        ("respond-async, wait=3;x=y", 3),
        ("wait=3, wait=4", 3),
        ("wait=99", LONGEST_S),
        ("wait=999999999", LONGEST_S),
        ("wait=0", 0),
        ("", None),
        ("wait", None),
        ("wait=", None),
        ("wait=-1", None),
        ("wait=1_0", None),
        ("wait=٣", None),
        ("wait=1.5", None),
        ("wait=x, wait=3", 3),
        ("await=3", None),
        ("wait=" + "9" * 5_000, None),
    ],
)
def test_of_preferences_the_first_that_can_be_meant_counts(prefer, seconds):
    assert _patience(prefer) == seconds


def test_who_does_not_ask_pays_nothing(jake, visitor, unshown, django_assert_num_queries, monkeypatch):
    questions = []
    monkeypatch.setattr(freshness, "rows", lambda *asked: questions.append(asked) or rows(*asked))
    for headers, more in (({}, 0), ({"Prefer": "wait=5"}, 0), ({"Conduit-After": "1"}, 1)):
        questions.clear()
        with django_assert_num_queries(1):
            assert visitor.get(PATH, **headers).status == 200
        assert len(questions) == more
    assert jake.put(PATH, {}, **{"Conduit-After": "x"}).status == 422
    assert jake.delete(PATH, **{"Conduit-After": "x"}).status == 204
