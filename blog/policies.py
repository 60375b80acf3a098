"""Whenever this happened, ask for that."""

from collections.abc import Iterator

from accounts.events import UserRegistered
from blog.commands import CreateAuthor
from eventstore.log import Fact
from eventstore.policy import whenever


@whenever(UserRegistered, name="blog.create_author")
def everybody_can_write(event: UserRegistered, fact: Fact) -> Iterator[CreateAuthor]:
    yield CreateAuthor(author_id=event.user_id, user_id=event.user_id)
