"""The live tail of the log in the admin: for whom its ticket is, and what goes over the line."""

import json
import re

import pytest
from django.test import Client

from eventstore.live import pages
from eventstore.live.missed import missed
from eventstore.live.recent import Recent
from tests.pages.admin import LOG, METADATA, OPERATE, staff, superuser

TAIL = f"{LOG}/tail/"


def ticket_of(html):
    return re.search(r'data-live="([^"]+)" data-at="(\d+)"', html).groups()


def told(ticket, position):
    recent = Recent()
    recent.advance()
    return json.loads(missed(recent, pages.admitted(ticket, int(position))).json)["news"]


def test_it_listens_from_here_on_for_nobody_but_its_reader(database):
    html = staff("ines", METADATA).get(TAIL).content.decode()
    ticket, position = ticket_of(html)
    listening = pages.admitted(ticket, int(position))
    assert listening.rooms == ("log",)
    assert listening.reader
    assert told(ticket, position) == []


def test_a_fact_is_told_by_what_it_is_and_not_by_what_it_says(cast):
    ticket, position = ticket_of(superuser().get(TAIL).content.decode())
    article = cast.jake.publishes("Dragons")
    cast.jane.says("Mine is blue", article)
    news = told(ticket, position)
    assert [kind for _, kind, _, _ in news] == ["fact"] * len(news)
    lines = "".join(html for _, _, _, html in news)
    assert "blog.article_commented" in lines
    assert f"article-{article.id}" in lines
    assert "Mine is blue" not in lines
    assert "Dragons" not in lines


@pytest.mark.parametrize("permissions", [(), (OPERATE,)])
def test_without_the_permission_there_is_no_ticket(database, permissions):
    answer = staff("mallory", *permissions).get(TAIL)
    assert answer.status_code in {302, 403}
    assert b"data-live" not in answer.content
    assert Client().get(TAIL).status_code == 302
