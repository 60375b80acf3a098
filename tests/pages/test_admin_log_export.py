"""Facts are taken along as lines or as a specification that holds; by who may, on record, and with an end."""

import json

import pytest
from django.test import Client

from eventstore.admin import export
from tests.cast import Cast
from tests.pages.admin import LOG, METADATA, PAYLOADS, PERSONAL, audited, done, recorded, staff, world

EXPORT = f"{LOG}/export/"


@pytest.fixture(scope="module")
def at(fresh_database):
    with fresh_database():
        yield world(Cast())


@pytest.fixture(scope="module")
def people(at):
    return {
        "metadata": staff("meta", METADATA, PERSONAL),
        "payloads": staff("pay", METADATA, PAYLOADS),
        "personal": staff("trusted", METADATA, PAYLOADS, PERSONAL),
    }


def taken(browser, query="", **sent):
    answer = browser.post(f"{EXPORT}?{query}", sent)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def lines(*args, **sent):
    return [json.loads(line) for line in taken(*args, form="ndjson", **sent).splitlines()]


def test_a_filter_is_taken_along_oldest_first_and_says_whether_it_is_all(at, people):
    *facts, end = lines(people["payloads"], "kind=article")
    assert [fact["type"] for fact in facts] == ["blog.article_published", "blog.article_edited"]
    assert facts[0]["data"]["description"] == "Ever wonder how?"
    assert (facts[1]["position"], facts[1]["command_id"]) == (at.edited, at.command)
    assert end == {"end": {"facts": 2, "all": True, "why": "these are all"}}


def test_everything_is_everything(people):
    *facts, end = lines(people["payloads"])
    assert [fact["position"] for fact in facts] == list(range(1, recorded()[0] + 1))
    assert end["end"]["all"] is True


def test_an_export_has_nothing_personal_unless_it_was_asked_for_by_who_may(at, people):
    for who, sent, shown in (
        ("payloads", {}, False),
        ("personal", {}, False),
        ("personal", {"personal": "yes"}, True),
    ):
        for form in ("ndjson", "fixture"):
            assert (at.email in taken(people[who], form=form, **sent)) == shown
    [joined, _] = lines(people["payloads"], f"stream=user-{at.jake}&type=accounts.user_registered")
    assert (joined["data"], joined["hidden"]) == ({"user_id": at.jake, "username": "jake"}, ["email"])
    before = done()
    assert people["payloads"].post(EXPORT, {"form": "ndjson", "personal": "yes"}).status_code == 403
    assert done() == before


def test_an_export_is_on_record_before_its_first_byte(people):
    before = len(audited("eventstore.export_facts"))
    people["personal"].post(
        f"{EXPORT}?kind=article", {"form": "fixture", "personal": "yes"}
    )  # and nothing read
    [taken] = audited("eventstore.export_facts")[before:]
    assert taken == {
        "actor": "trusted", "facts": "kind=article", "form": "fixture", "personal_data": True, "most": 1000,
    }  # fmt: skip


@pytest.mark.parametrize("form", ["ndjson", "fixture"])
def test_an_export_ends_at_its_cap_and_says_so(people, monkeypatch, form):
    monkeypatch.setitem(export.MOST, form, 3)
    text = taken(people["payloads"], form=form)
    if form == "ndjson":
        *facts, end = map(json.loads, text.splitlines())
        assert [fact["position"] for fact in facts] == [1, 2, 3]
        assert end == {"end": {"facts": 3, "all": False, "why": "cut at 3 facts"}}
    else:
        assert text.count("def test_") == 3
        assert "cut: there is more" in text


def test_pages_that_an_export_is_read_in_do_not_show(people, monkeypatch):
    whole = taken(people["payloads"], form="ndjson")
    monkeypatch.setattr(export, "PAGE", 2)
    assert taken(people["payloads"], form="ndjson") == whole


@pytest.mark.parametrize("sent", [{}, {"personal": "yes"}], ids=["with stand-ins", "as it was"])
def test_a_fixture_is_a_specification_that_holds(at, people, sent):
    text = taken(people["personal"], form="fixture", **sent)
    module = {}
    exec(compile(text, "exported", "exec"), module)
    tests = {name: test for name, test in module.items() if name.startswith("test_")}
    assert {name.split("_")[1] for name in tests} == {"user", "author", "article", "favorite", "comment"}
    for test in tests.values():
        test()
    assert ".when(\n        EditArticle(" in text or ".when(EditArticle(" in text
    assert "password_matched=False" in text  # which the audit has, and no fact
    assert (at.email in text) == bool(sent)


def test_a_fixture_that_is_changed_does_not_hold(people):
    text = taken(people["payloads"], "kind=article", form="fixture")
    module = {}
    exec(compile(text.replace("Ever wonder?", "Never wonder!", 1), "exported", "exec"), module)
    with pytest.raises(AssertionError):
        next(test for name, test in module.items() if name.startswith("test_article"))()


def test_who_may_not_see_payloads_takes_nothing_along(at, people):
    before = done()
    assert people["metadata"].post(EXPORT, {"form": "ndjson"}).status_code == 403
    assert Client().post(EXPORT, {"form": "ndjson"}).status_code == 302
    assert "es-export" not in people["metadata"].get(f"{LOG}/event/").content.decode()
    assert done() == before


@pytest.mark.parametrize(
    ("query", "sent", "status"),
    [
        ("", {}, 403),
        ("", {"form": "csv"}, 403),
        ("actor=x", {"form": "ndjson"}, 422),
        ("older=1", {"form": "x"}, 403),
    ],
)
def test_an_export_that_makes_no_sense_is_refused_and_not_recorded(people, query, sent, status):
    before = done()
    assert people["personal"].post(f"{EXPORT}?{query}", sent).status_code == status
    assert people["personal"].get(EXPORT).status_code == 403
    assert done() == before
