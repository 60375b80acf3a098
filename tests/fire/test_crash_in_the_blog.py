"""Killed, or cut off, at any statement while somebody registers or publishes: both stand whole or not at all, the
password and the author's page with them, and once when they are sent again."""

import pytest

from accounts import credentials
from accounts.commands import RegisterUser
from accounts.models import Credential, User
from accounts.registration import register
from blog import models
from blog.commands import PublishArticle
from eventstore.dispatch import dispatch
from eventstore.ids import derived
from tests.cast import PASSWORD
from tests.eventstore.tools import one
from tests.fire.agreement import all_is_done, rows_agree_with_checkpoints
from tests.fire.crashing import Sweep, disconnected, killed

either_way = pytest.mark.parametrize("strike", [killed, disconnected])
TAGS = ("dragons", "training")


def registration(name):
    return RegisterUser(user_id=derived("user", name), username=name, email=f"{name}@conduit.example")


def article(title):
    words = {"slug": title, "title": title, "description": "How?", "body": "You have to **believe**."}
    ids = {"article_id": derived("article", title), "author_id": derived("author")}
    return PublishArticle(**ids, **words, tags=TAGS)


def recorded(command_id, stream):
    """What there is of a command: accepted, facts, and the names that its stream holds."""
    accepted = "SELECT count(*) FROM eventstore_command WHERE id = %s AND outcome = 'accepted'"
    facts = "SELECT count(*) FROM eventstore_event WHERE command_id = %s AND stream = %s"
    names = "SELECT coalesce(string_agg(kind, ' ' ORDER BY kind), '') FROM eventstore_claim WHERE stream = %s"
    return one(accepted, command_id), one(facts, command_id, stream), one(names, stream)


def facts_in(stream):
    return one("SELECT count(*) FROM eventstore_event WHERE stream = %s", stream)


@either_way
def test_a_person_is_registered_with_a_password_or_not_at_all(database, strike, long):
    def sign_up(name):
        return register(registration(name), PASSWORD, derived(name)).receipt

    sweep = Sweep(sign_up, strike, thorough=long)
    for name in sweep:
        person = derived("user", name)
        stands = recorded(derived(name), f"user-{person}"), Credential.objects.filter(user_id=person).count()
        assert stands in {((1, 1, "email username"), 1), ((0, 0, ""), 0)}
        assert not sweep.succeeded or stands[1]
        assert rows_agree_with_checkpoints()
        assert sign_up(name).shown
        assert recorded(derived(name), f"user-{person}") == (1, 1, "email username")
        assert credentials.proof(person, PASSWORD)
        assert facts_in(f"author-{person}") == models.Author.objects.filter(id=person).count() == 1
        assert User.objects.get(id=person).username == name
    assert sweep.covers("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")
    assert all_is_done()


@either_way
def test_an_article_is_published_whole_or_not_at_all(database, strike, long):
    def publish(title):
        return dispatch(article(title), id=derived(title))

    sweep = Sweep(publish, strike, thorough=long)
    for nth, title in enumerate(sweep, start=1):
        stands = recorded(derived(title), f"article-{derived('article', title)}")
        assert stands in {(1, 1, "article slug"), (0, 0, "")}
        assert not sweep.succeeded or stands[0]
        assert rows_agree_with_checkpoints()
        assert publish(title).shown
        assert recorded(derived(title), f"article-{derived('article', title)}") == (1, 1, "article slug")
        assert models.Article.objects.filter(slug=title).count() == 1
        assert set(models.Tag.objects.values_list("name", "count")) == {(tag, nth) for tag in TAGS}
    assert sweep.covers("BEGIN", "COMMIT")
    assert all_is_done()
