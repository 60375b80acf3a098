"""One reader's interest in one author: a stream for each pair, so that no author is a bottleneck."""

from collections.abc import Iterator

from blog.commands import FollowAuthor, FollowingOneself, UnfollowAuthor
from blog.events import AuthorFollowed, AuthorUnfollowed
from eventstore.messages import Require, state

FollowCommand = FollowAuthor | UnfollowAuthor
FollowEvent = AuthorFollowed | AuthorUnfollowed


@state
class Apart: ...


@state
class Following: ...


Follow = Apart | Following
initial: Follow = Apart()


def stream(command: FollowCommand) -> str:
    return f"follow-{command.follower_id}-{command.author_id}"


def decide(follow: Follow, command: FollowCommand) -> Iterator[FollowEvent]:
    match follow, command:
        case _, FollowAuthor() if command.author_id == command.follower_id:
            raise FollowingOneself
        case Apart(), FollowAuthor():
            yield AuthorFollowed(author_id=command.author_id, follower_id=command.follower_id)
        case Following(), UnfollowAuthor():
            yield AuthorUnfollowed(author_id=command.author_id, follower_id=command.follower_id)
        case Following(), FollowAuthor():
            pass
        case Apart(), UnfollowAuthor():
            pass


def evolve(follow: Follow, event: FollowEvent) -> Follow:
    match event:
        case AuthorFollowed():
            return Following()
        case AuthorUnfollowed():
            return Apart()


def names(follow: Follow, event: FollowEvent) -> Iterator[Require]:
    """Only an author can be followed."""
    if isinstance(event, AuthorFollowed):
        yield Require("author", str(event.author_id))
