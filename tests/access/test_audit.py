"""Who is refused an act is on record, whichever door it was: by the command's own row, or by that of a knock."""

import json

import pytest
from django.test import Client

from eventstore import store
from eventstore.database import rows
from tests.access.test_table import place
from tests.pages.reading import HTMX

FORGED = {"type": "blog.article_deleted", "data": "{}", "_save": "Save"}


def refusals(since):
    """What has been refused: name, reason, payload, whose."""
    found = rows(
        b"SELECT name, reason, payload::text, actor_id, address FROM eventstore_command "
        b"WHERE recorded_at > %s AND outcome = 'refused' ORDER BY recorded_at",
        (since[1],),
    )
    return [
        (name, reason, json.loads(payload), actor, address) for name, reason, payload, actor, address in found
    ]


def test_a_command_s_own_refusal_is_one_row_and_no_knock(world):
    before, other = place(), world.people["other"]
    for headers in ({}, HTMX):
        assert other.browser.post(f"{world.article.path}/delete", headers=headers).status_code == 403
    found = refusals(before)
    assert [(name, reason.partition(":")[0], actor) for name, reason, _, actor, _ in found] == [
        ("blog.delete_article", "NotTheAuthor", other.id)
    ] * 2


@pytest.mark.parametrize(
    ("path", "status", "door"),
    [
        ("/editor/{article}", 403, "/editor/{article}"),
        ("/settings/tokens/{token}/revoke", 404, "/settings/tokens/<token_id>/revoke"),
        ("/article/none/favorite", 404, "/article/none/favorite"),
        (
            "/admin/eventstore/projectors/blog.pages/pause/",
            403,
            "/admin/eventstore/projectors/blog.pages/pause/",
        ),
        ("/admin/eventstore/event/1/delete/", 403, "/admin/eventstore/event/1/delete/"),
        ("/nowhere/at/all", 404, "/<nowhere>"),
    ],
)
def test_whoever_is_refused_before_a_command_leaves_a_knock(world, path, status, door):
    before, other = place(), world.people["other"]
    answer = other.browser.post(path.format(**world.things), FORGED, headers={"X-Request-Id": "x"})
    assert answer.status_code == status
    [(name, reason, payload, actor, address)] = refusals(before)
    assert (name, actor, address) == ("eventstore.knock", other.id, "127.0.0.1")
    assert reason.startswith(str(status))
    assert payload == {"method": "POST", "door": door.format(**world.things)}


def test_over_the_api_too(world):
    before, other = place(), world.people["other"]
    path, token = f"/api/articles/{world.article.slug}", {"Authorization": f"Token {other.token}"}
    sent = {"data": '{"article": {"title": "Mine"}}', "content_type": "application/json"}
    assert Client().put(path, **sent, headers=token).status_code == 403
    [(name, _, payload, actor, _)] = refusals(before)
    assert (name, actor) == ("eventstore.knock", other.id)
    assert payload == {"method": "PUT", "door": f"/api/articles/{world.article.slug}"}


def test_an_attacker_does_not_choose_whether_it_is_noted(world):
    """Not by the id of a request, which is the correlation of its rows."""
    person, before = world.people["reader"], place()
    its_id = {"X-Request-Id": "01a20a51-dda7-7696-b0a9-f25c18031e22"}
    for _ in range(2):
        assert person.browser.post("/admin/eventstore/export/", FORGED, headers=its_id).status_code == 403
    assert [name for name, *_ in refusals(before)] == ["eventstore.knock"] * 2


def test_looking_and_strangers_leave_no_row_but_a_line(world, caplog):
    caplog.set_level("INFO", "conduit.requests")
    before, other = place(), world.people["other"]
    assert other.browser.get(f"/editor/{world.article.slug}").status_code == 403
    assert Client(enforce_csrf_checks=True).post("/login", {}).status_code == 403
    assert Client().delete(f"/api/articles/{world.article.slug}").status_code == 401
    assert refusals(before) == []
    lines = [
        (line.method, line.path, line.status) for line in caplog.records if line.name == "conduit.requests"
    ]
    assert lines == [
        ("GET", f"/editor/{world.article.slug}", 403),
        ("POST", "/login", 403),
        ("DELETE", f"/api/articles/{world.article.slug}", 401),
    ]


def test_without_the_database_a_refusal_stays_one(world, monkeypatch, caplog):
    from django.db import OperationalError

    def away(*row):
        raise OperationalError("away")

    monkeypatch.setattr(store, "record", away)
    assert world.people["reader"].browser.post("/admin/eventstore/export/", FORGED).status_code == 403
    assert "a knock left no row" in caplog.text


def test_the_audit_shows_a_knock_to_who_may_see_it(world):
    world.people["reader"].browser.post("/admin/eventstore/export/", FORGED)
    page = world.people["watcher"].browser.get(
        "/admin/eventstore/command/?outcome=refused&name=eventstore.knock"
    )
    assert b"eventstore.knock" in page.content
    assert b"403 Forbidden" in page.content
