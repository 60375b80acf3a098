"""Where a leak would show: everything that is stored, written or told."""

import re
from collections import deque
from contextlib import suppress
from pathlib import Path

import psutil

from conduit import settings
from tests.eventstore.tools import another

TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
LINK = re.compile(r'href="(/admin/[^"#]*)')
STATIC = settings.STATIC_ROOT
NOT_FOLLOWED = re.compile(r"/(logout|jsi18n|password_change|add)/")
MOST_PAGES = 100


def dump():
    """Every row of every table, by table: as text, and the bytes of whatever is bytes. And what the server remembers
    of its statements, and has written down.
    """
    with another() as raw:
        tables = [name for (name,) in raw.execute(TABLES)]
        found = {name: b"\n".join(_rows(raw, name)) for name in tables}
        said = raw.execute("SELECT coalesce(query, '') FROM pg_stat_activity").fetchall()
        [(home,)] = raw.execute("SHOW data_directory")
    log = Path(home).with_name("server.log")
    found["log of the server"] = log.read_bytes() if log.exists() else b""  # another may be elsewhere
    return {**found, "pg_stat_activity": "\n".join(text for (text,) in said).encode()}


def _rows(raw, table):
    with raw.cursor(binary=True) as cursor:
        cursor.execute(f"SELECT t::text, t.* FROM {table} AS t")
        for text, *values in cursor:
            yield text.encode()
            yield from (bytes(value) for value in values if isinstance(value, bytes | memoryview))


def crawl(browser, start="/admin/"):
    """Pages of the admin, each kind of them: what is linked from each other, and personal data where it is offered."""
    seen, waiting, kinds = set(), deque([start]), {}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.popleft()
        kind = re.sub(r"[0-9a-f-]{36}|\d+|[?].*", "*", path)
        if path in seen or kinds.get(kind, 0) > 8 or NOT_FOLLOWED.search(path):
            continue
        seen.add(path)
        kinds[kind] = kinds.get(kind, 0) + 1
        page = browser.get(path)
        waiting.extend(link.replace("&amp;", "&") for link in LINK.findall(page.text))
        if 'value="personal"' in page.text:
            browser.post(path, {"show": "personal"})
    return seen


def command_lines():
    """What everybody on this machine may read of our processes."""
    return {f"process {one.pid}": _words(one) for one in psutil.process_iter()}


def _words(process):
    try:
        return "\0".join(process.cmdline()).encode(errors="surrogateescape")
    except psutil.Error:
        return b""


def files(folder):
    found = {}
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):  # another run may collect them anew
            found[str(file)] = file.read_bytes()
    return found
