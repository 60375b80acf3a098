"""The rules of authors: there is one for everybody who registered."""

from blog.aggregates import author
from blog.commands import AlreadyAnAuthor, CreateAuthor
from blog.events import AuthorCreated
from eventstore.messages import Claim
from eventstore.testing import given
from tests.blog.story import JAKE

CREATE = CreateAuthor(author_id=JAKE, user_id=JAKE)
CREATED = AuthorCreated(author_id=JAKE, user_id=JAKE)


def test_whoever_registered_becomes_an_author_who_can_be_followed():
    given().when(CREATE).then(CREATED).naming(Claim("author", str(JAKE)))


def test_nobody_becomes_an_author_twice():
    given(CREATED).when(CREATE).then_rejected(AlreadyAnAuthor)


def test_every_author_is_a_stream_of_their_own():
    assert author.stream(CREATE) == f"author-{JAKE}"
