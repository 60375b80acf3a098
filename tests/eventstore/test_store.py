"""Appending: one statement, all of it or nothing."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from eventstore import log, store
from eventstore.claims import holder
from eventstore.codec import Unstorable
from eventstore.messages import AlreadyTaken, Claim, Missing, Release, Require
from tests.eventstore.beans import BeansAdded
from tests.eventstore.tools import append, ask, order, stored

pytestmark = pytest.mark.usefixtures("rolled_back")


def beans(number):
    return [BeansAdded(jar="1", count=nth) for nth in range(number)]


def refused(exception, **appended):
    """The append raises this, and stores nothing."""
    before = stored()
    with pytest.raises(exception) as raised:
        append(**appended)
    assert stored() == before
    return raised.value


def test_the_facts_of_an_append_have_positions_and_versions_in_their_order():
    append(events=beans(3))
    positions = append(after=3, events=beans(500))
    assert list(positions) == sorted(positions)
    facts = list(log.read_stream("jar-1"))
    assert [fact.version for fact in facts] == list(range(1, 504))
    assert [fact.position for fact in facts[3:]] == list(positions)
    assert [fact.event.count for fact in facts] == [0, 1, 2, *range(500)]


def test_a_fact_says_by_which_command_it_came():
    command_id = uuid4()
    append(events=beans(2), command_id=command_id)
    assert {fact.command_id for fact in log.read_stream("jar-1")} == {command_id}
    known = store.known(command_id)
    assert (known.outcome, known.stream, known.first_version, known.last_version) == (
        "accepted",
        "jar-1",
        1,
        2,
    )


@pytest.mark.parametrize("after", [0, 1, 3, 1_000])
def test_a_version_that_is_stale_or_from_the_future_is_refused(after):
    append(events=beans(2))
    refused(store.StreamMoved, after=after, names=[Claim("label", "red")])


def test_a_version_of_a_stream_that_does_not_exist_is_refused():
    refused(store.StreamMoved, after=1)


def test_a_name_that_another_stream_holds_is_refused_and_its_kind_is_told():
    append(stream="jar-1", names=[Claim("label", "red"), Claim("shelf", "top")])
    names = [Claim("shelf", "top"), Claim("label", "red"), Claim("color", "red")]
    assert refused(AlreadyTaken, stream="jar-2", names=names).kinds == ("label", "shelf")
    assert refused(AlreadyTaken, stream="jar-2", names=names[:1]).kinds == ("shelf",)
    assert holder("color", "red") is None


def test_a_name_that_the_stream_holds_itself_may_be_claimed_again():
    append(names=[Claim("label", "red")])
    append(after=1, names=[Claim("label", "red"), Claim("label", "blue")])
    assert holder("label", "red") == holder("label", "blue") == "jar-1"


def test_a_name_that_is_given_back_is_free_for_others():
    append(names=[Claim("label", "red")])
    append(after=1, names=[Claim("label", "blue"), Release("label", "red")])
    append(stream="jar-2", names=[Claim("label", "red")])
    assert holder("label", "red") == "jar-2"
    assert holder("label", "blue") == "jar-1"


def test_only_the_stream_that_holds_a_name_can_give_it_back():
    append(stream="jar-1", names=[Claim("label", "red")])
    append(stream="jar-2", names=[Release("label", "red")])
    assert holder("label", "red") == "jar-1"


def test_the_last_word_on_a_name_within_one_append_counts():
    append(names=[Claim("label", "red"), Release("label", "red")])
    assert holder("label", "red") is None
    append(after=1, names=[Claim("label", "red")])
    append(after=2, names=[Release("label", "red"), Claim("label", "red")])
    assert holder("label", "red") == "jar-1"


def test_a_name_that_is_required_must_be_held_by_somebody():
    assert "label" in str(refused(Missing, names=[Require("label", "red"), Require("shelf", "top")]))
    append(stream="jar-1", names=[Claim("label", "red")])
    append(stream="jar-2", names=[Require("label", "red"), Require("label", "red")])
    append(stream="jar-1", after=1, names=[Release("label", "red")])
    refused(Missing, stream="jar-3", names=[Require("label", "red")])


def test_a_command_that_was_carried_out_is_refused_before_anything_else():
    command_id = uuid4()
    append(command_id=command_id, names=[Claim("label", "red")])
    refused(store.CommandKnown, command_id=command_id)
    refused(store.CommandKnown, command_id=command_id, stream="jar-2", names=[Claim("label", "red")])


def test_a_command_that_left_no_fact_has_its_id_used_all_the_same():
    command = order()
    assert store.record(command, "jar-1", "refused", "JarIsBroken")
    assert not store.record(command, "jar-1", "accepted", "")
    refused(store.CommandKnown, command_id=command.id)
    assert store.known(command.id).outcome == "refused"


def test_a_taken_name_or_a_known_command_is_found_out_before_a_position_is_drawn():
    command_id = uuid4()
    [first] = append(command_id=command_id, names=[Claim("label", "red")])
    refused(AlreadyTaken, stream="jar-2", names=[Claim("label", "red")])
    refused(store.CommandKnown, stream="jar-2", command_id=command_id)
    refused(Missing, stream="jar-2", names=[Require("label", "blue")])
    assert append(stream="jar-2") == (first + 1,)


@pytest.mark.parametrize(
    "event",
    [
        BeansAdded(jar="nul \0", count=1),
        BeansAdded(jar="escaped \\\0", count=1),
        BeansAdded(jar="half a pair \ud800", count=1),
        BeansAdded(jar="a word for a number", count="many"),  # type: ignore[arg-type]
        BeansAdded(jar=b"bytes", count=1),  # type: ignore[arg-type]
        BeansAdded(jar=None, count=1),  # type: ignore[arg-type]
        BeansAdded(jar="not a number", count=float("nan")),  # type: ignore[arg-type]
    ],
    ids=lambda event: str(event.jar),
)
def test_a_fact_that_could_not_be_read_again_is_refused_by_name(event):
    assert "beans.added" in str(refused(Unstorable, events=[BeansAdded(jar="good", count=1), event]))


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "a\u2028b", "\U0001f600", '"', "\x01\x7f", ""])
def test_a_text_comes_back_as_it_went_in(text):
    append(events=[BeansAdded(jar=text, count=1)])
    [fact] = log.read_stream("jar-1")
    assert fact.event.jar == text


def test_a_number_may_be_large():
    append(events=[BeansAdded(jar="1", count=10**30)])
    [fact] = log.read_stream("jar-1")
    assert fact.event.count == 10**30


def test_a_fact_may_be_large():
    append(events=[BeansAdded(jar="word " * 200_000, count=1)])
    [fact] = log.read_stream("jar-1")
    assert len(fact.event.jar) == 1_000_000


def test_inside_a_transaction_a_refused_append_leaves_the_rest_standing():
    append()
    with transaction.atomic():
        append(after=1)
        with pytest.raises(store.StreamMoved):
            append(after=1)
        append(after=2)
    assert len(list(log.read_stream("jar-1"))) == 3


STATEMENTS = [
    "UPDATE {} SET stream = 'x'",
    "UPDATE {} SET stream = 'x' WHERE false",
    "DELETE FROM {}",
    "DELETE FROM {} WHERE false",
    "TRUNCATE {}",
    "MERGE INTO {} AS t USING (SELECT) AS s ON true WHEN MATCHED THEN DELETE",
]


@pytest.mark.parametrize("table", ["eventstore_event", "eventstore_command"])
@pytest.mark.parametrize("role", ["origin", "replica", "local"])
def test_what_was_recorded_can_neither_be_changed_nor_removed(table, role):
    append()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL session_replication_role = {role}")
        for statement in STATEMENTS:
            with pytest.raises(IntegrityError, match="is refused"), transaction.atomic():
                cursor.execute(statement.format(table))
    assert stored() == (1, 1, 0)


def test_an_event_cannot_be_put_in_place_of_another():
    append()
    with pytest.raises(IntegrityError, match="is refused"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventstore_event OVERRIDING SYSTEM VALUE SELECT * FROM eventstore_event "
            "ON CONFLICT (position) DO UPDATE SET stream = 'x'"
        )


def test_the_log_draws_its_positions_one_by_one():
    """Readers rely on it: a session that kept a stock of positions would use old ones later."""
    assert ask(
        "SELECT seqcache, seqincrement FROM pg_sequence WHERE seqrelid = 'eventstore_event_position_seq'::regclass"
    ) == [(1, 1)]
