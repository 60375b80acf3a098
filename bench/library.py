"""The same against `eventsourcing` from PyPI, on the same server: the same facts by its own way to store and read
them, an event store of its mapper (JSON, no cipher, no compressor) and its recorder for PostgreSQL."""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate

from bench import append, raw, read
from bench.crew import Crew, closing
from bench.scale import Scale
from bench.scratch import Logs
from bench.table import Reference, Row, at_least, compare
from eventstore import log, store
from eventstore.ids import uuid7

NAME = f"eventsourcing {version('eventsourcing')}"


class Remark(Aggregate):
    class Said(Aggregate.Event):
        comment_id: UUID
        article_id: UUID
        author_id: UUID
        body: str


def rows(scale: Scale, logs: Logs) -> Iterator[Row]:
    rounds, seconds = scale.rounds, scale.seconds
    with logs.copy(0) as database:
        with Crew(database) as crew:
            crew.do(prepare)
        for writers in (1, scale.writers):
            with Crew(database, writers) as crew:
                theirs = Reference(NAME, crew.does(singly, seconds), at_least(3))
                yield from compare(
                    append.called(writers), crew.does(append.singly, seconds), theirs, rounds=rounds
                )
        with Crew(database) as crew:
            theirs = Reference(NAME, crew.does(in_batches, seconds), at_least(3))
            yield from compare(
                append.IN_BATCHES, crew.does(append.in_batches, seconds), theirs, rounds=rounds
            )
    yield from _reading(scale, logs)


def _reading(scale: Scale, logs: Logs) -> Iterator[Row]:
    with logs.copy(0) as database, Crew(database) as crew:
        crew.do(prepare)
        crew.do(write, scale.middle)
        theirs = Reference(NAME, crew.does(everything), at_least(2))
        yield from compare(read.IN_ORDER, crew.does(read.everything), theirs, rounds=scale.rounds)


@cache
def application(create_table: str = "no") -> Application[UUID]:
    at = connection.settings_dict
    place = {"DBNAME": at["NAME"], "HOST": at["HOST"], "PORT": at["PORT"] or "5432", "USER": at["USER"]}
    place |= {"PASSWORD": at["PASSWORD"] or "none", "POOL_SIZE": "1"}
    env = {"PERSISTENCE_MODULE": "eventsourcing.postgres", "CREATE_TABLE": create_table}
    return closing.enter_context(
        Application(env | {f"POSTGRES_{name}": part for name, part in place.items()})
    )


def prepare() -> int:
    application("yes")
    return 1


def said(id: UUID, nth: int, event: Any) -> Remark.Said:  # noqa: A002
    return Remark.Said(
        originator_id=id,
        originator_version=nth,
        timestamp=Remark.Said.create_timestamp(),
        comment_id=event.comment_id,
        article_id=event.article_id,
        author_id=event.author_id,
        body=event.body,
    )


def singly(seconds: float) -> int:
    events, put = append.said(), application().events.put

    def fill_a_stream() -> int:
        id = uuid4()  # noqa: A001
        for nth in range(append.STREAM):
            put([said(id, nth + 1, events[next(append.numbers) % len(events)])])
        return append.STREAM

    return raw.for_seconds(seconds, fill_a_stream)


def in_batches(seconds: float) -> int:
    return raw.for_seconds(seconds, _put)


def _put() -> int:
    id = uuid4()  # noqa: A001
    events = append.said()[: append.BATCH]
    return len(application().events.put([said(id, nth, event) for nth, event in enumerate(events, start=1)]))


def write(count: int) -> int:
    """The same number of the same facts to both logs."""
    for _ in range(0, count, append.BATCH):
        store.append(append.order(), f"comment-{uuid7()}", 0, append.said()[: append.BATCH], ())
        _put()
    return count


def everything() -> int:
    recorder, mapper, at = application().recorder, application().mapper, 0
    while found := recorder.select_notifications(at + 1, log.BATCH):
        for notification in found:
            mapper.to_domain_event(notification)
        at = found[-1].id
    return at
