"""Killed, or cut off, at any statement: a command, a batch, a policy and a rebuild are whole or nothing, and done
exactly once when somebody does them again."""

import gc

import pytest
from django.db import connection

from eventstore.catch_up import catch_up
from eventstore.changes import Buffer
from eventstore.dispatch import dispatch
from eventstore.ids import derived
from eventstore.policy import policies
from eventstore.rebuild import Rebuild
from eventstore.worker import Worker
from tests.eventstore import beans
from tests.eventstore.beans import (
    AddBeans,
    BeansAdded,
    JarBroken,
    JarLabelled,
    JarSealed,
    LabelJar,
    PeasCounted,
)
from tests.eventstore.conftest import _domain, follow, shelf  # noqa: F401 - its fixtures
from tests.eventstore.tools import append, ask, one
from tests.fire.agreement import all_is_done, by_key, rows_agree_with_checkpoints, stored
from tests.fire.crashing import Sweep, disconnected, killed

either_way = pytest.mark.parametrize("strike", [killed, disconnected])


@pytest.fixture(autouse=True)
def _jars(request):
    request.getfixturevalue("shelf")
    request.getfixturevalue("follow")(beans.shelf, beans.shards, beans.bowls, beans.replacing)


def of_command(command_id):
    """How many commands were accepted and how many facts recorded under an id."""
    accepted = "SELECT count(*) FROM eventstore_command WHERE id = %s AND outcome = 'accepted'"
    recorded = "SELECT count(*) FROM eventstore_event WHERE command_id = %s"
    return one(accepted, command_id), one(recorded, command_id)


def labels(jar):
    return [key for (key,) in ask("SELECT key FROM eventstore_claim WHERE stream = %s", f"jar-{jar}")]


def work_until_done():
    while Worker().look():
        pass


@either_way
def test_a_command_is_whole_or_nothing_and_once_when_sent_again(strike, long):
    def fill(jar):
        dispatch(AddBeans(jar=jar, count=5))
        dispatch(LabelJar(jar=jar, label=f"old {jar}"))

    def relabel(jar):
        return dispatch(LabelJar(jar=jar, label=f"new {jar}"), id=derived(jar))

    sweep = Sweep(relabel, strike, fill, thorough=long)
    for jar in sweep:
        whole = of_command(derived(jar)) == (1, 1)
        assert whole or of_command(derived(jar)) == (0, 0)
        assert labels(jar) == [f"new {jar}" if whole else f"old {jar}"]
        assert rows_agree_with_checkpoints()
        if sweep.succeeded:
            assert whole
            assert not sweep.answer.shown or on_the_shelf(jar) == (5, f"new {jar}")
        receipt = relabel(jar)
        assert (receipt.shown, receipt.repeated, len(receipt.events)) == (True, whole, 1)
        assert (of_command(derived(jar)), on_the_shelf(jar)) == ((1, 1), (5, f"new {jar}"))
    assert sweep.covers("BEGIN", "COMMIT")
    assert all_is_done()


def on_the_shelf(jar):
    return beans.Shelf.objects.values_list("beans", "label").get(id=jar)


def record_some(jar):
    """Facts that nobody has shown yet, about several tables."""
    named = [BeansAdded(jar=jar, count=5, note="fine"), JarLabelled(jar=jar, label=jar)]
    append(f"jar-{jar}", events=[*named, BeansAdded(jar=jar, count=2)])
    append(f"jar-former {jar}", events=[BeansAdded(jar=f"former {jar}", count=1)])
    append(f"jar-former {jar}", after=1, events=[JarSealed(jar=jar), PeasCounted(bowl=jar, peas=3)])
    gone = f"broken {jar}"
    append(f"jar-{gone}", events=[BeansAdded(jar=gone, count=1), JarBroken(jar=gone)])


def shown(jar):
    peas = beans.Bowl.objects.filter(id=jar).values_list("peas", flat=True)
    shards = beans.Shard.objects.filter(jar=f"broken {jar}").count()
    return on_the_shelf(jar), list(peas), shards, beans.Shelf.objects.filter(id=f"broken {jar}").count()


def picky(flush):
    """Writes the changes of one fact at a time, and no more."""

    def flush_few(buffer):
        if sum(map(len, buffer._pending.values())) > 1:
            raise ValueError("so many rows at once")
        return flush(buffer)

    return flush_few


@either_way
@pytest.mark.parametrize("pace", ["all at once", "fact by fact"])
def test_rows_and_checkpoints_of_a_batch_stand_or_fall_together(strike, pace, long, monkeypatch):
    policies.clear()
    flush = Buffer.flush
    if pace == "fact by fact":
        monkeypatch.setattr(Buffer, "flush", picky(flush))
    sweep = Sweep(lambda jar: catch_up(), strike, record_some, thorough=long)
    for jar in sweep:
        assert rows_agree_with_checkpoints()
        catch_up()
        assert shown(jar) == ((7, jar), [3], 1, 0)
    assert sweep.covers("BEGIN", "UPDATE", "INSERT", "DELETE", "COMMIT")
    assert sweep.covers("SAVEPOINT", "RELEASE", "ROLLBACK") == (pace == "fact by fact")
    assert one("SELECT count(*) FROM eventstore_parked") == 0
    monkeypatch.setattr(Buffer, "flush", flush)
    assert all_is_done()


@either_way
def test_a_policy_reacts_once(strike, long):
    def break_it(jar):
        append(f"jar-{jar}", events=[JarBroken(jar=jar)])

    sweep = Sweep(lambda jar: catch_up(), strike, break_it, thorough=long)
    for jar in sweep:
        assert reactions(jar) == (1 if passed(beans.replacing) >= position_of(jar) else 0)
        assert rows_agree_with_checkpoints()
        work_until_done()
        assert reactions(jar) == 1
        assert beans.Shelf.objects.get(id=f"spare-{jar}").beans == 7
    assert sweep.covers("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")
    assert all_is_done()


def position_of(jar):
    return one("SELECT position FROM eventstore_event WHERE stream = %s AND version = 1", f"jar-{jar}")


def passed(follower):
    found = ask("SELECT position FROM eventstore_checkpoint WHERE name = %s", follower.name)
    return found[0][0] if found else 0


def reactions(jar):
    """How many facts followed from a broken jar; each has its command, which names it."""
    facts = "SELECT count(*) FROM eventstore_event WHERE stream = %s"
    commands = "SELECT count(*) FROM eventstore_command WHERE caused_by = %s AND outcome = 'accepted'"
    assert one(facts, f"jar-spare-{jar}") == one(commands, position_of(jar))
    return one(facts, f"jar-spare-{jar}")


@either_way
def test_a_rebuild_repairs_everything_or_touches_nothing(strike, long, monkeypatch):
    monkeypatch.setattr(
        gc, "collect", lambda: 0
    )  # among all that pytest holds it would take most of the time
    planted = {}

    def standing():
        return by_key(stored(beans.Shelf), beans.Shelf), passed(beans.shelf)

    def plant(jar):
        dispatch(AddBeans(jar=jar, count=5))
        dispatch(AddBeans(jar=f"lost {jar}", count=1))
        _plant(f"UPDATE beans_shelf SET beans = 6 WHERE id = '{jar}'")
        _plant(f"DELETE FROM beans_shelf WHERE id = 'lost {jar}'")
        _plant(f"INSERT INTO beans_shelf VALUES ('ghost {jar}', 1, 'boo')")
        append(f"jar-late {jar}", events=[BeansAdded(jar=f"late {jar}", count=1)])
        planted[jar] = standing()

    sweep = Sweep(lambda jar: Rebuild(beans.shelf).run(), strike, plant, thorough=long)
    for jar in sweep:
        untouched = standing() == planted[jar]
        assert untouched or rows_agree_with_checkpoints()
        result = Rebuild(beans.shelf).run()
        assert result.differences == {"beans_shelf": 3 if untouched else 0}
        assert rows_agree_with_checkpoints()
        assert on_the_shelf(f"late {jar}") == (1, "")
    assert sweep.covers("CREATE", "ALTER", "BEGIN", "SET", "DELETE", "INSERT", "COMMIT", "DROP")
    assert one("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'rebuild%%'") == 0
    work_until_done()
    assert all_is_done()


def _plant(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
