"""The clock jumps by hours, forwards and back, of the machine and of the database: what happened stays in the order in
which it happened, nobody is shut out or taken for dead, and no duration is negative.
"""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from conduit import health as probes
from conduit import metrics
from conduit.doctor import server
from conduit.doctor.findings import State
from eventstore import health, heartbeat, ids, log, operating, replays, status
from eventstore.database import execute
from eventstore.health import Light
from eventstore.projector import projectors
from eventstore.replays import Taken
from eventstore.verify import Verification
from tests.api.program import Program
from tests.cast import PASSWORD, Cast
from tests.eventstore.tools import one
from tests.fire.agreement import all_is_done
from tests.fire.outage import leave
from tests.pages.reading import see

JUMPS = (0, 6, -6, 3, -30)
CLOCK = """
CREATE TABLE jump (ahead interval NOT NULL);
INSERT INTO jump VALUES ('0');
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql
    AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM public.jump';
CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql STABLE
    AS 'SELECT pg_catalog.now() + ahead FROM public.jump';
"""
DIED_S = 60


class Clock:
    """Everybody's clock, ahead of the true one by some hours."""

    def __init__(self, monkeypatch):
        self.ahead, true_now, true_time = timedelta(), timezone.now, time.time
        monkeypatch.setattr(timezone, "now", lambda: true_now() + self.ahead)
        monkeypatch.setattr(time, "time", lambda: true_time() + self.ahead.total_seconds())
        monkeypatch.setattr(time, "time_ns", lambda: int(1e9 * time.time()))

    def jump_to(self, *, database=True, **ahead):
        self.ahead = timedelta(**ahead)
        if database:
            execute(b"UPDATE jump SET ahead = %s", (self.ahead,))


@pytest.fixture
def clock(database, monkeypatch):
    """The database's functions are put before PostgreSQL's own, on the search path."""
    execute(CLOCK.encode(), prepare=False)
    execute(f'ALTER DATABASE "{database}" SET search_path TO public, pg_catalog'.encode(), prepare=False)
    leave()
    clock = Clock(monkeypatch)
    clock.jump_to(hours=5)
    assert one("SELECT clock_timestamp() - pg_catalog.clock_timestamp() > '4 hours'")
    clock.jump_to(hours=0)
    return clock


def test_what_happened_stays_in_the_order_in_which_it_happened(clock):
    cast = Cast()
    article, said = cast.jake.publishes("The first"), []
    for hours in JUMPS:
        clock.jump_to(hours=hours)
        said.append(f"said when the clock was {hours} hours ahead")
        cast.jane.says(said[-1], article)
        cast.jake.publishes(f"Ahead by {hours}")
    page = see(cast.jane.browser.get(article.path))
    assert [each.text for each in page.all(".card .card-block p")] == said
    told = [
        comment["body"] for comment in Program().get(f"/articles/{article.slug}/comments").said["comments"]
    ]
    assert sorted(told, key=said.index) in (told, told[::-1])
    facts = list(log.read_all())
    assert [fact.position for fact in facts] == sorted(fact.position for fact in facts)
    assert [fact.recorded_at for fact in facts] != sorted(fact.recorded_at for fact in facts)
    assert {
        cast.jane.browser.get(path).status_code for path in ("/", "/?feed=following", cast.jake.path)
    } == {200}
    assert Verification(print).run().problems == 0
    assert all_is_done()


def test_names_that_are_made_of_the_time_stay_unique(clock):
    made = []
    for hours in JUMPS * 40:
        clock.ahead = timedelta(hours=hours)
        made += [ids.uuid7() for _ in range(50)]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("hours", [6, -6])
def test_nobody_is_signed_out_or_shut_out(clock, settings, hours):
    settings.API_RATE_LIMITS, settings.API_WRITES_A_MINUTE = True, 3
    cast = Cast()
    jane, program = cast.jane.browser, Program(cast.jane)
    wrong = {"email": cast.jake.email, "password": "a wrong password"}
    right = wrong | {"password": PASSWORD}
    guesses = [Client().post("/login", wrong) for _ in range(30)]
    assert guesses[-1].status_code == 429
    wishes = [program.post("/articles", {"article": {}}) for _ in range(4)]
    assert [wish.status for wish in wishes] == [422, 422, 422, 429]
    clock.jump_to(hours=hours)
    assert jane.get("/settings").status_code == program.get("/user").status == 200
    assert Client().post("/login", right).status_code == 302
    again = program.post("/articles", {"article": {}})
    assert (again.status, again.headers["RateLimit-Remaining"]) == (422, "2")
    assert 0 < int(again.headers["RateLimit-Reset"]) <= 60


def write_unseen(cast):
    """A fact that nobody has looked at yet."""
    insert = """
        INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at)
        VALUES (%s, 1, 'blog.article_unfavorited', 1, %s, %s, clock_timestamp())
    """
    article, reader = uuid4(), cast.jane.id
    execute(
        insert.encode(),
        (f"favorite-{article}-{reader}", f'{{"article_id": "{article}", "reader_id": "{reader}"}}', uuid4()),
    )


@pytest.mark.parametrize("hours", [6, -6])
def test_lights_tell_the_truth_after_a_jump(clock, hours):
    """Whoever died before it is not alive for hours, and whoever lives is not dead for longer than until it speaks."""
    cast = Cast()
    assert cast.jane.id
    heartbeat.beat("waiting", datetime.now(UTC))
    clock.jump_to(hours=hours)
    assert of("workers").light is Light.BAD
    heartbeat.beat("waiting", datetime.now(UTC))
    assert of("workers").light is Light.GOOD
    assert heartbeat.heartbeats()[0].up_s >= 0
    assert probes.why_not() == []
    write_unseen(cast)
    assert [each.lag_s for each in status.standings() if not 0 <= each.lag_s < 5] == []
    clock.jump_to(hours=hours, seconds=DIED_S)
    [stuck] = [each for each in status.standings() if each.stuck and each.name == "blog.pages"]
    assert DIED_S <= stuck.still_s < DIED_S + 10


def of(about):
    [told] = [each for each in health.condition().findings if each.about == about]
    return told


def test_a_lag_is_never_less_than_none(clock):
    cast = Cast()
    assert cast.jane.id
    clock.jump_to(hours=6)
    write_unseen(cast)
    clock.jump_to(hours=-6)
    assert [each.lag_s for each in status.standings() if each.lag_s or each.still_s] == []
    told = metrics.exposition(RequestFactory().get("/metrics")).content.decode()
    samples = [sample for family in text_string_to_metric_families(told) for sample in family.samples]
    assert len(samples) > 50
    assert [sample for sample in samples if sample.value < 0] == []


@pytest.mark.parametrize("hours", [6, -6])
def test_a_rebuild_that_goes_on_is_alive_when_it_has_said_so_and_one_that_died_is_not(clock, hours):
    [projector] = [each for each in projectors if each.name == "blog.pages"]
    operating.order_replay(projector.name, "for the test")
    taken = replays.take([projector.name], "somebody")
    assert isinstance(taken, Taken)
    clock.jump_to(hours=hours)
    [wish] = replays.replays()
    assert wish.state == "dead"
    assert replays.tell(taken.id, None)
    [wish] = replays.replays()
    assert (wish.state, wish.silent_s < 4, wish.age_s >= 0) == ("running", True, True)


def test_the_doctor_tells_of_two_clocks_that_differ(clock):
    assert [finding.state for finding in server.clock()] == [State.OK]
    execute(b"UPDATE jump SET ahead = '6 hours'")
    [finding] = server.clock()
    assert finding.state == State.FAIL
    assert finding.said.startswith("this machine and the database differ by 21"), finding.said
