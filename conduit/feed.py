"""The feed at /api/events: a page as JSON, or server-sent events for who asks for them.

A stream begins as a request like any other: Django's own handler checks it, and what it answers is the head of
the stream. From there on the stream needs no thread: the hub feeds it. Under WSGI there are pages only.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from conduit import peers
from conduit.guards import Application, Message, Receive, Scope, Send
from conduit.live.crowd import Crowd
from conduit.pages import RETRY_AFTER_S
from eventstore.addresses import counted_as
from eventstore.database import is_trouble
from eventstore.feed import pages
from eventstore.feed.asking import Wanted, wanted
from eventstore.feed.hub import Hub
from eventstore.feed.listening import chunks
from eventstore.feed.pages import BeyondEnd, Page
from eventstore.messages import BadInput

PATH = "/api/events"
STREAM = "text/event-stream"
CLIENTS = getattr(settings, "FEED_CLIENTS", 1000)
HEARTBEAT_S = getattr(settings, "FEED_HEARTBEAT_S", 15.0)
SEND_S = getattr(settings, "FEED_SEND_S", 20.0)
"""How long a client may take nothing until it is dropped."""

Stream = AsyncGenerator[Message, None]

METHODS = "GET, HEAD, OPTIONS"
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Link, Retry-After",
    "Cache-Control": "no-store",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Last-Event-ID",
    "Access-Control-Max-Age": "86400",
}


class Ticket:
    """Passed along with a request that wants a stream; the view writes on it what is to be streamed."""

    def __init__(self, *, full: bool, crowded: bool) -> None:
        """`full`: nobody else may come; `crowded`: nobody else from there."""
        self.full, self.crowded = full, crowded
        self.wanted: Wanted | None = None


@csrf_exempt
def events(request: HttpRequest) -> HttpResponse:
    """A page of facts, the head of a stream of them, or what is wrong with the request."""
    match request.method:
        case "GET" | "HEAD":
            answer = _answer(request)
        case "OPTIONS":
            answer = HttpResponse(status=204, headers=PREFLIGHT)
        case _:
            answer = _errors(405, method=[f"must be one of {METHODS}"])
            answer["Allow"] = METHODS
    for name, value in OPEN.items():
        answer.headers.setdefault(name, value)
    return answer


def _answer(request: HttpRequest) -> HttpResponse:
    try:
        asked = wanted(dict(request.GET.lists()), _last_event_id(request))
        if wants_stream(request.headers.get("Accept", "")):
            return _head(asked, getattr(request, "scope", {}).get("conduit.feed"))
        return _page(request, asked)
    except BadInput as bad:
        return _errors(422, **bad.problems)
    except BeyondEnd as beyond:
        return _errors(422, after=[str(beyond.__doc__)])
    except Exception as error:
        if not is_trouble(error):
            raise
        return _in_a_moment(503, database=["is away. Please try again in a moment"])


def _last_event_id(request: HttpRequest) -> str:
    accepts = request.headers.get("Accept", "")
    return request.headers.get("Last-Event-ID", "") if wants_stream(accepts) else ""


def wants_stream(accept: str) -> bool:
    return STREAM in (part.partition(";")[0].strip().lower() for part in accept.split(","))


def _head(asked: Wanted, ticket: Ticket | None) -> HttpResponse:
    if ticket is None:
        return _errors(406, accept=[f"{STREAM} is not served here, application/json is"])
    if ticket.full:
        return _in_a_moment(503, clients=["are too many at once. Please try again in a moment"])
    if ticket.crowded:
        return _in_a_moment(429, address=["has as many streams open as an address may have"])
    pages.check(asked.after)
    ticket.wanted = asked
    return HttpResponse(content_type=STREAM, headers={"X-Accel-Buffering": "no"})


def _page(request: HttpRequest, asked: Wanted) -> HttpResponse:
    page = pages.next_page(*asked)
    onward = _onward(request, asked, page) if page.more else None
    said = {
        "events": [msgspec.Raw(fact.json) for fact in page.facts],
        "position": page.position,
        "next": onward,
    }
    response = HttpResponse(msgspec.json.encode(said), content_type="application/json; charset=utf-8")
    if onward:
        response["Link"] = f'<{onward}>; rel="next"'
    return response


def _onward(request: HttpRequest, asked: Wanted, page: Page) -> str:
    types = {"types": ",".join(sorted(asked.types))} if "types" in request.GET else {}
    return f"{PATH}?{urlencode({'after': page.position, **types, 'limit': asked.limit})}"


def _errors(status: int, **problems: list[str]) -> HttpResponse:
    body = msgspec.json.encode({"errors": problems})
    return HttpResponse(body, status=status, content_type="application/json; charset=utf-8")


def _in_a_moment(status: int, **problems: list[str]) -> HttpResponse:
    answer = _errors(status, **problems)
    answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer


class Streams:
    """In front of the application: what it lets begin as a stream goes on as one."""

    def __init__(self, application: Application) -> None:
        self._application, self.hub, self._crowd = application, Hub(CLIENTS), Crowd(CLIENTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _asks_for_stream(scope):
            await self._application(scope, receive, send)
            return
        with self._seat(scope) as ticket:
            answer = await self._begin({**scope, "conduit.feed": ticket}, receive)
            if ticket.wanted and answer[0]["status"] == HTTPStatus.OK and scope["method"] == "GET":
                parts = chunks(self.hub, ticket.wanted, HEARTBEAT_S)
                await _go_on(_stream(answer[0], parts), receive, send)
            else:
                await _send_all(answer, send)

    @contextmanager
    def _seat(self, scope: Scope) -> Iterator[Ticket]:
        """One of those that its address may have, or its house (eventstore/addresses.py), if it is known."""
        address, most = counted_as(peers.address_of(scope)), settings.FEED_STREAMS_AN_ADDRESS
        who = {address: most} if address and most else {}
        full, seated = self.hub.full, self._crowd.enter(who)
        try:
            with self.hub.listening():
                yield Ticket(full=full, crowded=not seated)
        finally:
            if seated:
                self._crowd.leave(who)

    async def _begin(self, scope: Scope, receive: Receive) -> list[Message]:
        answer: list[Message] = []
        await self._application(scope, receive, _into(answer))
        return answer


def _asks_for_stream(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["path"] != PATH or scope["method"] not in {"GET", "HEAD"}:
        return False
    return any(name == b"accept" and wants_stream(value.decode("latin1")) for name, value in scope["headers"])


def _into(answer: list[Message]) -> Send:
    async def send(message: Message) -> None:
        answer.append(message)

    return send


async def _send_all(answer: list[Message], send: Send) -> None:
    for message in answer:
        await send(message)


async def _stream(start: Mapping[str, Any], parts: AsyncIterator[bytes]) -> Stream:
    """An answer whose length nobody knows."""
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    yield {**start, "headers": headers}
    async for part in parts:
        yield {"type": "http.response.body", "body": part, "more_body": True}


async def _go_on(stream: Stream, receive: Receive, send: Send) -> None:
    """Until the client leaves, or takes nothing any more."""
    talking, leaving = asyncio.ensure_future(_talk(stream, send)), asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({talking, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        talking.cancel()
        with suppress(asyncio.CancelledError, TimeoutError):
            await talking


async def _talk(stream: Stream, send: Send) -> None:
    async with aclosing(stream) as messages:
        async for message in messages:
            async with asyncio.timeout(SEND_S):
                await send(message)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
