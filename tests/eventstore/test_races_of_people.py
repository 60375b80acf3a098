"""Everybody at once, in several threads and processes, on the real domain."""

from uuid import uuid4

from accounts.commands import RegisterUser
from accounts.models import User
from accounts.registration import register
from blog.models import Article, Author
from eventstore.messages import AlreadyTaken
from eventstore.projector import projectors
from eventstore.rebuild import Rebuild
from tests.eventstore.tools import at_once, one, start

SPELLINGS = ("jake", "Jake", "JAKE", "jAkE", "ｊａｋｅ", "Ｊake", "JaKe", "jakE")

PUBLISH = """
import sys
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID
from blog.commands import PublishArticle
from eventstore.dispatch import dispatch
from eventstore.ids import uuid7

def publish(_):
    texts = {"description": "Ever wonder how?", "body": "You have to believe."}
    command = PublishArticle(article_id=uuid7(), author_id=UUID(sys.argv[1]), slug="dragons", title="Dragons", **texts)
    assert dispatch(command).events

with ThreadPoolExecutor(4) as threads:
    list(threads.map(publish, range(60)))
"""


def test_two_hundred_articles_of_one_title_have_two_hundred_addresses(cast):
    jake = cast.jake
    elsewhere = start("-c", PUBLISH, str(jake.id))
    here = at_once(7, lambda nth: [jake.publishes("Dragons") for _ in range(20)])
    assert [len(articles) for articles in here] == [20] * 7
    _, errors = elsewhere.communicate(timeout=60)
    assert elsewhere.returncode == 0, errors
    slugs = set(Article.objects.values_list("slug", flat=True))
    assert len(slugs) == 200
    assert "dragons" in slugs
    assert Author.objects.get(id=jake.id).articles_count == 200
    assert not any(Rebuild(projector).run(check=True).differing for projector in projectors)


def test_of_many_who_register_under_one_name_in_many_spellings_one_gets_it(database):
    def join(nth):
        name, user_id = SPELLINGS[nth % len(SPELLINGS)], uuid4()
        return register(
            RegisterUser(user_id=user_id, username=name, email=f"{user_id}@conduit.example"), "a password"
        )

    outcomes = [outcome for _ in range(3) for outcome in at_once(8, join)]
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert {type(refusal) for refusal in refusals} == {AlreadyTaken}
    assert {refusal.kinds for refusal in refusals} == {("username",)}
    assert User.objects.count() == one("SELECT count(*) FROM accounts_credential") == 1
    assert one("SELECT count(*) FROM eventstore_command WHERE outcome = 'refused'") == 23
