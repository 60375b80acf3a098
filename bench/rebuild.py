"""How fast the read models are folded anew, against reading the same rows and doing nothing with them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple
from unittest import mock

import psutil
from django.db import connection

from bench.history import History
from blog.rendering import rendered
from eventstore.database import cursor, execute, sql
from eventstore.log import END
from eventstore.projector import projectors
from eventstore.rebuild import Rebuild

PAGE = 1000
TITLES = ("", "seconds", "client CPU", "server CPU", "events/s", "events/CPU s", "of the raw read")


class Cost(NamedTuple):
    """Seconds on the clock, and of work in this process and in the database's."""

    seconds: float
    client: float
    server: float


def measure(events: int, rounds: int) -> list[tuple[str, ...]]:
    """Lines of a table; medians of alternating rounds. The ratio is of CPU time: others may be using the machine."""
    connection.ensure_connection()
    History().write(connection.connection, events)
    execute(b"VACUUM ANALYZE", prepare=False)
    with _texts_rendered_once():
        for projector in projectors:
            Rebuild(projector).run()
        costs: dict[str, list[Cost]] = {}
        for _ in range(rounds):
            costs.setdefault("raw keyset read", []).append(_cost(_read))
            costs.setdefault("rebuild --check, texts rendered before", []).append(_cost(_replay))
    costs["rebuild --check"] = [_cost(_replay)]
    middle = {what: Cost(*map(median, zip(*found, strict=True))) for what, found in costs.items()}
    raw = middle["raw keyset read"]
    return [_line(what, events, cost, raw) for what, cost in middle.items()]


def _line(what: str, events: int, cost: Cost, raw: Cost) -> tuple[str, ...]:
    cpu, raw_cpu = cost.client + cost.server, raw.client + raw.server
    speeds = f"{events / cost.seconds:,.0f}", f"{events / cpu:,.0f}", f"{raw_cpu / cpu:.2f}"
    return what, f"{cost.seconds:.2f}", f"{cost.client:.2f}", f"{cost.server:.2f}", *speeds


def _cost(work: Callable[[], None]) -> Cost:
    server = psutil.Process(connection.connection.info.backend_pid)
    before = perf_counter(), process_time(), sum(server.cpu_times()[:2])
    work()
    after = perf_counter(), process_time(), sum(server.cpu_times()[:2])
    return Cost(*(end - start for start, end in zip(before, after, strict=True)))


@contextmanager
def _texts_rendered_once() -> Iterator[None]:
    """Rendering Markdown costs more than all else together: with it out of the way, the rest can be seen."""
    with mock.patch("blog.projectors.rendered", cache(rendered)):
        yield


def _read() -> None:
    at = 0
    with cursor() as bare:
        while found := bare.execute(
            sql("everything"), {"after": at, "limit": PAGE, "upto": END}, prepare=True, binary=True
        ).fetchall():
            at = found[-1][0]


def _replay() -> None:
    for projector in projectors:
        Rebuild(projector).run(check=True)
