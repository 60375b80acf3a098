"""An author: there is one for everybody who registered."""

from collections.abc import Iterator

from blog.commands import AlreadyAnAuthor, CreateAuthor
from blog.events import AuthorCreated
from eventstore.messages import Claim, state

AuthorCommand = CreateAuthor
AuthorEvent = AuthorCreated


@state
class Unknown: ...


@state
class Writing: ...


Author = Unknown | Writing
initial: Author = Unknown()


def stream(command: AuthorCommand) -> str:
    return f"author-{command.author_id}"


def decide(author: Author, command: AuthorCommand) -> Iterator[AuthorEvent]:
    match author:
        case Unknown():
            yield AuthorCreated(author_id=command.author_id, user_id=command.user_id)
        case Writing():
            raise AlreadyAnAuthor


def evolve(author: Author, event: AuthorEvent) -> Author:
    return Writing()


def names(author: Author, event: AuthorEvent) -> Iterator[Claim]:
    """The author is a name that followers need."""
    yield Claim("author", str(event.author_id))
