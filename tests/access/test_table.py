"""Every row of the table, for every kind of person: allowed or refused as it says. Refused: nothing done, on record."""

import json
import re
from collections import Counter

import pytest
from django.urls import reverse

from accounts.post import post
from eventstore.database import rows
from tests.access.rules import ADMIN, API, OK, SIGN_IN, VISITORS
from tests.access.table import BEFORE, ENDS, TABLE
from tests.pages.reading import HTMX

SAFE = {"GET", "HEAD"}


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_everybody_gets_what_the_table_says(world, row, caplog):
    caplog.set_level("INFO", "conduit.requests")
    found = [problem for visit in visits(world, row) for problem in visit.problems(caplog)]
    assert found == []


def visits(world, row):
    for kind, gets in row.who.items():
        ways = [{}, HTMX] if row.by_htmx else [{}]
        for headers in ways:
            yield Visit(world, row, world.people[kind], gets, headers)


class Visit:
    """Somebody at a door, and what came of it."""

    def __init__(self, world, row, person, gets, headers):
        self.world, self.row, self.person, self.gets, self.headers = world, row, person, gets, headers

    def problems(self, caplog):
        """What is not as the table says."""
        if self.gets == OK and (before := BEFORE.get(self.row.tells)):
            getattr(self.world, before)()
        things = self.world.of(self.row, self.person, allowed=self.gets == OK)
        before = place()
        caplog.clear()
        self.answer = self._ask(things)
        if self.answer.streaming:
            b"".join(self.answer.streaming_content)
        found = [*self._answered(), *self._did(*since(before)), *self._is_written(caplog)]
        self._leave()
        htmx = " by htmx" if self.headers else ""
        return [f"{self.person.kind}{htmx}: {problem}" for problem in found]

    def _ask(self, things):
        path, sends = self.row.path.replace("{+", "{").format(**things), filled(self.row.sends, things)
        if self.row.door == API:
            headers = {"Authorization": f"Token {self.person.token}"} if self.person.token else {}
            body = {"data": json.dumps(sends), "content_type": "application/json"} if sends else {}
            return self.person.browser.generic(self.row.method, path, **body, headers=headers)
        if self.row.method == "POST":
            return self.person.browser.post(path, sends, headers=self.headers)
        return self.person.browser.generic(self.row.method, path, headers=self.headers)

    def _answered(self):
        given, answer = self.answer.status_code, self.answer
        if self.gets == SIGN_IN:
            door = reverse("admin:login") if self.row.door == ADMIN else reverse("login")
            leads = answer.headers.get("HX-Redirect", answer.headers.get("Location", ""))
            if given not in {200, 302} or not re.fullmatch(rf"{door}(\?next=.*)?", leads):
                yield f"is not asked to sign in: {given} {leads}"
        elif given != (self._ok() if self.gets == OK else self.gets):
            yield f"gets {given} {answer.headers.get('Location', '')}, not {self.gets}"

    def _ok(self):
        return self.row.by_htmx if self.headers else self.row.gives

    def _did(self, facts, attempts):
        """An allowed act is the command that the row says, by this person; a refused one leaves its row and no fact."""
        if self.gets == OK:
            if self.row.tells and not self._is_told(attempts):
                yield f"has not told {self.row.tells}, but {dict(attempts)}"
            return
        if facts or any(outcome != "refused" for _, outcome, _ in attempts):
            yield f"is refused, and yet: {facts} facts, {dict(attempts)}"
        if [actor for _, _, actor in attempts.elements() if actor] != [self.person.id] * self._is_audited():
            yield f"is refused and has left {dict(attempts)}"

    def _is_told(self, attempts):
        actor = None if self.person.kind in VISITORS or self._ends else self.person.id
        return any(
            name == self.row.tells and outcome == "accepted" and by in {actor, self.person.id}
            for name, outcome, by in attempts
        )

    @property
    def _ends(self):
        return self.row.what in ENDS

    def _is_audited(self):
        """Acts of people whom the site knows; that a form is not filled in as it must be is no refusal."""
        return self.row.method not in SAFE and self.person.kind not in VISITORS and self.gets in {403, 404}

    def _is_written(self, caplog):
        """Strangers are in the log's lines, as everybody."""
        lines = [record for record in caplog.records if record.name == "conduit.requests"]
        if [(line.method, line.status) for line in lines] != [(self.row.method, self.answer.status_code)]:
            yield f"has left no line: {lines}"

    def _leave(self):
        post.wait(5)
        if self.row.door == ADMIN and self.row.method == "POST":
            self.world.tidy()
        if self._ends and self.person.kind not in VISITORS:
            self.person.come_back()


def filled(sends, things):
    """With what stands for each `{…}`."""
    if isinstance(sends, dict):
        return {name: filled(value, things) for name, value in sends.items()}
    return sends.format_map(things) if isinstance(sends, str) else sends


def place():
    """Where the log and the audit end."""
    statement = (
        b"SELECT (SELECT count(*) FROM eventstore_event), (SELECT max(recorded_at) FROM eventstore_command)"
    )
    return rows(statement)[0]


def since(before):
    """How many facts have come since, and which attempts: name, outcome, whose."""
    facts, last = before
    attempts = rows(b"SELECT name, outcome, actor_id FROM eventstore_command WHERE recorded_at > %s", (last,))
    return place()[0] - facts, Counter(attempts)
