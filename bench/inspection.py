"""The admin's pages about the log, on a long log and on one of a hundredth of it: what a page costs the server.

Each is asked for many times, at places all over the log that are the same in every run. `--events 10000000` for
ten million; writing them takes the longest.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from statistics import quantiles
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import resolve, reverse

from bench import scratch
from bench.aside import Aside
from bench.figures import Figure, Limit
from bench.scale import Scale
from bench.scratch import Logs
from conduit.demo.seeding import Seeding
from eventstore.inspection.events import Line, page
from eventstore.inspection.filters import Filter
from eventstore.log import head

TIMES = 200
"""That a page is asked for, in the full form."""

BOUND = Limit(most=150)
"""Milliseconds that a page of ten million events may take in 19 of 20 cases."""

Chance = random.Random
Address = str


def rows(scale: Scale, logs: Logs) -> Iterator[Figure]:
    against, count = f"log of {scale.short:,}", max(2, scale.of(TIMES))
    with (
        seeded(logs, scale.events) as long,
        seeded(logs, scale.short) as short,
        Aside(long) as ours,
        Aside(short) as theirs,
    ):
        for name in PAGES:
            found = ours.ask(times, name, count), theirs.ask(times, name, count)
            (p50, p95), (short_p50, short_p95) = map(_percentiles, found)
            yield Figure(f"{name}, p50", against, [(p50, short_p50)], "ms")
            yield Figure(f"{name}, p95", against, [(p95, short_p95)], "ms", BOUND)


def _percentiles(times_ms: list[float]) -> tuple[float, float]:
    parts = quantiles(times_ms, n=20, method="inclusive")
    return parts[9], parts[18]


@contextmanager
def seeded(logs: Logs, events: int) -> Iterator[str]:
    """The name of a database with a crowd's history."""
    with logs.copy(0) as name:
        usual = connection.settings_dict["NAME"]
        scratch.move_to(name)
        try:
            Seeding(1, events, timedelta(days=365)).run()
        finally:
            scratch.move_to(usual)
        yield name


def times(name: str, count: int) -> list[float]:
    """Milliseconds that each of so many pages took."""
    chance = random.Random(name)
    ask(PAGES[name](chance))
    return [_ms(PAGES[name](chance)) for _ in range(count)]


def _ms(address: Address) -> float:
    began = perf_counter()
    ask(address)
    return (perf_counter() - began) * 1000


def ask(address: Address) -> HttpResponse:
    """The page at an address, as a superuser gets it; without the middleware, which knows nothing of the log."""
    request = _requests().get(address)
    request.user, request.htmx = _somebody(), False  # type: ignore[attr-defined]
    view = resolve(request.path_info)
    request.resolver_match = view
    answer = view.func(request, *view.args, **view.kwargs)
    if hasattr(answer, "render"):
        answer.render()
    if answer.status_code not in {200, 302}:
        raise ValueError(f"{address} is answered with {answer.status_code}")
    return answer  # type: ignore[no-any-return]


@cache
def _requests() -> RequestFactory:
    """Static files have plain names here, since nobody has collected them."""
    plain = {"staticfiles": {"BACKEND": settings.PLAIN_NAMES}}
    override_settings(STORAGES=settings.STORAGES | plain).enable()
    return RequestFactory()


@cache
def _somebody() -> Any:
    """A superuser who is in no table."""
    return get_user_model()(username="bench", is_staff=True, is_superuser=True)


def somewhere(chance: Chance) -> Line:
    """A fact anywhere in the log."""
    position = chance.randrange(2, head())
    return page(Filter(before=position), limit=1).lines[0]


def somebodys(chance: Chance) -> Line:
    """A fact that somebody signed in has caused."""
    while (line := somewhere(chance)).actor_id is None:
        pass
    return line


def listed(**query: Any) -> Address:
    return f"{reverse('admin:eventstore_event_changelist')}?{urlencode(query)}"


def tried(**query: Any) -> Address:
    return f"{reverse('admin:eventstore_command_changelist')}?{urlencode(query)}"


def hour_from(line: Line) -> dict[str, str]:
    return {
        "since": line.recorded_at.isoformat(),
        "until": (line.recorded_at + timedelta(hours=1)).isoformat(),
    }


def jump_to(text: object) -> Address:
    return f"{reverse('admin:eventstore_jump')}?{urlencode({'q': text})}"


PAGES: dict[str, Callable[[Chance], Address]] = {
    "events": lambda chance: listed(),
    "events, further back": lambda chance: listed(older=somewhere(chance).position),
    "events of a type": lambda chance: listed(type=somewhere(chance).type),
    "events of a kind": lambda chance: listed(kind=somewhere(chance).stream.partition("-")[0]),
    "events of a stream": lambda chance: listed(stream=somewhere(chance).stream),
    "events by an actor": lambda chance: listed(actor=somebodys(chance).actor_id),
    "events of a correlation": lambda chance: listed(correlation=somewhere(chance).correlation_id),
    "events of an hour": lambda chance: listed(**hour_from(somewhere(chance))),
    "an event": lambda chance: reverse("admin:eventstore_event_change", args=[somewhere(chance).position]),
    "a stream": lambda chance: reverse("admin:eventstore_stream", args=[somewhere(chance).stream]),
    "a correlation": lambda chance: reverse(
        "admin:eventstore_correlation", args=[somewhere(chance).correlation_id]
    ),
    "commands": lambda chance: tried(),
    "commands refused": lambda chance: tried(outcome="refused"),
    "commands by an actor": lambda chance: tried(actor=somebodys(chance).actor_id),
    "commands of an hour": lambda chance: tried(**hour_from(somewhere(chance))),
    "jump to a stream": lambda chance: jump_to(somewhere(chance).stream),
    "jump to an id": lambda chance: jump_to(somewhere(chance).correlation_id),
    "jump to a time": lambda chance: jump_to(somewhere(chance).recorded_at.isoformat()),
    "the dashboard": lambda chance: reverse("admin:eventstore_dashboard"),
}
"""A page by its name, and an address of it."""
