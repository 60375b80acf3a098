"""Appending while others append: one winner, and everybody else knows why."""

import threading
import time
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction

from eventstore import log, store
from eventstore.messages import AlreadyTaken, Claim, Missing, Release, Require
from tests.eventstore.beans import BeansAdded
from tests.eventstore.tools import another, append, at_once, one

pytestmark = pytest.mark.usefixtures("shared_database")


@pytest.fixture
def jar():
    """A stream that no other test has."""
    return f"jar-{uuid4()}"


@pytest.fixture
def name():
    """A name that nobody holds."""
    return Claim("label", f"{uuid4()}")


def versions(stream):
    return [fact.version for fact in log.read_stream(stream)]


def holders(name):
    return one("SELECT count(*) FROM eventstore_claim WHERE key = %s", name.key)


def test_an_append_is_one_statement(jar, name, monkeypatch):
    connection.ensure_connection()
    statements, execute = [], psycopg.Cursor.execute
    monkeypatch.setattr(
        psycopg.Cursor, "execute", lambda *a, **k: (statements.append(a[1]), execute(*a, **k))[1]
    )
    append(jar, events=[BeansAdded(jar="1", count=1)] * 3, names=[name, Release("label", "blue")])
    assert len(statements) == 1


def test_a_transaction_that_is_rolled_back_takes_the_facts_and_the_names_with_it(jar, name):
    with transaction.atomic():
        append(jar, names=[name])
        transaction.set_rollback(True)
    assert not versions(jar)
    assert not holders(name)


def test_a_transaction_that_django_will_roll_back_takes_no_facts(jar):
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        transaction.set_rollback(True)
        append(jar)


def test_of_many_appends_at_one_version_one_stands(jar):
    two = [BeansAdded(jar="1", count=1)] * 2
    outcomes = at_once(8, lambda nth: append(jar, events=two, names=[Claim("nth", f"{jar} {nth}")]))
    assert [type(outcome) for outcome in outcomes].count(tuple) == 1
    assert {type(outcome) for outcome in outcomes} == {tuple, store.StreamMoved}
    assert versions(jar) == [1, 2]
    assert one("SELECT count(*) FROM eventstore_claim WHERE stream = %s", jar) == 1


def test_of_many_streams_that_claim_one_name_one_gets_it(jar, name):
    outcomes = at_once(8, lambda nth: append(f"{jar}-{nth}", names=[name]))
    assert [type(outcome) for outcome in outcomes].count(tuple) == 1
    assert {type(outcome) for outcome in outcomes} == {tuple, AlreadyTaken}
    assert holders(name) == 1


def test_one_stream_that_claims_its_name_twice_at_once_has_moved(jar, name):
    """The name is nobody else's: what is in the way is the other append, so the decision is to be made anew."""
    outcomes = []
    second = threading.Thread(target=lambda: outcomes.extend(at_once(1, lambda _: append(jar, names=[name]))))
    with transaction.atomic():
        append(jar, names=[name])
        second.start()
        time.sleep(0.2)
    second.join()
    assert [type(outcome) for outcome in outcomes] == [store.StreamMoved]


def test_one_command_sent_many_times_at_once_is_carried_out_once(jar):
    command_id = uuid4()
    outcomes = at_once(8, lambda nth: append(f"{jar}-{nth % 2}", command_id=command_id))
    assert [type(outcome) for outcome in outcomes].count(tuple) == 1
    assert {type(outcome) for outcome in outcomes} == {tuple, store.CommandKnown}


def test_two_that_trade_names_do_not_hang(jar):
    """Each waits for the name that the other gives back: the database ends one of them, which decides again."""
    a, b = Claim("label", f"a {jar}"), Claim("label", f"b {jar}")
    append(f"{jar}-1", names=[a])
    append(f"{jar}-2", names=[b])
    with another(autocommit=False) as other:
        other.execute("SET LOCAL deadlock_timeout = '20s'")
        other.execute("DELETE FROM eventstore_claim WHERE key = %s", [a.key])
        insert = "INSERT INTO eventstore_claim (kind, key, stream) VALUES ('label', %s, 'jar-1')"
        insisting = threading.Thread(target=other.execute, args=(insert, [b.key]))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '50ms'")
            cursor.execute("DELETE FROM eventstore_claim WHERE key = %s", [b.key])
            insisting.start()
            time.sleep(0.2)
            with pytest.raises(store.StreamMoved):
                append(f"{jar}-2", after=1, names=[a])
        insisting.join()
        other.rollback()


def test_a_name_that_is_required_stays_until_the_append_has_ended(jar, name):
    append(f"{jar}-1", names=[name])
    with transaction.atomic():
        append(f"{jar}-2", names=[Require(name.kind, name.key)])
        with another() as raw:
            raw.execute("SET lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                raw.execute("DELETE FROM eventstore_claim WHERE key = %s", [name.key])


def test_many_may_require_one_name_at_once(jar, name):
    append(f"{jar}-0", names=[name])
    required = Require(name.kind, name.key)
    outcomes = at_once(8, lambda nth: append(f"{jar}-{nth + 1}", names=[required]))
    assert {type(outcome) for outcome in outcomes} == {tuple}


def test_a_name_that_is_being_given_back_is_missed_once_it_is_gone(jar, name):
    append(f"{jar}-1", names=[name])
    with another(autocommit=False) as raw:
        raw.execute("DELETE FROM eventstore_claim WHERE key = %s", [name.key])
        later = threading.Timer(0.2, raw.commit)
        later.start()
        with pytest.raises(Missing):
            append(f"{jar}-2", names=[Require(name.kind, name.key)])
        later.join()
    assert not versions(f"{jar}-2")
