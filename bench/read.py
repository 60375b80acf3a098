"""Reading: the whole log in order into event classes, and one stream into an aggregate's state."""

from collections.abc import Iterator
from uuid import UUID, uuid4

from bench import raw
from bench.append import order
from bench.crew import Crew
from bench.scale import Scale
from bench.scratch import Logs
from bench.table import Reference, Row, at_least, compare
from bench.texts import Texts
from blog.aggregates import article
from blog.commands import EditArticle, PublishArticle
from eventstore import log, store, streams
from eventstore.decider import decide_all

STREAMS = 50
IN_ORDER = "read the log in order into event classes"


def rows(scale: Scale, logs: Logs) -> Iterator[Row]:
    with Crew(logs.of(scale.middle)) as crew:
        strict = Reference(
            "raw keyset read + msgspec", crew.does(raw.read_and_decode, log.BATCH), at_least(0.6)
        )
        usual = Reference("the same, psycopg's jsonb", crew.does(raw.read_jsonb, log.BATCH))
        yield from compare(IN_ORDER, crew.does(everything), strict, usual, rounds=scale.rounds)


def everything() -> int:
    count = 0
    for fact in log.read_all():
        fact.event  # noqa: B018 - decodes it
        count += 1
    return count


def loads(scale: Scale, logs: Logs) -> Iterator[Row]:
    for length in (10, 100):
        with logs.copy(scale.middle) as database, Crew(database) as crew:
            crew.do(plant, length)
            select = Reference(
                "raw SELECT of the rows", crew.does(raw_each, length, scale.seconds), at_least(0.6)
            )
            ours = crew.does(fold_each, length, scale.seconds)
            yield from compare(f"load a stream of {length}", ours, select, rounds=scale.rounds)


def plant(length: int) -> int:
    """Articles that were published and then reworded: the title, the text, the title …"""
    texts = Texts()
    for nth in range(STREAMS):
        state, stream = article.initial, name(length, nth)
        for version in range(length):
            events, _ = decide_all(article, state, _command(texts, stream, version))
            store.append(order(), stream, version, events, ())
            state = fold_on(state, events)
    return STREAMS * length


def fold_on(state: article.Article, events: tuple[article.ArticleEvent, ...]) -> article.Article:
    for event in events:
        state = article.evolve(state, event)
    return state


def name(length: int, nth: int) -> str:
    return f"article-{UUID(int=length * 1000 + nth)}"


def _command(texts: Texts, stream: str, version: int) -> article.ArticleCommand:
    id = UUID(stream.removeprefix("article-"))  # noqa: A001
    if version == 0:
        said = {"title": texts.sentence(6), "description": texts.sentence(12), "body": texts.body()}
        return PublishArticle(article_id=id, author_id=AUTHOR, slug=f"planted-{id}", **said)
    if version % 2:
        return EditArticle(article_id=id, author_id=AUTHOR, title=f"{texts.sentence(6)} {version}")
    return EditArticle(article_id=id, author_id=AUTHOR, body=f"{texts.body()}\n\n{version}")


AUTHOR = uuid4()


def fold_each(length: int, seconds: float) -> int:
    """As a command does on its first visit: nothing is remembered here."""

    def load() -> int:
        streams.forget()
        for nth in range(STREAMS):
            streams.load(article, name(length, nth))
        return STREAMS * length

    return raw.for_seconds(seconds, load)


def raw_each(length: int, seconds: float) -> int:
    return raw.for_seconds(seconds, lambda: sum(len(raw.stream(name(length, nth))) for nth in range(STREAMS)))
