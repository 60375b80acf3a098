"""`events tail`: every fact once, in order, as soon as it is settled."""

import json
import signal
import threading
import time

import pytest
from django.db import connection

from eventstore.inspection import following
from eventstore.inspection.filters import Filter
from eventstore.inspection.following import follow
from tests.eventstore.beans import BeansAdded
from tests.eventstore.tools import append, manage, open_writer

pytestmark = pytest.mark.usefixtures("database")

INTERRUPTED = 130


class Following(threading.Thread):
    """Follows the log beside the test."""

    def __init__(self, wanted, after):
        super().__init__()
        self.wanted, self.after, self.seen, self.over = wanted, after, [], False

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.join()

    def run(self):
        for _, lines in follow(self.wanted, self.after, lambda: self.over):
            self.seen += [line.position for line in lines]
        connection.close()

    def has_seen(self, *positions):
        deadline = time.monotonic() + 20
        while self.seen != list(positions) and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.seen == list(positions)


def test_following_never_passes_a_hole_that_may_still_be_filled(monkeypatch):
    monkeypatch.setattr(following, "LOOK_S", 0.01)
    [before] = append("jar-before")
    with open_writer("jar-late") as late, Following(Filter(kind="jar"), before) as followed:
        [behind] = append("jar-behind")
        [after] = append("heap-behind")
        time.sleep(0.3)
        assert followed.seen == []
        late.commit()
        assert followed.has_seen(before + 1, behind)
        assert after not in followed.seen


def test_a_tail_in_a_process_tells_each_fact_and_ends_at_ctrl_c():
    append("jar-1", events=[BeansAdded(jar="1", count=1)] * 2)
    with manage("events", "tail", "--last", "1", "--json") as process:
        assert json.loads(process.stdout.readline())["position"] == 2
        [position] = append("jar-2")
        assert json.loads(process.stdout.readline())["position"] == position
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=30)
        assert process.returncode == INTERRUPTED, complaint
    assert "Traceback" not in complaint
