"""GET and HEAD never write: no fact, no command, no row that pages are made of, wherever one looks, whoever looks.

What may change: a session's own bookkeeping (that it was seen, that a notice was shown), that a token was used, how
often somebody came, and answers that are remembered.
"""

import re
from collections import Counter
from urllib.parse import urljoin

import pytest
from django.db import connection

from eventstore.database import rows
from tests.access.rules import API
from tests.access.table import SOME, TABLE
from tests.pages.reading import see

BOOKKEEPING = re.compile("accounts_session|accounts_apitoken|conduit_givenanswer|budget|django_session|rate")
STATIC = re.compile(r"/static/|^mailto:|^#|^data:")
MOST = 120


def everything():
    """A digest of every table, but for the bookkeeping."""
    names = [name for name in connection.introspection.table_names() if not BOOKKEEPING.search(name)]
    assert {"eventstore_event", "eventstore_command", "blog_article", "accounts_user"} <= set(names)
    whole = "SELECT md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM {} AS t"
    return {name: rows(whole.format(connection.ops.quote_name(name)).encode())[0][0] for name in names}


@pytest.mark.parametrize(("kind", "method"), [("author", "GET"), ("superuser", "GET"), ("superuser", "HEAD")])
def test_no_address_of_the_table_writes_when_it_is_looked_at(world, kind, method):
    """Those of acts as well: they are refused, and even that leaves nothing."""
    person, before = world.people[kind], everything()
    for row in TABLE if method == "GET" and kind == "superuser" else SOME:
        path = row.path.replace("{+", "{").format(**world.things, new="new")
        headers = {"Authorization": f"Token {person.token}"} if row.door == API and person.token else {}
        answer = person.browser.generic(method, path, headers=headers)
        assert answer.status_code < 500, path
    assert changed(before) == []


def changed(before):
    after = everything()
    return [name for name in {*before, *after} if before.get(name) != after.get(name)]


@pytest.mark.parametrize(("kind", "least"), [("author", 10), ("superuser", 60)])
def test_no_link_writes_when_it_is_followed(world, kind, least):
    """From page to page, as a robot goes that was let in."""
    browser, before = world.people[kind].browser, everything()
    queue, seen, statuses = ["/", "/settings", "/admin/", "/admin/eventstore/dashboard/"], set(), Counter()
    while queue and len(seen) < MOST:
        path = queue.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = browser.get(path)
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, path
        queue += [link for link in links(path, answer) if link not in seen]
    assert changed(before) == []
    assert statuses[200] >= least, statuses


def links(path, answer):
    """Addresses of this site that a page leads to."""
    if 300 <= answer.status_code < 400:
        yield urljoin(path, answer.headers["Location"])
    elif answer.headers.get("Content-Type", "").startswith("text/html"):
        for link in see(answer).all("a[href]"):
            where = urljoin(path, link["href"]).partition("#")[0]
            if where.startswith("/") and not STATIC.search(where):
                yield where
