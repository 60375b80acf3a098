"""The line to the database breaks at any message, and with it the answer: whoever does not know whether it is done
sends it again with the same id, and it is done once."""

import logging
from contextlib import contextmanager
from itertools import count

import pytest
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction

from accounts import credentials
from accounts.models import Credential
from accounts.registration import register
from eventstore.dispatch import dispatch
from eventstore.ids import derived
from eventstore.worker import Worker
from tests.cast import PASSWORD
from tests.fire.agreement import all_is_done
from tests.fire.proxy import UNANSWERED, WAYS, between
from tests.fire.test_crash_in_the_blog import article, recorded, registration

logger = logging.getLogger(__name__)


def attempts(work, way, proxy, *, thorough):
    """The key of every attempt at work(key), whose line was cut at its 1st, 2nd, 3rd … message, up to the one
    that was not cut; and whether it was told that it is done."""
    for nth in count(1):
        connection.ensure_connection()
        proxy.arm(nth, way, thorough=thorough)
        try:
            told = bool(work(f"n{nth}"))
        except (OperationalError, InterfaceError):
            told = False
        cut = proxy.disarm()
        close_old_connections()
        yield f"n{nth}", told
        if not cut:
            assert told
            logger.info("%s: %s messages", way, nth - 1)
            return


@contextmanager
def one_moment():
    """Sees the database as it is now, whatever those whom nobody waits for are still doing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@pytest.mark.parametrize("way", WAYS)
def test_a_person_whose_registration_got_no_answer_registers_once(database, way, long):
    def sign_up(name):
        return register(registration(name), PASSWORD, derived(name)).receipt

    outcomes = set()
    with between() as proxy:
        for name, told in attempts(sign_up, way, proxy, thorough=long):
            person = derived("user", name)
            with one_moment():
                has_password = Credential.objects.filter(user_id=person).exists()
                before = recorded(derived(name), f"user-{person}"), has_password
            assert before in {((1, 1, "email username"), True), ((0, 0, ""), False)}
            assert before[1] or not told
            outcomes.add((told, before[1]))
            assert sign_up(name).shown
            assert recorded(derived(name), f"user-{person}") == (1, 1, "email username")
            assert credentials.proof(person, PASSWORD)
    assert {(True, True), (False, False)} <= outcomes
    assert way != UNANSWERED or (False, True) in outcomes  # the answer to COMMIT
    Worker().look()
    assert all_is_done()


@pytest.mark.parametrize("way", WAYS)
def test_an_article_whose_append_got_no_answer_is_published_once(database, way, long):
    def publish(title):
        return dispatch(article(title), id=derived(title))

    outcomes = set()
    with between() as proxy:
        for title, told in attempts(publish, way, proxy, thorough=long):
            stream = f"article-{derived('article', title)}"
            with one_moment():
                before = recorded(derived(title), stream)
            assert before in {(1, 1, "article slug"), (0, 0, "")}
            assert before[0] or not told
            outcomes.add((told, bool(before[0])))
            assert publish(title).shown
            assert recorded(derived(title), stream) == (1, 1, "article slug")
    assert {(True, True), (False, False)} <= outcomes
    assert way != UNANSWERED or (False, True) in outcomes  # the answer to the append
    assert all_is_done()
