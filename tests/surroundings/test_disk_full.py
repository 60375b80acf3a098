"""The database's disk is full: what can be read is read, what can't be written is refused for now, in the words of
each door; and as soon as there is room, all is as before.

Here PostgreSQL answers as it does then by a trigger; a disk that is really full is in test_long_disk_full.py.
"""

import logging
from contextlib import contextmanager
from io import StringIO

from django.core.management import call_command
from django.test import Client

from conduit.doctor.findings import State
from conduit.doctor.room import room
from eventstore.database import execute
from tests.api.program import Program
from tests.cast import PASSWORD, Cast
from tests.eventstore.tools import one, stored
from tests.pages import admin
from tests.pages.reading import see
from tests.pages.tour import tour

FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full';
END $$;
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '{tables}' LOOP
        EXECUTE format('CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION full_disk()',
            each.tablename);
    END LOOP;
END $$
"""
ROOM = b"DROP FUNCTION full_disk() CASCADE"
RETRY_AFTER_S = 5


@contextmanager
def disk_full(tables=""):
    """For all tables, or those whose names fit."""
    execute(FULL.replace("{tables}", tables).encode(), prepare=False)
    try:
        yield
    finally:
        execute(ROOM, prepare=False)


def patient(browser):
    """Sees what a person sees: an exception is a page."""
    browser.raise_request_exception = False
    return browser


# Each door


def test_what_can_be_read_is_read_and_what_cannot_be_written_is_refused_in_the_words_of_its_door(
    database, caplog
):
    caplog.set_level(logging.CRITICAL)
    cast = Cast()
    stops, program, ada = tour(cast), Program(cast.jane), admin.superuser()
    jane, visitor, article = patient(cast.jane.browser), patient(Client()), cast.jake.publishes("Full")
    assert all(stop.browser.get(stop.path).status_code == stop.status for stop in stops)
    ada.get("/admin/")
    signing_up = {"username": "john", "email": "john@conduit.example", "password": PASSWORD}
    pages = {
        "a comment": lambda: jane.post(f"{article.path}/comments", {"body": "Is it?"}),
        "a heart": lambda: jane.post(f"{article.path}/favorite"),
        "a heart by htmx": lambda: jane.post(f"{article.path}/favorite", headers={"HX-Request": "true"}),
        "signing in": lambda: visitor.post("/login", {"email": cast.jane.email, "password": PASSWORD}),
        "signing up": lambda: visitor.post("/register", signing_up),
        "an act in the admin": lambda: patient(ada).post(
            "/admin/eventstore/projectors/blog.pages/pause/", {"reason": "to try"}
        ),
    }
    requests = {
        "a comment by the API": lambda: program.post(
            f"/articles/{article.slug}/comments", {"comment": {"body": "It is."}}
        ),
        "signing in by the API": lambda: program.post(
            "/users/login", {"user": {"email": cast.jane.email, "password": PASSWORD}}
        ),
    }
    execute(b"UPDATE accounts_session SET last_seen_at = last_seen_at - interval '1 day'")
    execute(b"UPDATE accounts_apitoken SET last_used_at = last_used_at - interval '1 day'")
    before = stored()
    with disk_full():
        wrong = [
            (stop.name, status)
            for stop in stops
            if (status := patient(stop.browser).get(stop.path).status_code) != stop.status
        ]
        wrong += [
            (path, status)
            for path in (
                "/admin/",
                "/admin/eventstore/event/",
                f"/admin/eventstore/stream/article-{article.id}/",
            )
            if (status := ada.get(path).status_code) != 200
        ]
        wrong += [
            (path, answer.status)
            for path in ("/articles", "/user")
            if (answer := program.get(path)).status != 200
        ]
        for name, ask in pages.items():
            answer = ask()
            away = (answer.status_code, answer.headers.get("Retry-After"))
            if away != (503, str(RETRY_AFTER_S)) or see(answer).one("h1").text != "Back in a moment":
                wrong.append((name, away))
        for name, ask in requests.items():
            answer = ask()
            if answer.status != 503 or not answer.headers["Retry-After"] or "server" not in answer.errors:
                wrong.append((name, answer))
    assert wrong == []
    assert stored() == before
    statuses = {name: ask().status for name, ask in requests.items()}
    assert {name: status for name, status in statuses.items() if status not in {200, 201}} == {}
    answers = {name: ask().status_code for name, ask in pages.items()}
    assert {name: status for name, status in answers.items() if status not in {200, 302}} == {}


def test_what_was_refused_for_now_is_done_once_when_it_is_sent_again(cast):
    jane, article = patient(cast.jane.browser), cast.jake.publishes()
    typed = see(jane.get(article.path)).one("#comment-form").fields | {"body": "Once."}
    with disk_full():
        assert jane.post(f"{article.path}/comments", typed).status_code == 503
    assert [jane.post(f"{article.path}/comments", typed).status_code for _ in range(2)] == [302, 302]
    assert one("SELECT count(*) FROM blog_comment") == 1


def test_what_is_accepted_and_can_not_be_shown_yet_is_neither_lost_nor_parked(cast):
    """Facts may find a place where rows do not."""
    jane, article = patient(cast.jane.browser), cast.jake.publishes()
    with disk_full("^blog_"):
        assert jane.post(f"{article.path}/comments", {"body": "Later."}).status_code == 302
        assert jane.get(article.path).status_code == 200
        assert one("SELECT count(*) FROM eventstore_event WHERE stream LIKE %s", "comment-%") == 1
    assert one("SELECT count(*) FROM eventstore_parked") == 0
    call_command("run_projectors", "--once", stdout=StringIO(), stderr=StringIO())
    assert "Later." in see(jane.get(article.path)).text


def test_the_doctor_tells_of_a_disk_before_it_is_full():
    gib = 1024**3
    found = {free: room("disk", (500 * gib, 0, free * gib // 4), "").state for free in (400, 8, 1)}
    assert found == {400: State.OK, 8: State.WARN, 1: State.FAIL}
