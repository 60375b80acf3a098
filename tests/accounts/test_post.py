"""What is done after the answer: one thing at a time, so many at most, and no failure stops the next."""

import threading
import time
from contextvars import ContextVar

import pytest

from accounts.post import PAUSE_S, Post
from eventstore.dispatch import TooBusy

who = ContextVar("who", default="nobody")


def test_work_is_done_in_its_turn_on_behalf_of_whoever_asked():
    post, done = Post(), []
    for name in ("jake", "jane"):
        token = who.set(name)
        post.later(lambda: done.append((who.get(), threading.current_thread().name)))
        who.reset(token)
    assert post.wait(10)
    assert done == [("jake", "post"), ("jane", "post")]


def test_no_more_waits_than_there_is_room_for():
    post, working, free = Post(most=1), threading.Event(), threading.Event()

    def work():
        working.set()
        assert free.wait(10)

    post.later(work)
    assert working.wait(10)
    post.later(work)
    with pytest.raises(TooBusy):
        post.later(work)
    assert not post.wait(0.01)
    free.set()
    assert post.wait(10)
    post.later(work)
    assert post.wait(10)


def test_what_fails_leaves_its_kind_in_the_log_and_the_next_is_done(caplog):
    post, done = Post(), []

    def fail():
        raise ConnectionRefusedError("jake@conduit.example is not known here")

    post.later(fail)
    post.later(lambda: done.append("next"))
    assert post.wait(10)
    assert done == ["next"]
    assert [record.getMessage() for record in caplog.records] == [
        "a mail was not sent: ConnectionRefusedError"
    ]
    assert "jake" not in caplog.text


def test_work_begins_when_the_answer_has_left():
    post, began = Post(), []
    asked = time.monotonic()
    post.later(lambda: began.append(time.monotonic()))
    assert post.wait(10)
    assert began[0] >= asked + PAUSE_S
