"""How cost grows: with the log, and with the length of one stream that everybody wants to change."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from itertools import cycle
from uuid import UUID

from bench import append, raw
from bench.crew import Cost, Crew
from bench.replay import fill
from bench.scale import Scale
from bench.scratch import Logs
from bench.table import Reference, Row, at_most, compare
from blog.aggregates import article, favorite
from blog.commands import FavoriteArticle, UnfavoriteArticle
from blog.events import ArticleFavorited, ArticleUnfavorited
from blog.models import Article
from eventstore import log, store
from eventstore.catch_up import catch_up
from eventstore.database import rows as select
from eventstore.decider import fold
from eventstore.dispatch import dispatch
from eventstore.ids import uuid7

HOT = 10_000
SHORT = "streams of at most 10"


def rows(scale: Scale, logs: Logs) -> Iterator[Row]:
    short, *longer = sizes = scale.short, scale.middle, scale.events
    with ExitStack() as stack:
        crews = {size: stack.enter_context(Crew(stack.enter_context(logs.copy(size)))) for size in sizes}
        for what, work in (("append", append.singly), ("load a stream", load_some)):
            least = Reference(f"log of {short:,}", crews[short].does(work, scale.seconds), at_most(1.2))
            for size in longer:
                ours = crews[size].does(work, scale.seconds)
                yield from compare(f"{what}, log of {size:,}", ours, least, rounds=scale.rounds)


@cache
def some() -> Iterator[str]:
    """Streams of articles from all over the log, one after the other, for ever."""
    found = select(
        b"SELECT stream FROM eventstore_event WHERE type = 'blog.article_published' ORDER BY md5(stream) LIMIT 1000"
    )
    return cycle([stream for (stream,) in found])


def load_some(seconds: float) -> int:
    def load() -> int:
        fold(article, (fact.event for fact in log.read_stream(next(some()))))
        return 1

    return raw.for_seconds(seconds, load)


def hot(scale: Scale, logs: Logs) -> Iterator[Row]:
    length = min(HOT, scale.middle)
    with logs.copy(scale.short) as database:
        with Crew(database) as crew:
            crew.do(fill)
            crew.do(heat, length)
        found = [_first_and_later(database) for _ in range(scale.rounds)]
    told = f"dispatch on a stream of {length:,}"
    yield Row(f"{told}, cold", SHORT, [(cold, short) for short, cold, _ in found], at_most())
    yield Row(f"{told}, warm", SHORT, [(warm, short) for short, _, warm in found], at_most(1.2))


def _first_and_later(database: str) -> tuple[Cost, Cost, Cost]:
    with Crew(database) as crew:
        crew.do(toggle_short_ones, 20)
        return crew.do(toggle_short_ones, 20), crew.do(toggle, HOTTEST, 1), crew.do(toggle, HOTTEST, 19)


HOTTEST = UUID(int=10**6)
"""A reader who can't make up their mind."""


@cache
def loved() -> UUID:
    return Article.objects.filter(deleted_at=None).order_by("position").values_list("id", flat=True)[0]


def heat(length: int) -> int:
    asked = FavoriteArticle(article_id=loved(), reader_id=HOTTEST)
    for version in range(0, length, 100):
        events = [
            kind(article_id=loved(), reader_id=HOTTEST)
            for _ in range(50)
            for kind in (ArticleFavorited, ArticleUnfavorited)
        ]
        store.append(append.order(), favorite.stream(asked), version, events, ())
    catch_up()
    return length


def toggle_short_ones(count: int) -> int:
    return sum(toggle(uuid7(), 10) for _ in range(0, count, 10))


def toggle(reader: UUID, times: int) -> int:
    """Takes the article to heart and changes their mind."""
    empty = toggled[reader] = toggled.get(reader, 0)
    for nth in range(empty, empty + times):
        kind = UnfavoriteArticle if nth % 2 else FavoriteArticle
        receipt = dispatch(kind(article_id=loved(), reader_id=reader))
        assert receipt.events
        assert receipt.shown
    toggled[reader] += times
    return times


toggled: dict[UUID, int] = {}
