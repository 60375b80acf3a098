"""Appending, by the path that every command takes: its row in the audit, and its facts."""

from collections.abc import Iterator
from functools import cache
from itertools import count
from uuid import UUID, uuid4

from bench import raw
from bench.crew import Crew
from bench.scale import Scale
from bench.scratch import Logs
from bench.table import Reference, Row, at_least, compare
from bench.texts import Texts
from blog.events import ArticleCommented
from eventstore import codec, store
from eventstore.ids import uuid7

STREAM = 10
"""The facts that a stream gets, one append after the other, before the next one's turn."""

BATCH = 100
IN_BATCHES = f"append, {BATCH} events at once"
KIND = "blog.article_commented"
NOBODY = UUID(int=0)


def rows(scale: Scale, logs: Logs) -> Iterator[Row]:
    rounds, seconds = scale.rounds, scale.seconds
    with logs.copy(scale.middle) as database:
        for writers, asked in ((1, 0.7), (scale.writers, 0.8)):
            with Crew(database, writers) as crew:
                insert = Reference("raw INSERT of the event", crew.does(singly_raw, seconds), at_least(asked))
                yield from compare(called(writers), crew.does(singly, seconds), insert, rounds=rounds)
        with Crew(database) as crew:
            copy = Reference("binary COPY of them", crew.does(in_batches_raw, seconds), at_least(0.8))
            yield from compare(IN_BATCHES, crew.does(in_batches, seconds), copy, rounds=rounds)


def called(writers: int) -> str:
    return f"append, {writers} process{'es' if writers > 1 else ''}"


@cache
def said() -> list[ArticleCommented]:
    """Comments of 25 words."""
    texts = Texts()
    return [
        ArticleCommented(comment_id=uuid4(), article_id=uuid4(), author_id=uuid4(), body=texts.sentence(25))
        for _ in range(1000)
    ]


@cache
def stored() -> list[str]:
    """The same as JSON: encoding is our work, not the reference's."""
    return [codec.encode(event)[2] for event in said()]


def order() -> store.Order:
    id = uuid7()  # noqa: A001
    return store.Order(
        id=id,
        name="blog.comment_on_article",
        payload='{"comment_id":"%s","article_id":"%s"}' % (id, id),  # noqa: UP031
        digest=id.bytes,
        actor_id=NOBODY,
        address="127.0.0.1",
        correlation_id=id,
        caused_by=None,
    )


def singly(seconds: float) -> int:
    events = said()

    def fill_a_stream() -> int:
        stream = f"comment-{uuid7()}"
        for version in range(STREAM):
            store.append(order(), stream, version, [events[next(numbers) % len(events)]], ())
        return STREAM

    return raw.for_seconds(seconds, fill_a_stream)


numbers = count()


def singly_raw(seconds: float) -> int:
    facts = stored()

    def fill_a_stream() -> int:
        stream = f"comment-{uuid7()}"
        for version in range(STREAM):
            raw.insert(stream, version + 1, KIND, facts[next(numbers) % len(facts)], uuid7())
        return STREAM

    return raw.for_seconds(seconds, fill_a_stream)


def in_batches(seconds: float) -> int:
    events = said()[:BATCH]
    return raw.for_seconds(seconds, lambda: len(store.append(order(), f"comment-{uuid7()}", 0, events, ())))


def in_batches_raw(seconds: float) -> int:
    facts = stored()[:BATCH]
    return raw.for_seconds(seconds, lambda: _copied(facts))


def _copied(facts: list[str]) -> int:
    raw.copy(f"comment-{uuid7()}", KIND, facts, uuid7())
    return len(facts)
