"""The audit, page by page: every attempt, whatever came of it, by whom and from where; nothing left out or repeated."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from eventstore.inspection import commands
from eventstore.inspection.commands import Asked, Attempt, page
from eventstore.messages import BadInput
from tests.eventstore import inspected
from tests.eventstore.inspected import AWAY, JAKE, MALLORY
from tests.eventstore.tools import ask


@pytest.fixture(scope="module")
def attempts(shared_database):
    """Every attempt of the world, the latest first."""
    with inspected.known():
        inspected.build()
    columns = ", ".join(Attempt._fields)
    found = ask(f"SELECT {columns} FROM eventstore_command ORDER BY recorded_at DESC, id DESC")
    return list(map(Attempt._make, found))


MEANT = {
    "everything": (Asked(), lambda attempt: True),
    "what was accepted": (Asked(outcome="accepted"), lambda attempt: attempt.outcome == "accepted"),
    "what was refused": (Asked(outcome="refused"), lambda attempt: attempt.outcome == "refused"),
    "what failed": (Asked(outcome="failed"), lambda attempt: attempt.outcome == "failed"),
    "a name": (Asked(name="beans.label"), lambda attempt: attempt.name == "beans.label"),
    "a name that was refused": (
        Asked(name="beans.seal", outcome="refused"),
        lambda attempt: attempt.name == "beans.seal" and attempt.outcome == "refused",
    ),
    "an actor": (Asked(actor=JAKE), lambda attempt: attempt.actor_id == JAKE),
    "an actor and a name": (
        Asked(actor=MALLORY, name="beans.add"),
        lambda attempt: attempt.actor_id == MALLORY and attempt.name == "beans.add",
    ),
    "an address": (Asked(address=AWAY), lambda attempt: attempt.address == AWAY),
    "a stream": (
        Asked(stream="jar-hot"),
        lambda attempt: attempt.stream == "jar-hot" and attempt.last_version,
    ),
    "nobody": (Asked(actor=uuid4()), lambda attempt: False),
    "no such name": (Asked(name="beans.eat"), lambda attempt: False),
}


def older(asked, limit):
    pages = [page(asked, limit=limit)]
    while pages[-1].older is not None:
        pages.append(page(asked, before=pages[-1].older, limit=limit))
    return pages


def newer(asked, limit):
    pages = [page(asked, after="", limit=limit)]
    while pages[-1].newer is not None:
        pages.append(page(asked, after=pages[-1].newer, limit=limit))
    return pages


@pytest.mark.parametrize("name", MEANT)
def test_walking_both_ways_shows_every_attempt_that_is_meant(attempts, name):
    asked, meant = MEANT[name]
    expected = list(filter(meant, attempts))
    assert [attempt for each in older(asked, 4) for attempt in each.attempts] == expected
    assert [attempt for each in newer(asked, 4)[::-1] for attempt in each.attempts] == expected


@pytest.mark.parametrize("name", MEANT)
def test_a_page_links_to_what_is_there_and_no_further(attempts, name):
    asked, _ = MEANT[name]
    for pages in (older(asked, 4), newer(asked, 4)[::-1]):
        assert [each.newer is None for each in pages] == [True, *[False] * (len(pages) - 1)]
        assert [each.older is None for each in pages] == [*[False] * (len(pages) - 1), True]


def test_every_end_of_an_attempt_is_there(attempts):
    ends = {(attempt.outcome, attempt.reason.partition(":")[0]) for attempt in attempts}
    assert ends == {
        ("accepted", ""),
        ("refused", "JarIsBroken"),
        ("refused", "AlreadySealed"),
        ("failed", "WrongJar"),
    }


def test_times_bound_the_attempts(attempts):
    since, until = attempts[30].recorded_at, attempts[10].recorded_at
    found = page(Asked(since=since, until=until)).attempts
    assert list(found) == attempts[11:31]
    assert page(Asked(until=datetime(2001, 1, 1, tzinfo=UTC))).attempts == ()


def test_one_attempt_comes_with_what_the_audit_kept(attempts):
    [broken] = [attempt for attempt in attempts if attempt.name == "beans.break"]
    whole = commands.attempt(broken.id)
    assert (whole.attempt, whole.payload, whole.private) == (broken, {"jar": "0"}, {"jar"})
    assert commands.attempt(uuid4()) is None


def test_names_are_those_that_were_asked_for(attempts):
    assert commands.names() == sorted({attempt.name for attempt in attempts})


@pytest.mark.parametrize("cursor", ["x", "1", "1-x", "-", f"{10**30}-{'0' * 32}", "1_0-" + "0" * 31])
def test_a_cursor_that_is_none_is_told(attempts, cursor):
    with pytest.raises(BadInput, match="cursor is none of this page's"):
        page(Asked(), before=cursor)
