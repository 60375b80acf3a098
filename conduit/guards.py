"""What stands between any ASGI server and Django: a server's extras are not trusted, a body has an end."""

import asyncio
import atexit
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Message = Mapping[str, Any]
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 1024 * 1024  # bytes; Django's own limits are lower and answer with a page
ARRIVES_WITHIN_S = 30.0
"""From its first byte to its last a request takes no longer, however small the steps in which it comes."""

TOO_MUCH, TOO_LATE = 413, 408
LAST = (b"connection", b"close")
FAREWELL = 2.0  # seconds for the tasks of a stopped server


def guarded(application: Application) -> Application:
    return cancel_leftovers(ignore_root_path(limit_body(application)))


def ignore_root_path(application: Application) -> Application:
    """Daphne takes it from a header that anybody may send; FORCE_SCRIPT_NAME is for those who need one."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await application({**scope, "root_path": ""}, receive, send)

    return respond


def limit_body(
    application: Application, limit: int = LARGEST_BODY, within_s: float = ARRIVES_WITHIN_S
) -> Application:
    """Read the whole body first: 413 once it passes the limit, 408 if it takes too long, nothing for who hangs up."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await application(scope, receive, send)
        try:
            async with asyncio.timeout(within_s):
                body = await _whole(receive, limit)
        except TimeoutError:
            return await refuse(scope, send, TOO_LATE, LAST)
        if body is None:
            return None
        if len(body) > limit:
            return await refuse(scope, send, TOO_MUCH, LAST)
        return await application(scope, _replay(body, receive), send)

    return respond


async def _whole(receive: Receive, limit: int) -> bytes | None:
    """The body, or more than the limit of it; None if it was never sent to its end."""
    body, more = b"", True
    while more and len(body) <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def cancel_leftovers(application: Application) -> Application:
    """End, at exit, what a stopped server leaves suspended.

    Collecting it during the interpreter's finalisation crashes CPython before 3.11.8 (gh-113566); cancelling
    it first also runs its `finally` blocks.
    """
    loops: set[asyncio.AbstractEventLoop] = set()
    atexit.register(_cancel_all, loops)

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        loops.add(asyncio.get_running_loop())
        await application(scope, receive, send)

    return respond


def _replay(body: bytes, receive: Receive) -> Receive:
    unread = [body]

    async def again() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return again


async def refuse(scope: Scope, send: Send, status: int, *more: tuple[bytes, bytes]) -> None:
    """An answer before Django: words in the form of the door."""
    from conduit.at_the_door import (
        answer,
    )  # needs Django, which whoever only imports this may not have set up

    headers, body = answer(scope["path"], status)
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *more]})
    await send({"type": "http.response.body", "body": body})


def _cancel_all(loops: set[asyncio.AbstractEventLoop]) -> None:
    for loop in loops:
        if loop.is_closed() or loop.is_running():
            continue
        if tasks := asyncio.all_tasks(loop):
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.wait(tasks, timeout=FAREWELL))
