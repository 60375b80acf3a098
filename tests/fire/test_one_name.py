"""Everybody wants the same name at once, in several processes: one gets it, and nobody is forgotten."""

import random
from itertools import product
from uuid import uuid4

from accounts.commands import RegisterUser
from accounts.models import User
from accounts.registration import register
from blog.commands import PublishArticle
from blog.models import Article, Author
from eventstore.database import rows
from eventstore.dispatch import dispatch
from eventstore.ids import uuid7
from eventstore.messages import COMMAND_TYPES, AlreadyTaken
from eventstore.projector import projectors
from eventstore.rebuild import Rebuild
from tests.eventstore.tools import one
from tests.fire.crew import clients, together

PROCESSES, EACH = 4, 50
SPELLINGS = list(map("".join, product("jJｊＪ", "aAａＡ", "kKｋＫ\N{KELVIN SIGN}", "eEｅＥ")))
TEXTS = {"description": "Ever wonder how?", "body": "You have to believe."}


def join(nth, names):
    """Registers under some of the names at once; what came of each."""

    def register_as(name):
        user_id = uuid4()
        command = RegisterUser(user_id=user_id, username=name, email=f"{user_id}@conduit.example")
        try:
            return name, register(command, "a password").receipt.shown
        except AlreadyTaken as taken:
            return name, taken.kinds

    mine = names[nth * EACH : (nth + 1) * EACH]
    return clients(EACH, lambda which: register_as(mine[which]))


def test_one_of_two_hundred_who_ask_for_a_name_in_all_its_spellings_gets_it(database):
    names = random.sample(SPELLINGS, PROCESSES * EACH)
    outcomes = [outcome for outcomes in together(PROCESSES, join, names) for outcome in outcomes]
    [winner] = [name for name, outcome in outcomes if outcome is True]
    assert [outcome for _, outcome in outcomes if outcome is not True] == [("username",)] * 199
    assert [user.username for user in User.objects.all()] == [winner]
    assert _claims("username") == ["jake"]
    assert len(_claims("email")) == 1
    assert one("SELECT count(*) FROM accounts_credential") == 1
    assert _audit(RegisterUser) == {"accepted": 1, "refused": 199}
    _read_models_agree_with_the_log()


def publish(nth, author_id):
    """Publishes articles of one title at once; what slugs they got."""

    def publish_one(_):
        command = PublishArticle(
            article_id=uuid7(), author_id=author_id, slug="dragons", title="Dragons", **TEXTS
        )
        return dispatch(command).events[0].slug

    return clients(EACH, publish_one)


def test_two_hundred_articles_of_one_title_have_two_hundred_addresses(cast):
    jake = cast.jake
    slugs = [slug for slugs in together(PROCESSES, publish, jake.id) for slug in slugs]
    assert len(slugs) == 200
    assert set(slugs) == set(Article.objects.values_list("slug", flat=True))
    assert sorted(slugs) == _claims("slug")
    assert "dragons" in slugs
    assert Author.objects.get(id=jake.id).articles_count == 200
    assert _audit(PublishArticle) == {"accepted": 200}
    _read_models_agree_with_the_log()


def _audit(command):
    name = COMMAND_TYPES[command].name
    return dict(
        rows(b"SELECT outcome, count(*) FROM eventstore_command WHERE name = %s GROUP BY outcome", (name,))
    )


def _claims(kind):
    return sorted(key for (key,) in rows(b"SELECT key FROM eventstore_claim WHERE kind = %s", (kind,)))


def _read_models_agree_with_the_log():
    assert not any(Rebuild(projector).run(check=True).differing for projector in projectors)
