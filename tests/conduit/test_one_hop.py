"""A request in one hop is a request like any other; Django's own handler says what that is."""

import asyncio
import threading

import pytest
from django.core import signals
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from conduit import one_hop
from conduit.one_hop import OneHopHandler

CLOSED = threading.Event()
HOST = [(b"host", b"localhost")]
pytestmark = pytest.mark.usefixtures("bare_site")


@csrf_exempt
def echo(request):
    response = HttpResponse(request.body, status=201, headers={"X-Name": "ümlaut"})
    response.set_cookie("one", "1", httponly=True)
    response.set_cookie("two", "2")
    return response


def fail(request):
    raise ValueError("on purpose")


def stream(request):
    return StreamingHttpResponse(
        part.encode() for part in ("one ", "two ", threading.current_thread().name[:7])
    )


def endless(request):
    def parts():
        try:
            while True:
                yield b"more "
        finally:
            CLOSED.set()

    return StreamingHttpResponse(parts())


urlpatterns = [path("echo", echo), path("fail", fail), path("stream", stream), path("endless", endless)]


@pytest.fixture
def bare_site():
    middleware = ["django.middleware.common.CommonMiddleware"]
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=middleware, ALLOWED_HOSTS=["localhost"]):
        yield


async def ask(handler, where, body=b"", method="GET", query=b"", hang_up_after=None):
    """The start message and the whole body of an answer; the client may leave after some parts of it."""
    sent, to_read = [], [{"type": "http.request", "body": body}]

    async def receive():
        return to_read.pop(0) if to_read else await asyncio.Event().wait()

    async def send(message):
        sent.append(message)
        if len(sent) == hang_up_after:
            task.cancel()

    scope = {"type": "http", "method": method, "path": where, "query_string": query, "headers": HOST}
    task = asyncio.ensure_future(handler(scope, receive, send))
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
    return sent[0], b"".join(message.get("body", b"") for message in sent[1:])


def get(where, **how):
    return asyncio.run(ask(OneHopHandler(), where, **how))


@pytest.mark.parametrize(
    ("where", "how"),
    [
        ("/echo", {"body": b"sent", "method": "POST"}),
        ("/nowhere", {}),
        ("/echo", {"query": b"\xff"}),
    ],
)
def test_an_answer_is_what_djangos_own_handler_would_answer(where, how):
    assert get(where, **how) == asyncio.run(ask(ASGIHandler(), where, **how))


def test_a_failing_view_is_a_500_not_the_end(settings):
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    start, _ = get("/fail")
    assert start["status"] == 500


def test_a_stream_is_made_in_the_thread_of_its_request():
    assert get("/stream")[1] == b"one two request"


def test_a_stream_that_nobody_reads_any_more_ends():
    CLOSED.clear()
    get("/endless", hang_up_after=5)
    assert CLOSED.wait(5)


def test_it_begins_and_ends_with_djangos_signals_in_one_thread():
    seen = []

    def note(signal, **_):
        seen.append((signal, threading.current_thread()))

    for signal in (signals.request_started, signals.request_finished):
        signal.connect(note)
    get("/echo")
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(note)
    assert [signal for signal, _ in seen] == [signals.request_started, signals.request_finished]
    assert len({thread for _, thread in seen}) == 1


def test_beyond_the_queue_one_is_told_to_come_again():
    start, said = asyncio.run(ask(OneHopHandler(queue=-one_hop.THREADS), "/echo"))
    assert start["status"] == 503
    assert (b"retry-after", b"2") in start["headers"]
    assert b"The site is busy just now." in said
