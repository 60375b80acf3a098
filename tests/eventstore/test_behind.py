"""One piece is worked on while the next is made: in order, one ahead at most, and nothing after a failure."""

import threading

import pytest
from django.db import connection

from eventstore.behind import Behind
from tests.eventstore.tools import one

pytestmark = pytest.mark.usefixtures("database")


def test_pieces_are_done_in_order_and_all_of_them_when_the_block_ends():
    done = []
    with Behind(done.append) as behind:
        for piece in range(100):
            behind.give(piece)
    assert done == list(range(100))


def test_it_is_never_more_than_one_piece_ahead():
    working, given = threading.Semaphore(0), []
    with Behind(lambda piece: working.acquire()) as behind:
        giver = threading.Thread(
            target=lambda: [(behind.give(piece), given.append(piece)) for piece in range(5)]
        )
        giver.start()
        giver.join(0.2)
        assert len(given) <= 2
        working.release(5)
        giver.join()
    assert len(given) == 5


def test_it_has_a_connection_of_its_own_and_gives_it_back():
    ours, theirs = one("SELECT pg_backend_pid()"), []
    with Behind(lambda statement: theirs.append(one(statement))) as behind:
        behind.give("SELECT pg_backend_pid()")
    assert theirs != [ours]
    pool = connection.pool.get_stats()
    assert pool["pool_size"] - pool["pool_available"] == 1


def test_a_failure_is_raised_at_the_end_and_nothing_is_done_after_it():
    done = []

    def work(piece):
        done.append(piece)
        raise ZeroDivisionError(piece)

    with pytest.raises(ZeroDivisionError, match="1"), Behind(work) as behind:
        for piece in range(1, 1000):
            behind.give(piece)
    assert done == [1]
    with pytest.raises(ZeroDivisionError), Behind(work) as behind:
        behind.give(1)


def test_what_goes_wrong_in_the_block_is_what_is_raised():
    done = []
    with pytest.raises(KeyboardInterrupt), Behind(done.append):
        raise KeyboardInterrupt
    assert done == []
