"""A command goes in: once, audited, shown; or refused, audited, and nothing else."""

import time
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from psycopg.rows import dict_row

from eventstore import carry_out, catch_up, log, store
from eventstore.acting import Acting, act
from eventstore.dispatch import CommandIdReused, RefusedBefore, TooBusy, dispatch
from eventstore.messages import AlreadyTaken, BadInput, Missing
from tests.eventstore import beans
from tests.eventstore.beans import (
    AddBeans,
    AlreadySealed,
    BeansAdded,
    BreakJar,
    JarIsBroken,
    LabelJar,
    PolishJar,
    PourBeans,
    SealJar,
    Shelf,
    WrongJar,
)
from tests.eventstore.tools import another, ask, at_once, one, place


@pytest.fixture(autouse=True)
def _shelf(shared_database, follow):
    follow(beans.shelf)


@pytest.fixture
def jar():
    """A jar that no other test has."""
    return f"{uuid4()}"


@pytest.fixture
def someone():
    """Whoever acts, so that a test finds its rows in the audit."""
    who = Acting(actor=lambda actor=uuid4(): actor, address="203.0.113.7", caused_by=17)
    with act(who):
        yield who


def audited(who):
    """The rows of the audit that somebody has left, oldest first."""
    with psycopg.connect(**place(), row_factory=dict_row) as raw:
        found = raw.execute(
            "SELECT * FROM eventstore_command WHERE actor_id = %s ORDER BY recorded_at", [who.actor()]
        )
        return list(found)


def versions(jar):
    return [fact.version for fact in log.read_stream(f"jar-{jar}")]


def on_the_shelf(jar):
    return Shelf.objects.values_list("beans", flat=True).get(id=jar)


# What comes of it


def test_a_command_is_recorded_and_shown_when_dispatch_returns(jar):
    receipt = dispatch(AddBeans(jar=jar, count=3))
    assert receipt.events == (BeansAdded(jar=jar, count=3),)
    assert (receipt.stream, receipt.shown, receipt.repeated) == (f"jar-{jar}", True, False)
    assert [fact.position for fact in log.read_stream(receipt.stream)] == [receipt.position]
    assert on_the_shelf(jar) == 3


def test_a_whole_command_takes_six_statements(jar, monkeypatch):
    """Read, append; then, in a transaction: lock, read on, write the row, move the checkpoint."""
    dispatch(LabelJar(jar=jar, label=jar[:10]))
    statements, execute = [], psycopg.Cursor.execute
    monkeypatch.setattr(
        psycopg.Cursor, "execute", lambda *a, **k: (statements.append(a[1]), execute(*a, **k))[1]
    )
    dispatch(BreakJar(jar=jar))
    assert len(statements) == 6


def test_an_accepted_command_is_audited_with_who_where_and_why(jar, someone):
    receipt = dispatch(AddBeans(jar=jar, count=3))
    [row] = audited(someone)
    assert row["id"] == receipt.command_id
    assert (row["name"], row["outcome"], row["reason"]) == ("beans.add", "accepted", "")
    assert (row["stream"], row["first_version"], row["last_version"]) == (f"jar-{jar}", 1, 1)
    assert row["correlation_id"] == someone.correlation_id
    assert (row["address"], row["caused_by"]) == ("203.0.113.7", 17)
    assert row["duration_us"] > 0
    assert row["retries"] == 0


def test_a_command_that_changes_nothing_is_audited_and_leaves_no_fact(jar, someone):
    receipt = dispatch(PolishJar(jar=jar))
    assert (receipt.events, receipt.position, receipt.shown) == ((), None, True)
    [row] = audited(someone)
    assert (row["outcome"], row["stream"], row["first_version"]) == ("accepted", f"jar-{jar}", None)
    assert versions(jar) == []


def test_a_refused_command_leaves_a_row_with_the_reason_and_no_fact(jar, someone):
    dispatch(BreakJar(jar=jar))
    with pytest.raises(JarIsBroken):
        dispatch(AddBeans(jar=jar))
    [_, row] = audited(someone)
    assert (row["outcome"], row["reason"]) == ("refused", "JarIsBroken: This jar is broken.")
    assert (row["stream"], row["first_version"], row["address"]) == (f"jar-{jar}", None, "203.0.113.7")
    assert versions(jar) == [1]


def test_a_command_that_fails_by_our_fault_is_audited_as_failed(someone):
    with pytest.raises(WrongJar):
        dispatch(AddBeans(jar="wrong"))
    [row] = audited(someone)
    assert (row["outcome"], row["reason"]) == ("failed", "WrongJar")


def test_a_command_that_no_aggregate_takes_is_audited_as_failed(someone, monkeypatch):
    monkeypatch.delitem(carry_out.deciders._by_command, PolishJar)
    with pytest.raises(LookupError, match="PolishJar"):
        dispatch(PolishJar(jar="1"))
    assert [row["outcome"] for row in audited(someone)] == ["failed"]


def test_the_audit_keeps_the_fields_on_its_list_and_no_others(jar, someone):
    dispatch(AddBeans(jar=jar, count=2, note="for soup", secret="hunter2"))
    dispatch(BreakJar(jar=jar))
    with pytest.raises(JarIsBroken):
        dispatch(AddBeans(jar=jar, secret="hunter2"))
    with pytest.raises(BadInput):
        dispatch(AddBeans(jar=jar, note="x" * 21, secret="hunter2"))
    rows = audited(someone)
    assert rows[0]["payload"] == {"jar": jar, "count": 2, "note": "for soup"}
    assert len(rows) == 4
    everything = ask("SELECT c::text FROM eventstore_command AS c WHERE actor_id = %s", someone.actor())
    assert not any("hunter2" in text for (text,) in everything)


@pytest.mark.parametrize(
    "text", ["a\0b", "half \ud83d", "x" * 21, "\u202e"], ids=["nul", "half", "long", "bidi"]
)
def test_a_text_that_breaks_its_rule_is_refused_and_audited(text, jar, someone):
    with pytest.raises(BadInput) as refused:
        dispatch(AddBeans(jar=jar, note=text))
    assert list(refused.value.problems) == ["note"]
    [row] = audited(someone)
    assert row["outcome"] == "refused"
    assert row["reason"].startswith("BadInput: note ")
    assert row["payload"]["note"] == text.replace("\0", "\ufffd").replace("\ud83d", "\ufffd")


def test_a_text_that_nothing_checks_fails_with_its_name_and_is_audited(someone):
    for jar in ("nul \0", "half \udc00"):
        with pytest.raises((ValueError, DatabaseError)):
            dispatch(AddBeans(jar=jar))
    assert [row["outcome"] for row in audited(someone)] == ["failed", "failed"]


# Sent again


def test_the_same_command_again_is_answered_with_the_first_receipt(jar, someone):
    command_id, command = uuid4(), AddBeans(jar=jar, count=3)
    first = dispatch(command, id=command_id)
    dispatch(AddBeans(jar=jar, count=5))
    again = dispatch(command, id=command_id)
    assert again.repeated
    assert (again.events, again.position, again.stream) == (first.events, first.position, first.stream)
    assert versions(jar) == [1, 2]
    assert on_the_shelf(jar) == 8


def test_a_command_that_changed_nothing_is_repeated_as_well(jar):
    command_id = uuid4()
    dispatch(PolishJar(jar=jar), id=command_id)
    again = dispatch(PolishJar(jar=jar), id=command_id)
    assert (again.repeated, again.events, again.position) == (True, (), None)


def test_another_command_under_a_used_id_is_refused_and_audited(jar, someone):
    command_id = uuid4()
    dispatch(AddBeans(jar=jar), id=command_id)
    for other in (AddBeans(jar=jar, count=2), AddBeans(jar=jar, secret="other"), PolishJar(jar=jar)):
        with pytest.raises(CommandIdReused):
            dispatch(other, id=command_id)
    assert [row["outcome"] for row in audited(someone)] == ["accepted", "refused", "refused", "refused"]
    assert versions(jar) == [1]


def test_a_refused_command_stays_refused_under_its_id(jar, someone, monkeypatch):
    command_id, command = uuid4(), AddBeans(jar=jar)
    dispatch(BreakJar(jar=jar))
    for _ in range(2):
        with pytest.raises(JarIsBroken):
            dispatch(command, id=command_id)
    monkeypatch.setattr(beans, "evolve", lambda jar, event: jar)
    with pytest.raises(RefusedBefore):
        dispatch(command, id=command_id)
    with pytest.raises(CommandIdReused):
        dispatch(AddBeans(jar=jar, count=2), id=command_id)
    assert versions(jar) == [1]
    assert [row["outcome"] for row in audited(someone)] == ["accepted", *["refused"] * 4]
    assert dispatch(command).events


def test_a_command_whose_attempt_failed_can_be_sent_again_under_its_id(jar, someone, monkeypatch):
    command_id = uuid4()
    with monkeypatch.context() as patch:
        patch.setattr(beans, "decide", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            dispatch(AddBeans(jar=jar), id=command_id)
    assert dispatch(AddBeans(jar=jar), id=command_id).position
    assert [row["outcome"] for row in audited(someone)] == ["failed", "accepted"]


@pytest.mark.parametrize("command", [AddBeans, SealJar, BreakJar, PolishJar])
def test_a_command_sent_many_times_at_once_has_one_effect_and_equal_answers(command, jar):
    command_id = uuid4()
    receipts = at_once(8, lambda nth: dispatch(command(jar=jar), id=command_id))
    assert len({(receipt.stream, receipt.events, receipt.position) for receipt in receipts}) == 1
    assert [receipt.repeated for receipt in receipts].count(False) == 1
    assert len(versions(jar)) == len(receipts[0].events)


def test_without_an_id_each_sending_is_a_command_of_its_own(jar):
    assert dispatch(AddBeans(jar=jar)).command_id != dispatch(AddBeans(jar=jar)).command_id
    dispatch(SealJar(jar=jar))
    with pytest.raises(AlreadySealed):
        dispatch(SealJar(jar=jar))


# Others at the same time


def test_a_stream_that_everybody_writes_to_has_each_version_once(jar):
    def insist(nth):
        done = 0
        while done < 8:
            try:
                dispatch(AddBeans(jar=jar, count=nth + 1))
                done += 1
            except TooBusy:
                pass

    assert at_once(8, insist) == [None] * 8
    assert versions(jar) == list(range(1, 65))
    assert on_the_shelf(jar) == 8 * sum(range(1, 9))


def test_a_decision_is_made_anew_on_what_has_come_in_between(jar, monkeypatch):
    append, rivals = store.append, iter([BreakJar(jar=jar)])

    def late(*arguments):
        for rival in rivals:
            dispatch(rival)
        return append(*arguments)

    monkeypatch.setattr(store, "append", late)
    with pytest.raises(JarIsBroken):
        dispatch(AddBeans(jar=jar))
    assert versions(jar) == [1]


def test_after_five_attempts_it_is_too_busy(jar, someone, monkeypatch):
    attempts = []

    def moved(*arguments):
        attempts.append(arguments)
        raise store.StreamMoved

    monkeypatch.setattr(store, "append", moved)
    monkeypatch.setattr(carry_out, "JITTER_S", 0)
    with pytest.raises(TooBusy):
        dispatch(AddBeans(jar=jar))
    assert len(attempts) == 5
    assert [(row["outcome"], row["reason"], row["retries"]) for row in audited(someone)] == [
        ("failed", "TooBusy", 4)
    ]


def test_where_a_name_is_taken_the_aggregate_may_ask_for_another(jar, someone):
    dispatch(LabelJar(jar=jar, label=f"red {jar}"))
    receipt = dispatch(LabelJar(jar=f"{jar}-2", label=f"red {jar}", instead=f"blue {jar}"))
    assert receipt.events[0].label == f"blue {jar}"
    assert [row["retries"] for row in audited(someone)] == [0, 1]
    assert [row["outcome"] for row in audited(someone)] == ["accepted", "accepted"]
    for other in (
        LabelJar(jar=f"{jar}-3", label=f"red {jar}"),
        LabelJar(jar=f"{jar}-3", label=f"red {jar}", instead=f"blue {jar}"),
    ):
        with pytest.raises(AlreadyTaken) as refused:
            dispatch(other)
        assert refused.value.kinds == ("label",)
    assert versions(f"{jar}-3") == []


def test_what_is_required_has_to_be_there(jar, someone):
    with pytest.raises(Missing):
        dispatch(PourBeans(jar=jar, into=f"red {jar}"))
    dispatch(LabelJar(jar=f"{jar}-2", label=f"red {jar}"))
    dispatch(PourBeans(jar=jar, into=f"red {jar}"))
    assert [row["outcome"] for row in audited(someone)] == ["refused", "accepted", "accepted"]


# Inside a transaction of the caller's


def test_it_joins_the_callers_transaction_and_shows_on_commit(jar):
    with transaction.atomic():
        receipt = dispatch(AddBeans(jar=jar, count=3))
        second = dispatch(AddBeans(jar=jar, count=4))
        assert not receipt.shown
        assert not Shelf.objects.filter(id=jar).exists()
        assert one("SELECT count(*) FROM eventstore_event WHERE stream = %s", receipt.stream) == 2
    assert receipt.shown
    assert second.shown
    assert on_the_shelf(jar) == 7


def test_what_is_rolled_back_leaves_neither_facts_nor_rows(jar, someone):
    with transaction.atomic():
        dispatch(AddBeans(jar=jar))
        transaction.set_rollback(True)
    assert versions(jar) == []
    assert audited(someone) == []


def test_a_refusal_leaves_its_row_although_it_rolls_the_transaction_back(jar, someone):
    dispatch(BreakJar(jar=jar))
    with pytest.raises(JarIsBroken), transaction.atomic():
        dispatch(AddBeans(jar=f"{jar}-2"))
        dispatch(AddBeans(jar=jar))
    assert versions(f"{jar}-2") == []
    assert [row["outcome"] for row in audited(someone)] == ["accepted", "refused"]


def test_an_id_used_twice_in_one_transaction_is_refused_at_once(jar, someone):
    command_id = uuid4()
    began = time.monotonic()
    with pytest.raises(CommandIdReused), transaction.atomic():
        dispatch(AddBeans(jar=jar), id=command_id)
        assert dispatch(AddBeans(jar=jar), id=command_id).repeated
        dispatch(AddBeans(jar=jar, count=2), id=command_id)
    assert time.monotonic() - began < 1
    assert [row["outcome"] for row in audited(someone)] == ["refused"]


def test_in_a_transaction_that_is_broken_already_it_fails_and_says_so_in_the_audit(jar, someone):
    with pytest.raises(DatabaseError), transaction.atomic():
        with connection.cursor() as cursor, pytest.raises(DatabaseError):
            cursor.execute("SELECT 1/0")
        dispatch(AddBeans(jar=jar))
    assert [row["outcome"] for row in audited(someone)] == ["failed"]


# Shown, or not yet


def test_whoever_holds_the_checkpoint_for_long_makes_nothing_look_failed(jar, monkeypatch):
    monkeypatch.setattr(catch_up, "PATIENCE_S", 0.3)
    dispatch(AddBeans(jar=jar))
    with another(autocommit=False) as raw:
        raw.execute("SELECT FROM eventstore_checkpoint FOR UPDATE")
        began = time.monotonic()
        receipt = dispatch(AddBeans(jar=jar, count=2))
        assert time.monotonic() - began < 1
    assert (receipt.shown, versions(jar), on_the_shelf(jar)) == (False, [1, 2], 1)
    assert dispatch(AddBeans(jar=jar, count=3)).shown
    assert on_the_shelf(jar) == 6


def test_whatever_breaks_while_catching_up_makes_nothing_look_failed(jar, monkeypatch):
    monkeypatch.setattr(catch_up.checkpoints, "lock", lambda *_: 1 / 0)
    assert not dispatch(AddBeans(jar=jar)).shown
    with transaction.atomic():
        receipt = dispatch(AddBeans(jar=jar))
    assert not receipt.shown
    assert versions(jar) == [1, 2]


def test_what_is_parked_is_not_shown_but_the_rest_is(jar):
    dispatch(LabelJar(jar=jar, label=f"x{jar}"))  # longer than the column
    assert not dispatch(AddBeans(jar=jar)).shown
    assert dispatch(PourBeans(jar=jar, into=f"x{jar}")).shown  # which no projector follows
    assert dispatch(AddBeans(jar=f"{jar}-2")).shown
