"""What tests of live pages do beside listening: they ask the database in threads, and wait until it is so."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
from django.db import connection

from eventstore import log
from tests.live.wire import ticket

MEGABYTE = 1024 * 1024


async def aside(work, *arguments):
    """Does it in a thread, as a request would, and leaves no connection behind."""

    def run():
        try:
            return work(*arguments)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return await asyncio.get_running_loop().run_in_executor(threads, run)


def ticket_for(article, reader=None):
    """What an article's page listens with."""
    return ticket(f"article:{article.id}", f"hearts:{article.id}", reader=reader)


def session_of(person):
    return person.browser.cookies["sessionid"].value


def cookie(person):
    return f"sessionid={session_of(person)}"


async def now():
    """The position that a page shows that is loaded now."""
    return await aside(log.head)


def memory(process):
    """The resident set, in bytes."""
    return psutil.Process(process.pid).memory_info().rss


def becomes(found, within_s=15):
    """Whether it turns out so within some seconds."""
    deadline = time.monotonic() + within_s
    while not found() and time.monotonic() < deadline:
        time.sleep(0.05)
    return found()
