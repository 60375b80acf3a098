"""Several workers, one at work: when it dies, or stands still while it holds the checkpoint, another one takes
over; what the first one still meant to write, nobody writes."""

import os
import signal
from contextlib import ExitStack

import pytest
from django.db import DatabaseError
from django.test import Client

from blog.commands import CommentOnArticle
from blog.projectors import blog
from eventstore import checkpoints
from eventstore.carry_out import carry_out
from eventstore.catch_up import catch_up
from eventstore.changes import Buffer
from eventstore.dispatch import dispatch
from eventstore.ids import uuid7
from eventstore.rebuild import Rebuild
from eventstore.status import standings
from tests.eventstore.tools import ask, manage, meanwhile, one
from tests.fire.agreement import all_is_done
from tests.fire.crashing import until
from tests.fire.outage import leave

TAKEOVER_S = 10


@pytest.fixture
def tea(cast):
    return cast.jake.publishes("Tea")


def comment(person, article):
    return CommentOnArticle(comment_id=uuid7(), article_id=article.id, author_id=person.id, body="Ah!")


def say(person, article):
    """Something that is recorded, and that nobody has projected yet."""
    return carry_out(comment(person, article))


def at_the_head():
    return all(standing.up_to_date for standing in standings())


def test_when_a_worker_dies_at_work_another_one_takes_over(cast, tea):
    with ExitStack() as running:
        workers = [running.enter_context(manage("run_projectors", "--every", "0.05")) for _ in range(3)]
        for worker in workers:
            assert "following the log" in worker.stderr.readline()
        while workers:
            with meanwhile(lambda: say(cast.jane, tea)):
                until(lambda: one("SELECT max(position) FROM eventstore_checkpoint") > 0, TAKEOVER_S)
            until(at_the_head, TAKEOVER_S)
            workers.pop().kill()
    assert all_is_done()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_stood_still_and_was_overtaken_writes_nothing_when_it_wakes(
    moment, cast, tea, monkeypatch
):
    """It holds the checkpoint, has folded the facts, and stops: just before or after it writes the rows."""
    monkeypatch.setattr(checkpoints, "IDLE_S", 0.5)
    say(cast.jane, tea)
    worker = standing_still(moment)
    assert os.WIFSTOPPED(os.waitpid(worker, os.WUNTRACED)[1])
    say(cast.jane, tea)
    until(overtaken, TAKEOVER_S)
    assert all_is_done()
    say(cast.jane, tea)
    os.kill(worker, signal.SIGCONT)
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == FENCED
    assert not at_the_head()
    catch_up()
    assert all_is_done()
    assert one("SELECT comments_count FROM blog_article") == 3


FENCED, WROTE, LOST = 3, 4, 5


def standing_still(moment):
    """A process that catches up and stops itself in the middle; it exits with what became of it."""
    leave()
    child = os.fork()
    if child == 0:
        os._exit(catch_up_slowly(moment))
    return child


def catch_up_slowly(moment):
    flush, moments = Buffer.flush, iter([moment])

    def stand_still_once(buffer):
        now = next(moments, None)
        stand_still(now == "before")
        flush(buffer)
        stand_still(now == "after")

    Buffer.flush = stand_still_once
    try:
        catch_up()
    except DatabaseError:
        return FENCED
    except BaseException:
        return LOST
    else:
        return WROTE


def stand_still(now):
    if now:
        os.kill(os.getpid(), signal.SIGSTOP)


def overtaken():
    try:
        catch_up()
    except DatabaseError:
        return False
    return at_the_head()


def test_rebuilds_under_load_are_noticed_by_no_reader(cast, tea, long):
    """Rows are damaged and repaired beside those that are read; who reads meets neither error, gap nor step back."""
    jam, jane = cast.jake.publishes("Jam"), cast.jane

    def look(seen):
        page, home = Client().get(tea.path), Client().get("/")
        assert (page.status_code, home.status_code) == (200, 200)
        assert "Tea" in home.content.decode()
        said = page.content.decode().count("Ah!")  # not the context, which test clients share between threads
        assert seen[-1] <= said
        seen.append(said)

    readers = [0], [0]
    with (
        meanwhile(lambda: dispatch(comment(jane, tea))),
        meanwhile(lambda: look(readers[0])),
        meanwhile(lambda: look(readers[1])),
    ):
        for _ in range(50 if long else 5):
            ask("DELETE FROM blog_article WHERE id = %s RETURNING id", jam.id)
            assert Rebuild(blog).run().merged
    assert all(seen[-1] > 0 for seen in readers)
    assert all_is_done()
