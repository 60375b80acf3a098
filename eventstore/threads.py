"""Asking the database from an event loop: in a thread, which keeps no connection while it has nothing to ask."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection

T = TypeVar("T")


async def ask(threads: ThreadPoolExecutor, question: Callable[..., T], *args: Any) -> T:
    """What the question answers; its connection is back in the pool by then."""
    return await asyncio.get_running_loop().run_in_executor(threads, _ask, question, args)


def _ask(question: Callable[..., T], args: tuple[Any, ...]) -> T:
    try:
        return question(*args)
    finally:
        connection.close()
