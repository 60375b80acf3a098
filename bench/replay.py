"""Replaying the log into the read models, as a rebuild does; with and without the rendering of Markdown, which
costs more than all else together."""

from collections.abc import Iterator
from functools import cache

from django.db import transaction
from django.db.models import F

from bench import raw
from bench.crew import Crew
from bench.scale import Scale
from bench.scratch import Logs
from bench.table import Asked, Reference, Row, at_least, compare, memory
from blog import projectors as blog
from blog.rendering import rendered
from eventstore import log
from eventstore.changes import Add, Change, Drop, Put, Set
from eventstore.database import execute
from eventstore.projector import Projector, projectors
from eventstore.rebuild import BATCH, Rebuild
from eventstore.shadow import Shadow

FLAT = 1.2
SAMPLE = 5_000


def rows(scale: Scale, logs: Logs) -> Iterator[Row]:
    with logs.copy(scale.events) as database, Crew(database) as crew, logs.copy(scale.middle) as shorter:
        crew.do(fill)
        rounds, sample = max(1, scale.rounds // 2), min(SAMPLE, scale.middle // 2)
        read = Reference("raw keyset read", crew.does(raw.read, BATCH), at_least(0.15))
        calls = Reference("an ORM call for each", crew.does(call_the_orm, sample), at_least(30))
        commits = Reference("an ORM call and its commit", crew.does(call_and_commit, sample))
        ours = f"replay {scale.events:,} events", crew.does(replay)
        found = list(compare(*ours, read, calls, commits, rounds=rounds, warm_up=0))
        yield from found
        with Crew(shorter) as smaller:
            smaller.do(fill)
            peaks = [(ours, smaller.do(replay)) for ours, _ in found[0].rounds]
            flat = f"memory of a replay of {scale.events:,}", f"replay of {scale.middle:,}"
            yield Row(*flat, peaks, Asked(memory, most=FLAT))
            read = Reference("raw keyset read", smaller.does(raw.read, BATCH), at_least(0.15))
            ours = f"replay {scale.middle:,}, rendering texts anew", smaller.does(render_and_replay)
            yield from compare(*ours, read, rounds=1, warm_up=0)


def fill() -> int:
    """Fills the read models, and remembers the texts that were rendered."""
    blog.rendered = cache(rendered)
    return sum(Rebuild(projector).run().events for projector in projectors)


def replay() -> int:
    """Every projector's rebuild, compared with the live tables to the last row; the number of events in the log, or
    of those that were replayed if it is smaller."""
    results = [Rebuild(projector).run(check=True) for projector in projectors]
    assert not any(result.differing for result in results), results
    return min(log.head(), sum(result.events for result in results))


def render_and_replay() -> int:
    remembering, blog.rendered = blog.rendered, rendered
    try:
        return replay()
    finally:
        blog.rendered = remembering


def call_the_orm(sample: int) -> int:
    """The first events of the log, each row change of theirs an ORM call, in one transaction and into tables like
    those of a rebuild; the number of calls, as if every event came to just one."""
    with transaction.atomic():
        return call_and_commit(sample)


def call_and_commit(sample: int) -> int:
    """The same as Django does it unless it is told otherwise: every call in a transaction of its own."""
    return sum(_call_for_each(projector, log.settled(0, sample)) for projector in projectors)


def _call_for_each(projector: Projector, facts: list[log.Fact]) -> int:
    calls, shadow = 0, Shadow(projector)
    shadow.create()
    execute(f"SET search_path TO {shadow.schema}, public".encode(), prepare=False)
    try:
        for fact in facts:
            for change in projector.project(fact):
                _call(change)
                calls += 1
    finally:
        execute(b"RESET search_path", prepare=False)
        shadow.drop()
    return calls


def _call(change: Change) -> None:
    model = change.table.model
    match change:
        case Put(row=row):
            model(**row).save(force_insert=True)
        case Drop(key=key):
            model.objects.filter(pk=_pk(key)).delete()
        case Set(key=key, columns=columns):
            model.objects.filter(pk=_pk(key)).update(**columns)
        case Add(key=key, columns=columns):
            added = {column: F(column) + number for column, number in columns.items()}
            if not model.objects.filter(pk=_pk(key)).update(**added) and change.table.blank(key):
                model(**change.table.blank(key) | columns).save(force_insert=True)


def _pk(key: tuple[object, ...]) -> object:
    return key if len(key) > 1 else key[0]
