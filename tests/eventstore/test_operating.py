"""What operators do: a projector or policy that is paused stays where it is, whoever writes, works or rebuilds."""

import psycopg
import pytest
from django.db import OperationalError, connection

from eventstore import checkpoints, health, operating, status
from eventstore.acting import Acting, act
from eventstore.catch_up import catch_up
from eventstore.database import rows
from eventstore.dispatch import dispatch
from eventstore.freshness import await_shown
from eventstore.health import Light
from eventstore.ids import uuid7
from eventstore.operating import NotPaused, PausedAlready, Unknown, pause, resume
from eventstore.rebuild import Rebuild, ReplayFailed
from eventstore.status import refused, standing
from eventstore.worker import Worker
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans, BreakJar, Shard, Shelf
from tests.eventstore.tools import INSERT, add, another, ask, one, stored

EVERYTHING = (beans.shelf, beans.shards, beans.replacing)


@pytest.fixture(autouse=True)
def _jar(shelf, follow):
    follow(*EVERYTHING)
    dispatch(AddBeans(jar="1", count=5))


def acts():
    return ask(
        "SELECT name, payload, outcome FROM eventstore_command WHERE name LIKE 'eventstore.%%' ORDER BY recorded_at"
    )


def beans_in(jar):
    return Shelf.objects.get(id=jar).beans


def in_sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


# A projector


def test_a_paused_projector_stays_where_it_is_whoever_works():
    pause("beans.shelf", "the beans look odd")
    dispatch(AddBeans(jar="1"))
    catch_up()
    Worker().look()
    assert (beans_in("1"), standing(beans.shelf).position) == (5, 1)
    assert standing(beans.shelf).status == "paused"
    assert standing(beans.shelf).lag_events == 1


def test_what_a_paused_projector_follows_is_saved_and_not_shown_and_the_rest_is_shown_at_once():
    pause("beans.shards", "")
    assert dispatch(AddBeans(jar="1")).shown
    assert beans_in("1") == 6
    receipt = dispatch(BreakJar(jar="1"))
    assert receipt.position
    assert not receipt.shown
    assert not await_shown(receipt.position, 0.05)


def test_a_resumed_projector_goes_on_from_where_it_stood():
    pause("beans.shelf", "")
    dispatch(AddBeans(jar="1"))
    resume("beans.shelf", "")
    assert dispatch(AddBeans(jar="1")).shown
    assert beans_in("1") == 7
    assert not Rebuild(beans.shelf).run(check=True).differing


def test_a_worker_with_nothing_but_paused_ones_before_it_has_nothing_to_do():
    for each in EVERYTHING:
        pause(each.name, "")
    add("1", 1)
    assert not checkpoints.behind(EVERYTHING)
    resume("beans.shelf", "")
    assert checkpoints.behind(EVERYTHING)


def test_others_keep_the_pause_when_they_move_their_checkpoints():
    pause("beans.shelf", "")
    dispatch(BreakJar(jar="1"))
    catch_up()
    assert standing(beans.shelf).status == "paused"
    assert Shard.objects.count() == 1


def test_policies_go_on_past_a_projector_that_is_paused():
    pause("beans.shards", "")
    dispatch(BreakJar(jar="1"))
    Worker().look()
    assert beans_in("spare-1") == 7


# A policy


def test_a_paused_policy_reacts_to_nothing_until_it_is_resumed_and_then_to_all_of_it():
    pause("beans.replacing", "out of spare jars")
    assert not dispatch(BreakJar(jar="1")).shown
    Worker().look()
    assert not Shelf.objects.filter(id="spare-1").exists()
    resume("beans.replacing", "")
    Worker().look()
    assert beans_in("spare-1") == 7


def test_a_paused_policy_keeps_nobody_waiting_whom_it_does_not_concern(follow, monkeypatch):
    others = type(beans.replacing)("beans.others")
    others.on(beans.JarSealed)(lambda event, fact: [])
    follow(*EVERYTHING, others)
    pause("beans.others", "")
    assert dispatch(BreakJar(jar="1")).shown
    assert beans_in("spare-1") == 7


# Rebuilding


def test_a_paused_projector_is_compared_and_repaired_where_it_stands():
    pause("beans.shelf", "")
    dispatch(AddBeans(jar="1"))
    in_sql("UPDATE beans_shelf SET beans = 99")
    assert Rebuild(beans.shelf).run(check=True).differing == 1
    assert Rebuild(beans.shelf).run().merged
    assert (beans_in("1"), standing(beans.shelf).position, standing(beans.shelf).status) == (5, 1, "paused")
    resume("beans.shelf", "")
    catch_up()
    assert beans_in("1") == 6


def test_a_pause_in_the_middle_of_a_rebuild_that_has_gone_farther_fails_it_and_nothing_moves():
    in_sql("UPDATE beans_shelf SET beans = 99")
    add("1", 1)

    def interfere(progress):
        if progress.position == 2 and standing(beans.shelf).status == "running":
            in_sql("UPDATE eventstore_checkpoint SET status = 'paused' WHERE name = 'beans.shelf'")

    with pytest.raises(ReplayFailed, match="paused meanwhile"):
        Rebuild(beans.shelf, interfere).run()
    assert (beans_in("1"), standing(beans.shelf).position) == (99, 1)


# The acts


def test_each_act_is_in_the_audit_with_who_and_why():
    jane = uuid7()
    with act(Acting(actor=lambda: jane, address="192.0.2.7")):
        pause("beans.shelf", "the beans look odd", by="jane")
    resume("beans.shelf", "they were beans")
    [(paused, first, one_ended), (resumed, second, two_ended)] = acts()
    assert (paused, resumed, one_ended, two_ended) == (
        "eventstore.pause",
        "eventstore.resume",
        *2 * ["accepted"],
    )
    assert first == {"subscriber": "beans.shelf", "reason": "the beans look odd", "by": "jane"}
    assert second["reason"] == "they were beans"
    assert second["by"]
    assert one("SELECT actor_id FROM eventstore_command WHERE name = 'eventstore.pause'") == jane


@pytest.mark.parametrize(
    ("work", "refusal"),
    [
        (lambda: pause("beans.soup", ""), Unknown),
        (lambda: resume("beans.soup", ""), Unknown),
        (lambda: resume("beans.shelf", ""), NotPaused),
        (lambda: operating.order_replay("beans.soup", ""), Unknown),
        (lambda: operating.order_replay("beans.replacing", ""), Unknown),
        (lambda: operating.stop_replay(uuid7(), ""), operating.NothingToStop),
    ],
)
def test_what_can_not_be_done_is_refused_and_leaves_no_trace(work, refusal):
    before = stored()
    with pytest.raises(refusal):
        work()
    assert (stored(), acts()) == (before, [])


def test_nobody_pauses_twice():
    pause("beans.shelf", "")
    with pytest.raises(PausedAlready):
        pause("beans.shelf", "again")
    assert len(acts()) == 1


def test_what_is_under_way_is_finished_before_a_pause_and_one_that_takes_too_long_is_not_paused(monkeypatch):
    monkeypatch.setattr(operating, "PATIENCE_S", 0.1)
    with another(autocommit=False) as raw:
        raw.execute("SELECT FROM eventstore_checkpoint FOR UPDATE")
        with pytest.raises(OperationalError):
            pause("beans.shelf", "")
    assert (standing(beans.shelf).status, acts()) == ("running", [])


# What is said of it


def said(about):
    return next(finding for finding in health.condition().findings if finding.about == about)


def test_a_pause_is_worth_watching_and_is_no_failure():
    assert said("beans.shelf") == (Light.GOOD, "beans.shelf", "up to date")
    pause("beans.shelf", "")
    dispatch(AddBeans(jar="1"))
    assert said("beans.shelf") == (Light.WATCH, "beans.shelf", "paused, 1 event behind")
    assert standing(beans.shelf).well


def test_a_projector_that_code_is_too_old_for_is_bad_until_it_is_paused_and_tries_again_when_it_is_resumed():
    with another() as raw:
        raw.execute(INSERT.replace("beans.added", "beans.exploded"), ("jar-x", 1, 1))
    catch_up()
    assert said("beans.shelf").light is Light.BAD
    assert "stopped" in said("beans.shelf").words
    pause("beans.shelf", "")
    assert said("beans.shelf").light is Light.WATCH
    assert "can't read beans.exploded" in standing(beans.shelf).last_error
    resume("beans.shelf", "")
    assert standing(beans.shelf).last_error == ""
    catch_up()
    assert said("beans.shelf").light is Light.BAD


def test_what_is_parked_is_bad():
    dispatch(beans.LabelJar(jar="1", label="far too long a label"))
    assert said("beans.shelf") == (Light.BAD, "beans.shelf", "1 fact is parked")


def test_without_a_worker_all_may_be_up_to_date_and_still_nobody_watches():
    assert said("workers") == (Light.BAD, "workers", "no worker is alive: none has reported")
    assert health.condition().light is Light.BAD


def test_a_condition_is_asked_for_in_seven_statements_however_many_follow(monkeypatch):
    statements, execute = [], psycopg.Cursor.execute
    monkeypatch.setattr(
        psycopg.Cursor, "execute", lambda *a, **k: (statements.append(a[1]), execute(*a, **k))[1]
    )
    health.condition()
    assert len(statements) == 7


def test_a_lag_beyond_what_is_counted_is_the_distance_to_the_head(monkeypatch):
    monkeypatch.setattr("eventstore.status.MOST", 3)
    pause("beans.shelf", "")
    add("1", 1, 1)
    assert standing(beans.shelf).lag_events == 2
    dispatch(beans.SealJar(jar="2"))
    add("1", 1, 1)
    assert standing(beans.shelf).lag_events == 5


def test_refusals_are_counted_as_far_as_it_is_told_to():
    assert refused() == 0
    dispatch(BreakJar(jar="1"))
    for _ in range(3):
        with pytest.raises(beans.JarIsBroken):
            dispatch(AddBeans(jar="1"))
    assert (refused(), refused(most=1)) == (3, 2)
    assert refused(hours=0) == 0


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def test_how_far_everybody_is_comes_from_a_range_of_the_index_for_each_type_however_rare(follow, monkeypatch):
    follow(beans.replacing)
    with another() as raw:
        raw.execute(INSERT, ("jar-many", 1, 20_000)).fetchall()
        raw.execute(INSERT.replace("beans.added", "beans.broken"), ("jar-rare", 1, 1))
        raw.execute("VACUUM ANALYZE eventstore_event")
    asked, answer = [], status.rows
    monkeypatch.setattr(status, "rows", lambda *a: (asked.append(a), answer(*a))[1])
    assert [each.lag_events for each in status.standings()] == [1]
    statement, values = asked[-1]
    [([told],)] = rows(b"EXPLAIN (ANALYZE, FORMAT JSON) " + statement, values)
    scans = [node for node in nodes(told["Plan"]) if node.get("Relation Name") == "eventstore_event"]
    assert {scan.get("Index Name") for scan in scans} == {"eventstore_event_pkey", "eventstore_event_type"}
    assert [scan.get("Rows Removed by Filter", 0) for scan in scans] == [0] * len(scans)
