"""Nothing that a server lets through reaches Django unguarded."""

import asyncio
import json
import subprocess
import sys
from html import unescape

import pytest
from django.http import HttpResponse

from conduit import at_the_door, guards
from tests.pages.reading import see

LIMIT = 1000


@pytest.fixture
def application():
    """An application that remembers what it was asked, and answers with the body that it was sent."""
    seen = []

    async def echo(scope, receive, send):
        seen.append(scope)
        message = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": message["body"]})

    echo.seen = seen
    return echo


def ask(application, *messages, endless=False, **scope):
    """The status and body of an answer, and how many messages were read for it."""
    waiting, sent, taken = list(messages), [], []

    async def receive():
        taken.append(1)
        return (
            waiting.pop(0) if not endless else {"type": "http.request", "body": b"x" * 100, "more_body": True}
        )

    async def send(message):
        sent.append(message)

    asyncio.run(application({"type": "http", "path": "/", **scope}, receive, send))
    status = sent[0]["status"] if sent else None
    return status, b"".join(message.get("body", b"") for message in sent), len(taken)


def part(body, *, more):
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_parts_arrives_whole(application):
    limited = guards.limit_body(application, LIMIT)
    assert ask(limited, part(b"one ", more=True), part(b"two", more=False)) == (200, b"one two", 2)


def test_a_body_at_the_limit_is_taken(application):
    assert ask(guards.limit_body(application, LIMIT), part(b"x" * LIMIT, more=False))[0] == 200


def test_a_body_past_the_limit_is_refused_before_the_application_hears_of_it(application):
    assert ask(guards.limit_body(application, LIMIT), part(b"x" * (LIMIT + 1), more=False))[0] == 413
    assert application.seen == []


def test_a_body_without_end_is_refused_at_the_limit(application):
    status, _, read = ask(guards.limit_body(application, LIMIT), endless=True)
    assert (status, read) == (413, 11)


def test_who_hangs_up_half_way_gets_no_answer(application):
    limited = guards.limit_body(application, LIMIT)
    assert ask(limited, part(b"one", more=True), {"type": "http.disconnect"}) == (None, b"", 2)
    assert application.seen == []


def test_a_body_that_never_ends_to_arrive_is_refused(application):
    async def receive():
        await asyncio.Event().wait()

    sent = []

    async def send(message):
        sent.append(message)

    limited = guards.limit_body(application, LIMIT, within_s=0.01)
    asyncio.run(limited({"type": "http", "path": "/login"}, receive, send))
    assert sent[0]["status"] == 408
    assert application.seen == []


@pytest.mark.parametrize("path", ["/api", "/api/users"])
def test_a_program_is_refused_in_json(application, path):
    status, said, _ = ask(guards.limit_body(application, LIMIT), part(b"x" * 2000, more=False), path=path)
    assert (status, json.loads(said)) == (413, {"errors": {"request": ["is longer than 262,144 bytes"]}})


@pytest.mark.parametrize("path", ["/", "/login", "/apiary", ""])
def test_everybody_else_is_refused_by_a_page(application, path):
    status, said, _ = ask(guards.limit_body(application, LIMIT), part(b"x" * 2000, more=False), path=path)
    assert (status, see(HttpResponse(said)).one("h1").text) == (413, "This request was not taken")


@pytest.mark.parametrize("path", ["/", "/api/users"])
def test_whatever_can_be_refused_has_words_and_the_headers_of_every_page(path):
    for status in at_the_door.WORDS:
        headers, said = at_the_door.answer(path, status)
        named = {name.decode(): value.decode() for name, value in headers}
        assert "default-src 'self'" in named["content-security-policy"]
        assert (named["x-content-type-options"], named["cache-control"]) == ("nosniff", "no-store")
        assert int(named["content-length"]) == len(said)
        assert (at_the_door.WORDS[status] in unescape(said.decode())) == (path == "/")


def test_nothing_of_what_was_sent_is_repeated():
    for path in ("/<script>", "/api/<script>"):
        for status in at_the_door.WORDS:
            assert b"<script>" not in at_the_door.wire(path, status)


def test_a_root_path_from_outside_is_ignored(application):
    ask(
        guards.ignore_root_path(application),
        part(b"", more=False),
        root_path="/elsewhere",
        path="/elsewhere/x",
    )
    assert application.seen[0]["root_path"] == ""


def test_what_a_stopped_server_leaves_suspended_is_ended_at_exit():
    code = """
import asyncio
from conduit.guards import cancel_leftovers

async def forever(scope, receive, send):
    try:
        await asyncio.Event().wait()
    finally:
        print("said goodbye", flush=True)

async def serve():
    asyncio.ensure_future(cancel_leftovers(forever)({}, None, None))
    await asyncio.sleep(0.01)

asyncio.set_event_loop(loop := asyncio.new_event_loop())
loop.run_until_complete(serve())
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20
    )
    assert ended.stdout == "said goodbye\n"
