"""Whenever somebody registered, there is an author."""

from blog.commands import CreateAuthor
from eventstore.policy import policies
from eventstore.testing import facts
from tests.blog.story import JAKE, JANE, favorited, followed, published, registered

[policy] = [policy for policy in policies if policy.name == "blog.create_author"]


def asked_for(*events):
    return [command for fact in facts(*events) for command in policy.commands(fact)]


def test_whenever_somebody_registers_they_become_an_author_under_the_same_id():
    assert asked_for(registered(JAKE, "jake"), registered(JANE, "jane")) == [
        CreateAuthor(author_id=JAKE, user_id=JAKE),
        CreateAuthor(author_id=JANE, user_id=JANE),
    ]


def test_nothing_else_asks_for_an_author():
    assert asked_for(published(), favorited(), followed()) == []


def test_there_is_no_other_policy():
    assert [policy.name for policy in policies] == ["blog.create_author"]
