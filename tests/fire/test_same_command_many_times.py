"""One command, sent fifty times at once: one set of facts, and fifty answers that are the same."""

import json
import time
from contextlib import contextmanager
from uuid import uuid4

import pytest

from accounts.commands import RegisterUser, UpdateUser
from accounts.models import User
from accounts.registration import register, update
from blog.commands import CommentOnArticle, DeleteArticle, FavoriteArticle, NotTheAuthor, PublishArticle
from blog.models import Article, Author
from eventstore.dispatch import CommandIdReused, dispatch
from eventstore.ids import uuid7
from tests.eventstore.tools import another, ask, at_once, one, start

TIMES = 50
TEXTS = {
    "slug": "tea",
    "title": "Tea",
    "description": "About tea",
    "body": "It is *hot*.",
    "tags": ("a", "b"),
}


@pytest.fixture
def rounds(long):
    return 20 if long else 1


def sent(command, command_id):
    """What came of a command that fifty people send under one id."""
    return at_once(TIMES, lambda nth: dispatch(command, id=command_id))


def facts_of(command_id):
    return one("SELECT count(*) FROM eventstore_event WHERE command_id = %s", command_id)


def outcomes_of(command_id, since):
    """How the attempts under this id ended, those included that the audit keeps under ids of their own."""
    return dict(
        ask(
            "SELECT other.outcome, count(*)::int FROM eventstore_command AS one, eventstore_command AS other "
            "WHERE one.id = %s AND other.digest = one.digest AND other.recorded_at > %s GROUP BY other.outcome",
            command_id,
            since,
        )
    )


def publish(cast):
    return PublishArticle(article_id=uuid7(), author_id=cast.jake.id, **TEXTS)


def comment(cast):
    article = cast.jake.publishes()
    return CommentOnArticle(
        comment_id=uuid7(), article_id=article.id, author_id=cast.jane.id, body="Well said."
    )


def favorite(cast):
    return FavoriteArticle(article_id=cast.jake.publishes().id, reader_id=cast.jane.id)


def save_settings(cast):
    return UpdateUser(user_id=cast.jake.id, username="jacob", email="jacob@conduit.example", bio="I write.")


def take_down(cast):
    return DeleteArticle(article_id=cast.jake.publishes().id, author_id=cast.jake.id)


def nothing_new(cast):
    return UpdateUser(user_id=cast.jake.id, username="jake")


@pytest.mark.parametrize("wish", [publish, comment, favorite, save_settings, take_down, nothing_new])
def test_in_threads_it_is_carried_out_once_and_everybody_hears_the_same(cast, wish, rounds):
    for _ in range(rounds):
        command, command_id, since = wish(cast), uuid7(), one("SELECT clock_timestamp()")
        receipts = sent(command, command_id)
        [(events, _, stream)] = {(each.events, each.position, each.stream) for each in receipts}
        assert [each.repeated for each in receipts].count(False) == 1
        assert all(each.shown for each in receipts)
        assert facts_of(command_id) == len(events)
        assert outcomes_of(command_id, since) == {"accepted": 1}
        assert stream == one("SELECT stream FROM eventstore_command WHERE id = %s", command_id)


ELSEWHERE = """
import json, sys
import django
django.setup()
from uuid import UUID
from blog.commands import PublishArticle
from eventstore.database import rows
from eventstore.dispatch import dispatch
from tests.eventstore.tools import at_once
from tests.fire.test_same_command_many_times import TEXTS

command_id, author_id = map(UUID, sys.argv[1:])
command = PublishArticle(article_id=command_id, author_id=author_id, **TEXTS)
rows(b"SELECT set_config('lock_timeout', '0', false), set_config('statement_timeout', '60s', false)")
rows(b"SELECT pg_advisory_lock_shared(50)")
for answer in at_once(25, lambda nth: dispatch(command, id=command_id)):
    print(json.dumps([repr(answer.events), answer.stream, answer.position, answer.repeated, answer.shown]))
"""


@contextmanager
def ended(processes):
    """What these processes write until they end; none is left behind."""
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def waiting():
    return one(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
        "WHERE datname = current_database() AND locktype = 'advisory' AND objid = 50 AND NOT granted"
    )


def test_in_processes_it_is_carried_out_once_and_everybody_hears_the_same(cast, rounds):
    for nth in range(rounds if rounds == 1 else 5):
        command_id = uuid7()
        with another() as gate:
            gate.execute("SELECT pg_advisory_lock(50)")
            with ended(
                [start("-c", ELSEWHERE, f"{command_id}", f"{cast.jake.id}") for _ in range(2)]
            ) as both:
                wait_until(lambda: waiting() == 2)
                gate.execute("SELECT pg_advisory_unlock(50)")
                said = [process.communicate(timeout=60) for process in both]
        assert [process.returncode for process in both] == [0, 0], said
        answers = [json.loads(line) for out, _ in said for line in out.splitlines()]
        assert len(answers) == TIMES
        assert len({tuple(answer[:3]) for answer in answers}) == 1
        assert [answer[3] for answer in answers].count(False) == 1
        assert all(shown for *_, shown in answers)
        assert facts_of(command_id) == 1
        assert Author.objects.get(id=cast.jake.id).articles_count == nth + 1


def wait_until(done):
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_of_two_texts_under_one_id_one_stands_and_the_other_is_refused(cast, rounds):
    for _ in range(rounds):
        command_id = uuid7()
        commands = [
            PublishArticle(article_id=command_id, author_id=cast.jake.id, **TEXTS | {"body": body})
            for body in ("Hot.", "Cold.")
        ]
        answers = at_once(TIMES, lambda nth: dispatch(commands[nth % 2], id=command_id))  # noqa: B023
        refused = [type(answer) for answer in answers if isinstance(answer, Exception)]
        assert refused == [CommandIdReused] * (TIMES // 2)
        receipts = [answer for answer in answers if not isinstance(answer, Exception)]
        [(events, _)] = {(receipt.events, receipt.position) for receipt in receipts}
        assert Article.objects.get(id=command_id).body == events[0].body
        assert facts_of(command_id) == 1


def test_a_refusal_is_the_same_for_everybody_and_appends_nothing(cast, rounds):
    article = cast.jake.publishes()
    before = one("SELECT count(*) FROM eventstore_event")
    for _ in range(rounds):
        command_id = uuid7()
        command = DeleteArticle(article_id=article.id, author_id=cast.mallory.id)
        before = one("SELECT count(*) FROM eventstore_event")
        answers = sent(command, command_id)
        assert {(type(answer), str(answer)) for answer in answers} == {(NotTheAuthor, str(NotTheAuthor()))}
        assert one("SELECT count(*) FROM eventstore_event") == before
        assert one("SELECT outcome FROM eventstore_command WHERE id = %s", command_id) == "refused"


def test_a_person_registers_once_with_one_password(database, rounds):
    for nth in range(rounds):
        command_id = uuid7()
        command = RegisterUser(user_id=command_id, username=f"jake{nth}", email=f"jake{nth}@conduit.example")
        receipts = at_once(TIMES, lambda _: register(command, "a long password", command_id).receipt)  # noqa: B023
        [(events, _)] = {(each.events, each.position) for each in receipts}
        assert facts_of(command_id) == len(events) == 1
        assert one("SELECT count(*) FROM accounts_credential") == User.objects.count() == nth + 1
        assert [each.repeated for each in receipts].count(False) == 1
        with pytest.raises(CommandIdReused):
            register(command, "another password", command_id)


def test_a_password_is_changed_once(cast, rounds):
    jake = cast.jake
    for _ in range(rounds):
        command_id = uuid4()
        command = UpdateUser(user_id=jake.id, password_changed=True)
        receipts = at_once(TIMES, lambda nth: update(command, "a new password", command_id))  # noqa: B023
        assert len({(each.events, each.position) for each in receipts}) == 1
        assert facts_of(command_id) == 1


def test_a_name_that_others_ask_for_at_the_same_time_goes_to_one_who_is_answered_alike_each_time(database):
    ids = [uuid7() for _ in range(5)]
    commands = [RegisterUser(user_id=each, username="jake", email=f"{each}@conduit.example") for each in ids]
    answers = at_once(TIMES, lambda nth: dispatch(commands[nth % 5], id=ids[nth % 5]))
    by_person = [answers[nth::5] for nth in range(5)]
    kinds = sorted([*{type(answer).__name__ for answer in answers}] for answers in by_person)
    assert kinds == [*[["AlreadyTaken"]] * 4, ["Receipt"]]
    assert one("SELECT count(*) FROM eventstore_event WHERE type = 'accounts.user_registered'") == 1
