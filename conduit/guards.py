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
TOO_MUCH = b"That is more than this site takes in one go.\n"
FAREWELL = 2.0  # seconds for the tasks of a stopped server


def guarded(application: Application) -> Application:
    return cancel_leftovers(ignore_root_path(limit_body(application)))


def ignore_root_path(application: Application) -> Application:
    """Daphne takes it from a header that anybody may send; FORCE_SCRIPT_NAME is for those who need one."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await application({**scope, "root_path": ""}, receive, send)

    return respond


def limit_body(application: Application, limit: int = LARGEST_BODY) -> Application:
    """Read the whole body first: 413 once it passes the limit, nothing for who hangs up before its end."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await application(scope, receive, send)
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                return await _refuse(send)
        return await application(scope, _replay(body, receive), send)

    return respond


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


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": TOO_MUCH})


def _cancel_all(loops: set[asyncio.AbstractEventLoop]) -> None:
    for loop in loops:
        if loop.is_closed() or loop.is_running():
            continue
        if tasks := asyncio.all_tasks(loop):
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.wait(tasks, timeout=FAREWELL))
