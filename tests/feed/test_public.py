"""What outsiders hear is what somebody has listed, and no word more."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.test import Client

from accounts import events as accounts_events
from blog import events as blog_events
from eventstore.feed.public import PUBLIC, tell, worded
from eventstore.log import Fact
from eventstore.messages import EVENT_NAMES, EVENT_TYPES, UPCASTERS, event
from tests.cast import PASSWORD
from tests.feed.writing import hearts

NEVER = {"email", "password", "superuser", "follower_id"}
PRIVATE = {
    "accounts.account_closed",
    "accounts.sign_in_failed",
    "accounts.signed_in",
    "accounts.permissions_granted",
    "accounts.staff_granted",
    "accounts.staff_revoked",
    "accounts.user_email_changed",
    "accounts.user_password_changed",
    "blog.author_created",
    "blog.author_followed",
    "blog.author_unfollowed",
}


def whole_feed():
    return Client().get("/api/events", {"limit": 1000}).json()["events"]


def test_the_list_is_complete_and_names_nothing_private():
    """Whoever adds a fact decides here, in so many words, whether the world may hear of it."""
    ours = {
        kind.name
        for cls, kind in EVENT_TYPES.items()
        if cls.__module__ in {accounts_events.__name__, blog_events.__name__}
    }
    assert ours - PUBLIC.keys() == PRIVATE
    assert [name for name, publication in PUBLIC.items() if publication.fields & NEVER] == []


def test_no_address_no_password_and_no_sign_in_is_told(cast):
    jake, jane = cast.jake, cast.jane
    jane.follows(jake)
    article = jake.publishes(tags=("dragons",))
    jane.favorites(article)
    jane.says("So true!", article)
    browser = Client()
    browser.post("/login", {"email": jake.email, "password": PASSWORD})
    browser.post(
        "/settings",
        {"username": "jacob", "email": "new@conduit.example", "bio": "I train", "password": "another one"},
    )
    text = json.dumps(whole_feed())
    assert "jacob" in text
    assert "I train" in text
    assert [
        word for word in ("@", "conduit.example", PASSWORD, "another one", "follow", "signed") if word in text
    ] == []


@pytest.fixture
def hearts_weighed(monkeypatch):
    """A type of fact that somebody has just thought of."""

    @event("blog.hearts_weighed")
    class HeartsWeighed:
        article_id: str
        reader_id: str

    yield HeartsWeighed
    monkeypatch.undo()
    PUBLIC.pop("blog.hearts_weighed", None)
    del EVENT_NAMES["blog.hearts_weighed"], EVENT_TYPES[HeartsWeighed]


@pytest.mark.usefixtures("database")
def test_a_type_of_fact_is_private_until_somebody_lists_it_and_so_is_every_field(hearts_weighed):
    hearts(1, name="blog.hearts_weighed")
    assert whole_feed() == []
    assert Client().get("/api/events", {"types": "blog.hearts_weighed"}).status_code == 422
    tell(hearts_weighed, "reader_id")
    [told] = whole_feed()
    assert list(told["data"]) == ["reader_id"]


def test_only_a_field_that_there_is_can_be_told(hearts_weighed):
    with pytest.raises(ValueError, match="HeartsWeighed has no field weight to tell"):
        tell(hearts_weighed, "reader_id weight")


def test_a_fact_is_told_in_the_present_schema_of_its_type(hearts_weighed, monkeypatch):
    kind = replace(EVENT_TYPES[hearts_weighed], schema=2)
    monkeypatch.setitem(EVENT_NAMES, kind.name, kind)
    monkeypatch.setitem(
        UPCASTERS, (kind.name, 1), lambda data: {"article_id": data["a"], "reader_id": data["r"]}
    )
    tell(hearts_weighed, "article_id")
    recorded_at = datetime(2026, 11, 23, 18, 0, 0, 0, timezone(timedelta(hours=2)))
    fact = Fact(7, "heart-1", 3, kind.name, 1, '{"a": "one", "r": "two"}', UUID(int=1), recorded_at)
    assert json.loads(worded(fact)) == {
        "position": 7,
        "type": "blog.hearts_weighed",
        "schema": 2,
        "stream": "heart-1",
        "version": 3,
        "recordedAt": "2026-11-23T16:00:00.000000Z",
        "data": {"article_id": "one"},
    }


def test_the_numbers_of_a_person_s_facts_do_not_tell_how_often_they_signed_in(cast):
    cast.jake.publishes()
    versions = {fact["type"]: fact["version"] for fact in whole_feed()}
    assert versions == {"accounts.user_registered": None, "blog.article_published": 1}
