"""The admin's dashboard, projectors and parked events: what they tell, to whom, and what can be done there."""

from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import leaving
from accounts.commands import GrantPermissions, GrantStaff
from accounts.models import User
from accounts.projectors import users
from blog.projectors import blog
from eventstore import heartbeat, operating, replays
from eventstore.database import rows
from eventstore.dispatch import dispatch
from eventstore.status import standing, standings
from tests.cast import Person
from tests.pages.reading import see

PAGES = ["dashboard", "projectors", "parked"]
VERBS = ["pause", "resume", "rebuild", "check"]


def permitted(name, *permissions):
    person = Person(name)
    dispatch(GrantPermissions(user_id=person.id, permissions=permissions))
    return person


@pytest.fixture
def operator(database):
    """May operate, and see what there is; nothing else."""
    return permitted("olga", "eventstore.operate_projectors", "eventstore.see_metadata")


@pytest.fixture
def superuser(database):
    person = Person("rosa")
    dispatch(GrantStaff(user_id=person.id, superuser=True))
    return person


def url(name, *args):
    return reverse(f"admin:eventstore_{name}", args=args)


def page(person, name, *args, **query):
    answer = person.browser.get(url(name, *args), query)
    assert answer.status_code == 200, answer.content
    return see(answer)


def tiles(seen):
    """What each tile says, by its title."""
    shown = [(tile.one("dt").text, tile.one("dd").text) for tile in seen.all(".es-tiles > div")]
    return dict(shown)


def cells(row):
    return [cell.text for cell in row if cell.tag in {"td", "th"}]


def send(person, name, *args, **typed):
    return person.browser.post(url(name, *args), typed)


def acts():
    found = rows(
        b"SELECT name, payload, actor_id FROM eventstore_command "
        b"WHERE name LIKE 'eventstore.%%' AND outcome = 'accepted' ORDER BY recorded_at"
    )
    return [SimpleNamespace(name=name, actor_id=actor_id, **payload) for name, payload, actor_id in found]


def break_an_article(person, monkeypatch):
    """Its facts are parked until the patch is undone."""
    with monkeypatch.context() as patch:
        for name in list(blog._handlers):
            if name.startswith("blog.article_"):
                patch.setitem(blog._handlers, name, [_clumsy])
        from blog.commands import PublishArticle
        from eventstore.ids import uuid7

        command = PublishArticle(
            article_id=uuid7(),
            author_id=person.id,
            slug="tea",
            title="Tea",
            description="d",
            body="b",
            tags=(),
        )
        assert not dispatch(command).shown
    [parked] = rows(b"SELECT position FROM eventstore_parked ORDER BY position LIMIT 1")
    return parked[0]


def _clumsy(event, fact):
    raise ZeroDivisionError("no tea\nDETAIL: a private matter")
    yield


# Who may


def test_a_page_is_for_those_who_may_see_it(cast, operator, superuser):
    onlooker = permitted("ole", "eventstore.see_payloads")
    for where in map(url, PAGES):
        assert Client().get(where).status_code == 302
        assert cast.jake.browser.get(where).status_code == 302
        assert onlooker.browser.get(where).status_code == 403
        assert operator.browser.get(where).status_code == 200
        assert superuser.browser.get(where).status_code == 200


def test_whoever_may_only_look_sees_the_dashboard_and_can_not_operate(database):
    onlooker = permitted("ole", "eventstore.see_metadata")
    seen = page(onlooker, "dashboard")
    assert not seen.all('a[href*="/projectors/"]')
    assert onlooker.browser.get(url("projectors")).status_code == 403
    assert onlooker.browser.get(url("parked")).status_code == 403


def test_forged_posts_and_those_of_people_who_may_not_do_nothing(cast, operator):
    onlooker = permitted("ole", "eventstore.see_metadata", "eventstore.see_payloads")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator.browser.get("/").wsgi_request.user)
    for where in [url("operate", "blog.pages", verb) for verb in VERBS]:
        for client, status in (
            (Client(), 302),
            (cast.mallory.browser, 403),
            (onlooker.browser, 403),
            (strict, 403),
        ):
            assert client.post(where, {"reason": "mischief"}).status_code == status
        for method in ("put", "patch", "delete"):
            assert getattr(operator.browser, method)(where).status_code == 405
    assert acts() == []
    assert {each.status for each in standings()} <= {"running", "new"}
    assert replays.replays() == []


def test_no_page_that_only_tells_takes_a_post(operator):
    assert [send(operator, name).status_code for name in PAGES] == [405, 405, 405]


def test_what_there_is_not_is_not_found(operator):
    for path in (
        "projectors/blog.soup/pause/",
        "projectors/blog.pages/explode/",
        "projectors/blog.create_author/rebuild/",
        "projectors/blog.create_author/check/",
        "replays/7/stop/",
        "parked/blog.pages/7/skip/",
        "parked/blog.pages/99999999999999999999/retry/",
        "parked/%F0%9F%90%89/1/retry/",
    ):
        where = f"/admin/eventstore/{path}"
        assert (path, operator.browser.get(where).status_code) == (path, 404)
        assert (path, operator.browser.post(where, {"reason": "why not"}).status_code) == (path, 404)
    assert acts() == []


def test_odd_queries_break_no_page(operator):
    for where in map(url, PAGES):
        for query in ("live=1&live=2", "live=", "o=-1.2", "page=9e99"):
            assert operator.browser.get(f"{where}?{query}").status_code == 200
        for query in ("live=%00", "q=%00", "live=%ED%A0%80%00"):
            assert operator.browser.get(f"{where}?{query}").status_code == 400


# The dashboard


def test_the_dashboard_tells_how_all_is(operator, cast):
    cast.jake.publishes()
    seen = page(operator, "dashboard")
    assert seen.one("#overall").text == "bad Something needs you now"
    assert "workers: no worker is alive: none has reported" in seen.one(".es-overall").text
    assert tiles(seen)["Head of the log"] == str(standing(blog).position)
    names = [row.one("th").text for row in seen.all("tbody tr") if row.all("th code")]
    assert names == sorted(each.name for each in standings())
    assert "No worker has reported" in seen.text


def test_with_a_worker_alive_and_everybody_up_to_date_all_is_well(operator):
    from datetime import UTC, datetime

    heartbeat.beat("following the log", datetime.now(UTC))
    seen = page(operator, "dashboard")
    assert seen.one("#overall").text == "good All is well"
    assert heartbeat.who() in seen.text
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eventstore_heartbeat SET at = now() - interval '5 s'")
    seen = page(operator, "dashboard")
    assert seen.one("#overall").text == "bad Something needs you now"
    assert "dead or frozen" in seen.text


def test_the_minutes_of_the_last_hour_are_a_picture_and_a_sentence(operator, cast):
    cast.jake.publishes()
    picture = page(operator, "dashboard").one(".es-spark")
    bars = picture.all("rect")
    assert len(bars) == 60
    assert max(float(bar["height"]) for bar in bars) == 40
    assert "Events a minute in the last hour: " in picture["aria-label"]
    assert not [element for element in picture if "style" in element]


def test_refusals_of_the_last_day_are_counted(operator):
    assert Client().post("/login", {"email": "jake@conduit.example", "password": "wrong"}).status_code == 422
    assert tiles(page(operator, "dashboard"))["Refused or failed in 24 hours"] == "1"


def test_a_page_refreshes_itself_only_when_that_is_asked_for(operator):
    assert not page(operator, "dashboard").all("noscript meta")
    assert page(operator, "dashboard", live="1").one("noscript meta")["http-equiv"] == "refresh"


def test_a_page_costs_at_most_twelve_statements(operator, monkeypatch):
    execute = psycopg.Cursor.execute
    for where in (url("dashboard"), url("projectors"), url("parked")):
        operator.browser.get(where)
        statements = []
        with monkeypatch.context() as patch:
            patch.setattr(
                psycopg.Cursor,
                "execute",
                lambda *a, to=statements, **k: (to.append(a[1]), execute(*a, **k))[1],
            )
            operator.browser.get(where)
        assert len(statements) <= 12, statements


# Operating


def test_pausing_and_resuming_are_asked_done_told_and_recorded(operator, cast):
    asked = page(operator, "operate", "blog.pages", "pause")
    assert asked.one("h1").text == "Pause blog.pages"
    assert "saved, still updating" in asked.text
    done = operator.browser.post(url("operate", "blog.pages", "pause"), {"reason": "odd counts"}, follow=True)
    assert done.redirect_chain == [(url("projectors"), 302)]
    seen = see(done)
    assert "Paused: blog.pages." in seen.text
    assert standing(blog).status == "paused"
    assert seen.all(f'a[href="{url("operate", "blog.pages", "resume")}"]')
    assert send(operator, "operate", "blog.pages", "resume").status_code == 302
    assert standing(blog).status == "running"
    paused, resumed = acts()
    assert (paused.name, paused.subscriber, paused.reason, paused.by, paused.actor_id) == (
        *("eventstore.pause", "blog.pages", "odd counts", "olga"),
        operator.id,
    )
    assert (resumed.name, resumed.by) == ("eventstore.resume", "olga")


def test_a_reason_that_says_nothing_or_can_not_be_stored_is_sent_back(operator):
    for reason in ("", "   ", "x" * 201, "a\0b", "two\nlines", "\u202ereversed"):
        answer = send(operator, "operate", "blog.pages", "pause", reason=reason)
        assert (reason, answer.status_code) == (reason, 422)
        assert "The reason " in see(answer).one('[role="alert"]').text
    assert acts() == []
    assert standing(blog).status != "paused"


def test_what_can_not_be_done_is_said_and_not_recorded(operator):
    answer = send(operator, "operate", "blog.pages", "resume")
    assert (answer.status_code, see(answer).one('[role="alert"]').text) == (409, "It is not paused.")
    assert acts() == []


def test_a_projector_that_somebody_holds_is_said_to_be_busy(operator, monkeypatch):
    from tests.eventstore.tools import another

    monkeypatch.setattr(operating, "PATIENCE_S", 0.1)
    with another(autocommit=False) as raw:
        raw.execute("SELECT FROM eventstore_checkpoint FOR UPDATE")
        answer = send(operator, "operate", "blog.pages", "pause", reason="odd counts")
    assert answer.status_code == 409
    assert "please try again" in see(answer).one('[role="alert"]').text
    assert acts() == []


def test_a_rebuild_begins_with_a_dry_run_and_is_asked_for_only_by_confirming_it(operator, cast):
    cast.jake.publishes()
    asked = page(operator, "operate", "blog.pages", "rebuild")
    dry = asked.one('[aria-labelledby="dry-run"]')
    assert tiles(dry)["Events to replay"] == "3"
    assert tiles(dry)["Measured pace"].endswith("events/s, over 3")
    assert ["blog_article", "1"] in [cells(row) for row in dry.all("tbody tr")]
    assert (replays.replays(), acts()) == ([], [])
    assert rows(b"SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'sample%%'") == [(0,)]
    assert send(operator, "operate", "blog.pages", "rebuild", reason="odd counts").status_code == 302
    [wish] = replays.replays()
    assert (wish.projector, wish.kind, wish.asked_by, wish.reason) == (
        *("blog.pages", "rebuild", "olga", "odd counts"),
    )
    again = send(operator, "operate", "blog.pages", "rebuild", reason="odd counts")
    assert again.status_code == 409
    assert len(replays.replays()) == len(acts()) == 1


def test_what_was_asked_for_is_shown_with_its_progress_and_can_be_stopped(operator):
    send(operator, "operate", "blog.pages", "check")
    [wish] = replays.replays()
    assert "asked" in page(operator, "projectors").text
    taken = replays.take(["blog.pages"], "elsewhere:7")
    from eventstore.progress import Progress

    replays.tell(taken.id, Progress("blog.pages", 50, 200, 40, 2.0))
    seen = page(operator, "projectors", live="1")
    assert (seen.one("progress")["value"], seen.one("progress")["max"]) == ("25", "100")
    assert "replaying 50 of 200, 6 s to go" in seen.text
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eventstore_replay SET beat_at = now() - interval '9 s'")
    assert "dead silent for 9 s" in page(operator, "projectors").text
    assert page(operator, "stop_replay", wish.id).one("h1").text == "Stop the rebuild"
    assert send(operator, "stop_replay", wish.id).status_code == 302
    assert replays.replays()[0].status == "stopped"
    assert send(operator, "stop_replay", wish.id).status_code == 409


def test_what_a_check_found_is_told_by_table(operator):
    send(operator, "operate", "blog.pages", "check")
    taken = replays.take(["blog.pages"], "elsewhere:7")
    from eventstore.progress import Result

    found = Result("blog.pages", 9, 9, 12, 0.5, {"blog_article": 3, "blog_tag": 0})
    replays.finish(taken.id, "done", result=found)
    assert "3 rows differ: blog_article 3" in page(operator, "projectors").text


# What rights are read from


def test_what_rights_are_read_from_is_held_back_by_superusers_alone(operator, cast):
    """Whoever may operate would keep every right that is taken from them, for as long as they like."""
    where = url("operate", "accounts.users", "pause")
    assert operator.browser.get(where).status_code == 403
    assert operator.browser.post(where, {"reason": "to stay"}).status_code == 403
    assert acts() == []
    assert not page(operator, "projectors").all(f'a[href="{where}"]')
    leaving.revoke_staff(operator.id)
    again = Client()
    again.force_login(User.objects.get(pk=operator.id))
    assert again.get(url("projectors")).status_code == 302


def test_a_superuser_may_hold_back_what_rights_are_read_from_and_an_operator_lets_it_go(operator, superuser):
    assert page(superuser, "projectors").all(f'a[href="{url("operate", "accounts.users", "pause")}"]')
    assert send(superuser, "operate", "accounts.users", "pause", reason="odd rows").status_code == 302
    assert standing(users).status == "paused"
    assert page(operator, "projectors").all(f'a[href="{url("operate", "accounts.users", "resume")}"]')
    assert send(operator, "operate", "accounts.users", "resume").status_code == 302
    assert standing(users).status == "running"


def test_a_fact_about_rights_is_given_up_by_superusers_alone(operator, superuser, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(users._handlers, "accounts.staff_revoked", [_clumsy])
        assert not leaving.revoke_staff(operator.id).shown
    [(position,)] = rows(b"SELECT position FROM eventstore_parked")
    where = {verb: url("unpark", "accounts.users", position, verb) for verb in ("skip", "retry")}
    operator.__dict__.pop("browser", None)
    assert operator.browser.get(where["skip"]).status_code == 403
    assert operator.browser.post(where["skip"], {"reason": "to stay"}).status_code == 403
    assert acts() == []
    links = {
        person.name: [link["href"] for link in page(person, "parked").all(".es-do a")]
        for person in (operator, superuser)
    }
    assert links == {"olga": [where["retry"]], "rosa": [where["retry"], where["skip"]]}
    assert superuser.browser.post(where["skip"], {"reason": "a test"}).status_code == 302
    assert [act.name for act in acts()] == ["eventstore.skip_parked"]


# What is parked


def test_what_is_parked_is_listed_without_what_the_database_quotes(operator, cast, monkeypatch):
    position = break_an_article(cast.jake, monkeypatch)
    [row] = page(operator, "parked").all("tbody tr")
    who, stream, where, facts, tries, _, _, error = cells(row)
    assert (who, where, facts, tries) == ("blog.pages", f"{position} blog.article_published", "1", "2")
    assert stream.startswith("article …")
    assert error == "ZeroDivisionError: no tea"
    assert "private matter" not in page(operator, "unpark", "blog.pages", position, "retry").text


def test_a_retry_applies_it_is_recorded_and_asks_for_a_rebuild(operator, cast, monkeypatch):
    position = break_an_article(cast.jake, monkeypatch)
    assert "no tea" in page(operator, "unpark", "blog.pages", position, "retry").text
    answer = operator.browser.post(
        url("unpark", "blog.pages", position, "retry"), {"reason": "tea is back"}, follow=True
    )
    assert "1 applied, 0 still parked." in see(answer).text
    retried, rebuild = acts()
    assert (retried.name, retried.reason, retried.by) == ("eventstore.retry_parked", "tea is back", "olga")
    assert retried.actor_id == operator.id
    [wish] = replays.replays()
    assert (rebuild.name, wish.keep_parked) == ("eventstore.rebuild", True)
    assert standing(blog).parked == 0


def test_skipping_needs_a_reason_and_is_recorded(operator, cast, monkeypatch):
    position = break_an_article(cast.jake, monkeypatch)
    asked = page(operator, "unpark", "blog.pages", position, "skip")
    assert "There is no way back." in asked.text
    assert send(operator, "unpark", "blog.pages", position, "skip").status_code == 422
    assert acts() == []
    where = url("unpark", "blog.pages", position, "skip")
    assert operator.browser.post(where, {"reason": "spilled"}).status_code == 302
    [skipped] = acts()
    assert (skipped.name, skipped.reason, skipped.position) == ("eventstore.skip_parked", "spilled", position)
    assert "Nothing is parked." in page(operator, "parked").text
    assert operator.browser.post(where, {"reason": "once more"}).status_code == 404
