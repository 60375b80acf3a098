"""Rebuilding: the proof that the read models equal the log, and the repair where they do not."""

import json
import re
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models
from django.test.utils import isolate_apps

from eventstore import log, rebuild
from eventstore.catch_up import catch_up
from eventstore.dispatch import dispatch
from eventstore.projector import Add, Set, projectors
from eventstore.rebuild import Rebuild, RebuildRunning, ReplayFailed
from eventstore.status import standing
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans, BreakJar, JarLabelled, Shelf
from tests.eventstore.tools import (
    INSERT,
    add,
    another,
    append,
    ask,
    at_once,
    meanwhile,
    one,
    open_writer,
    start,
    stored,
)


@pytest.fixture(autouse=True)
def _jars(shelf):
    for jar in "abc":
        dispatch(AddBeans(jar=jar, count=5, note=f"note {jar}"))
        dispatch(AddBeans(jar=jar, count=2))


def run(*arguments, **options):
    """The command's exit code, what it wrote, and what it complained about."""
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("rebuild_projections", *arguments, stdout=out, stderr=err, **options)
    except SystemExit as end:
        code = end.code
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    return code, out.getvalue(), err.getvalue()


def check():
    return Rebuild(beans.shelf).run(check=True).differences["beans_shelf"]


def shelf_rows():
    return list(Shelf.objects.order_by("id").values())


def plant(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def nothing_is_left_behind():
    schemas = one("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'rebuild%%'")
    locks = one(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
        "WHERE locktype = 'advisory' AND datname = current_database()"
    )
    return (schemas, locks) == (0, 0)


def clumsy(event, fact):
    raise ZeroDivisionError("no beans")
    yield


# The proof


def test_read_models_that_equal_the_log_are_found_equal():
    result = Rebuild(beans.shelf).run(check=True)
    assert (result.differing, result.merged, result.events, result.rows, result.position) == (
        0,
        False,
        6,
        3,
        6,
    )
    assert nothing_is_left_behind()


@pytest.mark.parametrize(
    "planted",
    [
        "UPDATE beans_shelf SET beans = 1 WHERE id = 'a'",
        "UPDATE beans_shelf SET notes = NULL WHERE id = 'a'",
        "UPDATE beans_shelf SET notes = '[]' WHERE id = 'a'",
        "DELETE FROM beans_shelf WHERE id = 'a'",
        "INSERT INTO beans_shelf VALUES ('z', 0, '', NULL)",
    ],
)
def test_a_row_that_was_changed_or_is_missing_or_too_many_is_found_and_repaired(planted):
    before = shelf_rows()
    plant(planted)
    assert check() == 1
    assert shelf_rows() != before
    result = Rebuild(beans.shelf).run()
    assert (result.differences, result.merged) == ({"beans_shelf": 1}, True)
    assert shelf_rows() == before
    assert check() == 0


def test_differences_are_told_by_table(cast, follow):
    from blog.projectors import blog

    follow(*projectors)
    projectors.append(blog)
    article = cast.jake.publishes(tags=("dragons", "training"))
    cast.jane.favorites(article)
    plant("DELETE FROM blog_tag WHERE name = 'dragons'; UPDATE blog_article SET favorites_count = 7")
    plant("INSERT INTO blog_favorite SELECT article_id, article_id FROM blog_favorite")
    found = Rebuild(blog).run().differences
    assert {table: count for table, count in found.items() if count} == {
        "blog_tag": 1,
        "blog_article": 1,
        "blog_favorite": 1,
    }
    assert not Rebuild(blog).run(check=True).differing


def test_rows_may_trade_a_unique_value_while_they_are_repaired(follow):
    follow(beans.shards)
    for jar in "ab":
        dispatch(BreakJar(jar=jar))
    plant("UPDATE beans_shard AS s SET position = -o.position FROM beans_shard AS o WHERE o.jar <> s.jar")
    plant("UPDATE beans_shard SET position = -position")
    assert Rebuild(beans.shards).run().differing == 2
    assert Rebuild(beans.shards).run(check=True).differing == 0


def test_a_rebuild_appends_nothing_and_runs_no_policy(follow):
    follow(beans.shelf, beans.replacing)
    dispatch(BreakJar(jar="a"))
    before, position = stored(), standing(beans.replacing).position
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eventstore_checkpoint SET position = 0 WHERE name = 'beans.replacing'")
    plant("DELETE FROM beans_shelf")
    assert Rebuild(beans.shelf).run().differing
    assert stored() == before
    assert position
    assert standing(beans.replacing).position == 0


# Where the live tables stand


def test_a_projector_that_lags_is_compared_where_it_stands_and_brought_to_the_head():
    add("a", 1)
    add("d", 1)
    assert check() == 0
    assert Rebuild(beans.shelf).run().merged
    assert Shelf.objects.get(id="a").beans == 8
    assert standing(beans.shelf)[2:4] == (8, 0)
    catch_up()
    assert check() == 0


def test_a_new_projector_is_filled_by_a_rebuild(follow):
    dispatch(BreakJar(jar="a"))
    follow(beans.shelf, beans.shards)
    assert Rebuild(beans.shards).run().merged
    assert beans.Shard.objects.count() == 1
    assert standing(beans.shards).up_to_date


def test_a_rebuild_applies_what_was_parked(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(beans.shelf._handlers, "beans.added", [clumsy])
        dispatch(AddBeans(jar="a"))
    assert standing(beans.shelf).parked == 1
    result = Rebuild(beans.shelf).run()
    assert (result.differing, result.merged) == (1, True)
    assert standing(beans.shelf).up_to_date
    assert dispatch(AddBeans(jar="a")).shown
    assert Shelf.objects.get(id="a").beans == 9


def test_a_column_that_is_new_is_filled(monkeypatch):
    plant("ALTER TABLE beans_shelf ADD COLUMN times int NOT NULL DEFAULT 0")
    with isolate_apps():

        class Taller(models.Model):
            id = models.TextField(primary_key=True)
            beans = models.IntegerField(default=0)
            label = models.CharField(max_length=10, default="")
            notes = models.JSONField(null=True)
            times = models.IntegerField(default=0)

            class Meta:
                app_label = "beans"
                db_table = "beans_shelf"

    def fill(event, fact):
        yield Add(Taller, event.jar, beans=event.count, times=1)
        if event.note:
            yield Set(Taller, event.jar, notes=[event.note, fact.position])

    monkeypatch.setitem(beans.shelf._handlers, "beans.added", [fill])
    monkeypatch.setattr(beans.shelf, "tables", (Taller,))
    assert Rebuild(beans.shelf).run().differing == 3
    assert ask("SELECT DISTINCT beans, times FROM beans_shelf") == [(7, 2)]


def test_in_every_batch_size_it_comes_to_the_same_rows():
    plant("DELETE FROM beans_shelf")
    Rebuild(beans.shelf, batch=1).run()
    for batch in (2, 5, 6, 7):
        assert Rebuild(beans.shelf, batch=batch).run(check=True).differing == 0


# Others at the same time


def test_while_people_write_it_finds_no_difference_that_is_not_there():
    def write():
        dispatch(AddBeans(jar="a"))
        dispatch(BreakJar(jar=f"{time.monotonic_ns()}"))

    with meanwhile(write):
        for _ in range(5):
            assert check() == 0
    assert check() == 0


def test_while_people_write_the_repair_loses_nothing_and_readers_see_no_gap():
    missing = []

    def write():
        receipt = dispatch(AddBeans(jar="a"))
        if receipt.shown and Shelf.objects.filter(id="a").count() != 1:
            missing.append(receipt.position)

    with meanwhile(write):
        for _ in range(5):
            plant("UPDATE beans_shelf SET beans = 0 WHERE id = 'b'")
            assert Rebuild(beans.shelf).run().merged
    catch_up()
    assert check() == 0
    assert not missing


def test_a_second_rebuild_of_a_projector_is_refused_while_the_first_is_at_work():
    refused = []

    def meanwhile_another(progress):
        def rebuild_too(nth):
            with pytest.raises(RebuildRunning):
                Rebuild(beans.shelf).run()
            refused.append(run())

        at_once(1, rebuild_too)

    assert Rebuild(beans.shelf, watch=meanwhile_another).run(check=True).differing == 0
    assert set(refused) == {(5, "", "beans.shelf is being rebuilt already")}
    assert nothing_is_left_behind()
    assert run()[0] == 0


def test_a_writer_who_does_not_end_does_not_keep_the_rebuild_waiting_for_ever(monkeypatch):
    monkeypatch.setattr(log.settled_position, "__defaults__", (0.1,))
    plant("DELETE FROM beans_shelf")
    with open_writer():
        code, _, err = run()
    assert code == 4
    assert "writing to the log for longer" in err
    assert run()[0] == 0


# Cut short


def test_a_handler_that_fails_leaves_everything_as_it_was(monkeypatch):
    plant("UPDATE beans_shelf SET beans = 1")
    before = (shelf_rows(), standing(beans.shelf))
    monkeypatch.setitem(beans.shelf._handlers, "beans.added", [clumsy])
    with pytest.raises(ReplayFailed, match=r"1 \(beans.added of jar-a\): ZeroDivisionError: no beans"):
        Rebuild(beans.shelf).run()
    assert (shelf_rows(), standing(beans.shelf)) == before
    assert nothing_is_left_behind()
    code, _, err = run()
    assert code == 1
    assert "ZeroDivisionError" in err


def test_a_row_that_does_not_fit_fails_the_rebuild():
    append("jar-x", events=[JarLabelled(jar="x", label="far too long a label")])
    with pytest.raises(ReplayFailed, match="7 to 7: DataError"):
        Rebuild(beans.shelf).run()
    assert nothing_is_left_behind()


def test_a_fact_from_the_future_fails_the_repair_and_is_not_passed():
    with another() as raw:
        raw.execute(INSERT.replace("beans.added", "beans.exploded"), ("jar-x", 1, 1))
    add("a", 1)
    plant("UPDATE beans_shelf SET beans = 1 WHERE id = 'b'")
    assert check() == 1
    with pytest.raises(ReplayFailed, match="FutureEvent"):
        Rebuild(beans.shelf).run()
    assert standing(beans.shelf).position == 6
    assert Shelf.objects.get(id="a").beans == 7


@pytest.mark.parametrize("moment", ["replay", "compare", "merge"])
def test_an_interrupt_leaves_everything_as_it_was_and_says_so(moment, monkeypatch):
    plant("UPDATE beans_shelf SET beans = 1")
    before = (shelf_rows(), standing(beans.shelf))

    def interrupted(self, *_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        names = {
            "replay": (Rebuild, "_tell"),
            "compare": (rebuild.Shadow, "differences"),
            "merge": (rebuild.checkpoints, "move"),
        }
        patch.setattr(*names[moment], interrupted)
        code, _, err = run()
    assert code == 130
    assert "as they were" in err
    assert (shelf_rows(), standing(beans.shelf)) == before
    assert nothing_is_left_behind()
    assert run()[0] == 0


def test_a_rebuild_whose_connection_is_cut_is_in_nobodys_way():
    def cut(progress):
        with another() as raw:
            raw.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

    plant("UPDATE beans_shelf SET beans = 1")
    with pytest.raises(DatabaseError):
        Rebuild(beans.shelf, watch=cut).run()
    connection.close()
    assert Shelf.objects.get(id="a").beans == 1
    assert Rebuild(beans.shelf).run().differing == 3
    assert nothing_is_left_behind()


KILLED = """
import os, signal, django
django.setup()
from accounts.projectors import users
from eventstore.rebuild import Rebuild
Rebuild(users, watch=lambda _: os.kill(os.getpid(), signal.SIGKILL)).run()
"""


def test_what_a_killed_rebuild_leaves_behind_does_not_hinder_the_next(follow):
    from accounts.projectors import users

    killed = start("-c", KILLED)
    killed.communicate(timeout=30)
    assert killed.returncode == -9
    assert one("SELECT count(*) FROM pg_namespace WHERE nspname = 'rebuild_accounts_users'") == 1
    follow(users)
    assert catch_up()
    Rebuild(users).run()
    assert nothing_is_left_behind()


def test_afterwards_the_connection_writes_to_the_live_tables_again():
    Rebuild(beans.shelf).run()
    assert one("SHOW search_path") == '"$user", public'
    assert one("SHOW statement_timeout") == "30s"
    assert dispatch(AddBeans(jar="a")).shown
    assert Shelf.objects.get(id="a").beans == 8
    Rebuild(beans.shelf).run()
    assert dispatch(AddBeans(jar="a")).shown
    assert Shelf.objects.get(id="a").beans == 9


# The command


def test_the_command_says_what_it_found_and_did():
    code, out, _ = run("--check")
    assert code == 0
    assert re.fullmatch(r"beans.shelf: 6 events to 3 rows in [\d.]+ s \(\d+ events/s\): no difference\n", out)
    plant("DELETE FROM beans_shelf WHERE id = 'a'")
    code, out, _ = run("--check")
    assert code == 3
    assert "1 rows differ (beans_shelf 1)" in out
    code, out, _ = run("beans.shelf")
    assert code == 0
    assert "1 rows repaired (beans_shelf 1)" in out


def test_the_command_speaks_json():
    plant("DELETE FROM beans_shelf WHERE id = 'a'")
    code, out, _ = run("--check", "--json")
    assert code == 3
    found = json.loads(out)
    assert found["schema"] == 1
    [projector] = found["projectors"]
    assert {
        name: projector[name] for name in ("projector", "position", "events", "rows", "differences", "merged")
    } == {
        "projector": "beans.shelf",
        "position": 6,
        "events": 6,
        "rows": 3,
        "differences": {"beans_shelf": 1},
        "merged": False,
    }


def test_the_command_knows_the_names_of_projectors():
    code, _, err = run("beans.soup")
    assert code == 2
    assert err == "there is no projector beans.soup; there are beans.shelf"
