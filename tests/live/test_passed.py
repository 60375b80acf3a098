"""Facts are told when the projectors have passed them, so that a page that looks sees them; a rebuild is no news; and
no change of the log's whereabouts leaves a page wrong."""

import asyncio

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from eventstore.catch_up import catch_up
from eventstore.dispatch import dispatch
from eventstore.live import position, recent, tail
from eventstore.live.missed import missed
from eventstore.live.pages import Listening
from eventstore.live.recent import Recent
from eventstore.policy import policies
from eventstore.projector import Projector, projectors
from tests.eventstore import beans
from tests.eventstore.beans import BreakJar
from tests.eventstore.tools import add, another, one
from tests.feed.writing import away
from tests.live.ears import Ear, a_tail, joined, shown
from tests.live.jars import put
from tests.live.listening import aside

pytestmark = pytest.mark.usefixtures("own_jars")

A_WHILE_S = 0.4


def move(name, to, status="running"):
    with another() as raw:
        raw.execute(
            "UPDATE eventstore_checkpoint SET position = %s, status = %s WHERE name = %s", (to, status, name)
        )


def test_a_fact_is_told_when_all_running_projectors_have_passed_it_and_not_before():
    *some, last = [projector.name for projector in projectors]

    async def listen():
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            [there] = await aside(add, "1", 1)
            await asyncio.sleep(A_WHILE_S)
            before = ear.values
            for name in some:
                await aside(move, name, there)
            await asyncio.sleep(A_WHILE_S)
            between = ear.values
            await aside(move, last, there)
            await ear.hears(1)
            return before, between

    assert asyncio.run(listen()) == ([], [])


@pytest.mark.parametrize("status", ["stopped", "paused"])
def test_a_projector_that_does_not_go_on_keeps_nobody_waiting(status):
    name = projectors[0].name

    async def listen():
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            await aside(move, name, 0, status)
            await aside(put, "1", 1)
            await ear.hears(1)
            await aside(move, name, 0)
            await aside(put, "1", 2)
            await ear.hears(2)
            return ear.values, ear.late

    assert asyncio.run(listen()) == ([1, 2], 0)


@pytest.mark.parametrize(("behind", "passed"), [(1, 4999), (999, 4001), (1000, 5000), (5000, 5000)])
def test_who_is_far_behind_the_others_keeps_nobody_waiting(behind, passed):
    first, *others = [projector.name for projector in projectors]
    for name in others:
        move(name, 5000)
    move(first, 5000 - behind)
    assert position.passed() == passed


def test_while_no_projector_runs_nothing_is_told_and_then_all_of_it():
    async def listen():
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            await aside(put, "1", 1)
            at = await shown()
            for projector in projectors:
                await aside(move, projector.name, at, "paused")
            await aside(add, "1", 2)
            await asyncio.sleep(A_WHILE_S)
            before = ear.values
            for projector in projectors:
                await aside(move, projector.name, at)
            await aside(put, "1", 3)
            await ear.hears(2, 3)
            return before, ear.values, ear.late

    assert asyncio.run(listen()) == ([1], [1, 2, 3], 0)


@pytest.fixture
def sick(own_jars):
    """A projector that can't take handfuls of more than a hundred."""
    before = projectors[:]
    projector = Projector("beans.sick", tables=[beans.Shelf])

    @projector.on(beans.BeansAdded)
    def refuse(event, fact):
        yield from [] if event.count <= 100 else [1 / 0]

    yield
    projectors[:] = before


@pytest.mark.usefixtures("sick")
def test_what_was_parked_is_told_as_all_the_others_that_could_be_shown():
    async def listen():
        await aside(catch_up)
        async with joined(a_tail(), Ear("jar:1", at=await shown())) as [ear]:
            await aside(put, "1", 1, 101, 2)
            await ear.hears(1, 101, 2)

    asyncio.run(listen())
    assert one("SELECT count(*) FROM eventstore_parked WHERE projector = 'beans.sick'") == 2


@pytest.fixture
def replacing():
    policies.append(beans.replacing)
    yield
    policies.remove(beans.replacing)


@pytest.mark.usefixtures("replacing")
def test_what_a_policy_asked_for_is_told_as_well():
    async def listen():
        async with joined(a_tail(), Ear("jar:spare-1", at=await shown())) as [ear]:
            await aside(dispatch, BreakJar(jar="1"))
            await ear.hears(7)

    asyncio.run(listen())


def test_a_rebuild_is_no_news(cast):
    article = cast.jake.publishes()
    cast.jane.says("So true!", article)

    async def listen():
        rooms = (f"article:{article.id}", f"hearts:{article.id}", "articles", "tags")
        tail, at = a_tail(), await shown()
        async with joined(tail, Ear("jar:1", *rooms, at=at), Ear(*rooms, at=0)) as [ear, back]:
            heard = len(back.frames)
            await aside(lambda: call_command("rebuild_projections", "blog.pages", verbosity=0))
            await asyncio.sleep(A_WHILE_S)
            await aside(put, "1", 1)
            await ear.hears(1)
            return ear.values, ear.late, len(back.frames) - heard, len(back.known) > 0

    assert asyncio.run(listen()) == ([1], 0, 0, True)


def told_late(recent, at):
    """Where a page that shows this position is told that it is too late; None if it is not."""
    frame = missed(recent, Listening(("jar:1",), "", at))
    return frame.position if b'"late":true' in frame.json else None


def test_a_page_of_another_database_is_late(fresh_database):
    known = Recent()
    at = put("1", 1, 2, 3)
    known.advance()
    assert told_late(known, at - 1) is None
    with fresh_database("restored"):
        catch_up()
        known.advance()
        assert told_late(known, at - 1) == 0
        assert told_late(known, 0) is None
    connection.close()


def test_a_page_of_what_the_log_has_forgotten_is_late_and_all_who_listen_look_for_themselves(monkeypatch):
    """An older state of the very same database has a shorter log."""
    standing, older = position.standing, []

    def now():
        found = standing()
        return found._replace(head=older[0], passed=older[0]) if older else found

    monkeypatch.setattr(recent, "standing", now)

    async def listen():
        tail, at = a_tail(), await shown()
        last = await aside(put, "1", 1, 2, 3)
        async with joined(tail, Ear("jar:1", at=at)) as [ear]:
            await ear.hears(3)
            older.append(last - 2)
            await ear.until(lambda ear: ear.late)
            async with joined(tail, Ear("jar:1", at=last)) as [back]:
                return ear.late, back.late, ear.frames[-1]["at"] == back.frames[0]["at"] == last - 2

    assert asyncio.run(listen()) == (1, 1, True)


def test_who_is_here_while_the_database_is_away_hears_what_came_meanwhile(monkeypatch, caplog):
    monkeypatch.setattr(tail, "AGAIN_S", 0.1)
    monkeypatch.setitem(connection.settings_dict["OPTIONS"]["pool"], "timeout", 2.0)
    connection.close()
    connection.close_pool()  # the next one knows

    async def listen():
        here = a_tail()
        async with joined(here, Ear("jar:1", at=await shown())) as [ear]:
            await aside(put, "1", 1)
            await ear.hears(1)
            with away():
                await asyncio.sleep(A_WHILE_S)
                late = Ear("jar:1", at=ear.at + 5)
                with pytest.raises(OperationalError):
                    await here.join(late)
                here.leave(late)
            await aside(put, "1", 2)
            await ear.hears(2)
            return ear.values, ear.late, len(here)

    assert asyncio.run(listen()) == ([1, 2], 0, 1)
    assert "the live pages will look again" in caplog.text
    assert "Traceback" not in caplog.text
