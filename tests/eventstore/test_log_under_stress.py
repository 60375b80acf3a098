"""Writers that dawdle and roll back, readers that follow them: nothing missed, repeated or out of order.

The same harness follows the log naively as well, and sees that reader fail: it can tell.
"""

import random
import threading
import time
from collections import Counter
from itertools import pairwise

import psycopg
from django.db import connection

from eventstore import log
from tests.eventstore.tools import INSERT, one, place

WRITERS = 8
EVENTS = 5_000
BATCH = 200


def write(seed, enough):
    """Appends in transactions that linger, have savepoints, and are rolled back now and then."""
    chance, stream, version = random.Random(seed), f"jar-{seed}", 0
    with psycopg.connect(**place()) as raw:
        while not enough.is_set():
            size = chance.choice((1, 1, 1, 2, 5))
            raw.execute(INSERT, (stream, version + 1, version + size))
            if chance.random() < 0.2:
                raw.execute("SAVEPOINT here")
                raw.execute(INSERT, (stream, version + size + 1, version + size + 1))
                raw.execute("ROLLBACK TO here")
            if chance.random() < 0.3:
                time.sleep(chance.random() * 0.01)
            if chance.random() < 0.25:
                raw.rollback()
            else:
                raw.commit()
                version += size


def follow(read, seen, finished):
    """Reads on from the last position until the writers have ended and nothing is left."""
    try:
        at = 0
        while True:
            last_round = finished.is_set()
            facts = read(at)
            seen += facts
            at = facts[-1].position if facts else at
            if last_round and not facts:
                return
            if not facts:
                time.sleep(0.001)
    finally:
        connection.close()


def naively(after):
    return log._everything(after, BATCH, log.END)


def carefully(after):
    return log.settled(after, BATCH, patience_s=10)


def faults(seen, recorded):
    """What a reader missed, had twice, and had in the wrong order (by position, or within a stream)."""
    positions = [fact.position for fact in seen]
    times = Counter(positions)
    disordered = sum(a > b for a, b in pairwise(positions))
    versions = {}
    for fact in seen:
        disordered += fact.version != versions.get(fact.stream, 0) + 1
        versions[fact.stream] = fact.version
    return len(recorded - times.keys()), sum(n - 1 for n in times.values()), disordered


def test_no_reader_misses_repeats_or_reorders_anything_and_a_naive_one_does(database):
    enough, finished = threading.Event(), threading.Event()
    seen = {"first": [], "second": [], "naive": []}
    readers = {"first": carefully, "second": carefully, "naive": naively}
    writing = [threading.Thread(target=write, args=(seed, enough)) for seed in range(WRITERS)]
    reading = [threading.Thread(target=follow, args=(readers[name], seen[name], finished)) for name in seen]
    for thread in (*reading, *writing):
        thread.start()
    deadline = time.monotonic() + 20
    while one("SELECT count(*) FROM eventstore_event") < EVENTS and time.monotonic() < deadline:
        time.sleep(0.05)
    enough.set()
    for thread in writing:
        thread.join()
    finished.set()
    for thread in reading:
        thread.join()
    recorded = {fact.position for fact in naively_all()}
    assert len(recorded) >= EVENTS
    assert faults(seen["first"], recorded) == faults(seen["second"], recorded) == (0, 0, 0)
    assert faults(seen["naive"], recorded)[0] > 0


def naively_all():
    return log._everything(0, 10**9, log.END)
