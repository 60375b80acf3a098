"""One reader's heart for one article: a stream for each pair, so that a thousand readers never wait in line."""

from collections.abc import Iterator

from blog.commands import FavoriteArticle, UnfavoriteArticle
from blog.events import ArticleFavorited, ArticleUnfavorited
from eventstore.messages import Require, state

FavoriteCommand = FavoriteArticle | UnfavoriteArticle
FavoriteEvent = ArticleFavorited | ArticleUnfavorited


@state
class Empty: ...


@state
class Filled: ...


Favorite = Empty | Filled
initial: Favorite = Empty()


def stream(command: FavoriteCommand) -> str:
    return f"favorite-{command.article_id}-{command.reader_id}"


def decide(favorite: Favorite, command: FavoriteCommand) -> Iterator[FavoriteEvent]:
    match favorite, command:
        case Empty(), FavoriteArticle():
            yield ArticleFavorited(article_id=command.article_id, reader_id=command.reader_id)
        case Filled(), UnfavoriteArticle():
            yield ArticleUnfavorited(article_id=command.article_id, reader_id=command.reader_id)
        case Filled(), FavoriteArticle():
            pass
        case Empty(), UnfavoriteArticle():
            pass


def evolve(favorite: Favorite, event: FavoriteEvent) -> Favorite:
    match event:
        case ArticleFavorited():
            return Filled()
        case ArticleUnfavorited():
            return Empty()


def names(favorite: Favorite, event: FavoriteEvent) -> Iterator[Require]:
    """Only a living article can be favorited."""
    if isinstance(event, ArticleFavorited):
        yield Require("article", str(event.article_id))
