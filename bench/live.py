"""Live pages: the site under Daphne in a process of its own, and those who listen in another one, on raw sockets."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median, quantiles
from typing import NamedTuple

from bench import served, writer
from bench.aside import Aside, many_files
from bench.figures import Figure, Limit
from bench.pages import target
from bench.scale import Scale
from bench.scratch import Logs
from bench.writer import Fragment
from conduit.listening import listen

SPARE_FILES = 200
KILOBYTE, MEGABYTE = 1024, 2**20
WATCHERS = 10
PAUSE_S = 0.1
"""At most, between two comments: no shorter than a process takes to look again for what others did."""
WARM_UP = 10
SHORT, LONG = 200, 8 * KILOBYTE
"""Letters of a comment."""
ENOUGH = 64
"""Comments after which the system keeps no more for a page that does not read, and nor do we."""
UNHURT = Limit(most=1.25, of_ratio=True)
AS_MUCH = Limit(most=1.1, of_ratio=True)


class Place(NamedTuple):
    """A server in a process of its own."""

    process: Aside
    port: int


@contextmanager
def serving(database: str, serve: served.Serve) -> Iterator[Place]:
    with listen("127.0.0.1", 0) as listener:
        port, process = listener.getsockname()[1], Aside(database, serve, listener)
    with process:
        yield Place(process, port)


def rows(scale: Scale, logs: Logs) -> Iterator[Figure]:
    """Comments are written on one site; those who listen do so on the other one, unless it says one process."""
    with logs.copy(0) as database, ExitStack() as stack:
        pages, live = (stack.enter_context(serving(database, served.serve_site)) for _ in range(2))
        yield from idle(scale, database, live)
        yield from told_to_many(scale, database, pages, live)
        yield from until_seen(scale, database, pages, live)
        yield from attacked(scale, database, pages)


class Told(NamedTuple):
    """In seconds, for each fragment: from the first send, and from the commit, until the last page has it."""

    sending: list[float]
    after_commit: list[float]
    rendered: float
    frame: bytes


def told_to_many(scale: Scale, database: str, pages: Place, live: Place) -> Iterator[Figure]:
    """The site that tells has nothing else to do, and neither has the bare loop."""
    with ExitStack() as stack:
        bare = stack.enter_context(serving(database, served.serve_barely))
        client, other = (stack.enter_context(Aside(database)) for _ in range(2))
        client.ask(writer.open_pages, live.port, client.ask(writer.article, pages.port), scale.sockets)
        other.ask(writer.open_pages, bare.port, "/", scale.sockets)
        found = []
        for _ in range(1 + scale.rounds):  # the first is to warm up
            ours = _told(client, pages, live, scale.of(20))
            found.append((ours, _told_barely(other, bare, ours.frame, scale.of(20))))
        yield from _many(scale.sockets, found[1:])


def _told(client: Aside, pages: Place, live: Place, number: int) -> Told:
    live.process.ask(served.noted)
    found: list[Fragment] = client.ask(writer.comment_and_hear, pages.port, number, SHORT, PAUSE_S)
    noted: served.Noted = live.process.ask(served.noted)
    last = [max(fragment.arrived) for fragment in found]
    return Told(
        [at - began for at, began in zip(last, noted.begun, strict=True)],
        [max(fragment.latencies) for fragment in found],
        noted.rendered / number,
        found[-1].frame,
    )


def _told_barely(client: Aside, bare: Place, frame: bytes, number: int) -> Told:
    client.begin(writer.hear, number)
    began = bare.process.ask(served.write, frame, number, PAUSE_S)
    last = [max(arrived) for arrived in client.answer()]
    sending = [at - start for at, start in zip(last, began, strict=True)]
    return Told(sending, sending, 0, frame)


def _many(number: int, found: list[tuple[Told, Told]]) -> Iterator[Figure]:
    what, loop = f"a fragment to {number:,} pages", "a bare loop, same bytes"
    speeds = [(_speed(number, ours), _speed(number, bare)) for ours, bare in found]
    yield Figure(f"{what}: sends", loop, speeds, "/s", Limit(least=0.8, of_ratio=True))
    ends = [tuple(median(side.after_commit) * 1e3 for side in pair) for pair in found]
    yield Figure("  from the commit until the last has it", "the bare loop alone", ends, "ms")
    yield Figure(
        "  times it is rendered", "", [(ours.rendered, None) for ours, _ in found], "", Limit(most=1)
    )


def _speed(number: int, told: Told) -> float:
    return number / median(told.sending)


def until_seen(scale: Scale, database: str, pages: Place, live: Place) -> Iterator[Figure]:
    """Few pages, and comments at any moment between two looks."""
    for what, place, most in (("one process", pages, 20), ("across two", live, 150)):
        with Aside(database) as client:
            client.ask(writer.open_pages, place.port, client.ask(writer.article, pages.port), WATCHERS)
            client.ask(writer.comment_and_hear, pages.port, WARM_UP, SHORT, 0)
            found = client.ask(writer.comment_and_hear, pages.port, scale.of(500), SHORT, PAUSE_S)
        yield from _seen(what, found, most)


def _seen(what: str, found: list[Fragment], most: int) -> Iterator[Figure]:
    seen = [at * 1e3 for fragment in found for at in fragment.latencies]
    answered = [(fragment.answered - fragment.recorded) * 1e3 for fragment in found]
    for nth, limit in ((50, Limit()), (99, Limit(most=most))):
        pair = percentile(nth, seen), percentile(nth, answered)
        yield Figure(f"commit to page, {what}: p{nth}", "commit to writer's answer", [pair], "ms", limit)


def percentile(nth: int, values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[nth - 1]


def idle(scale: Scale, database: str, live: Place) -> Iterator[Figure]:
    """Both at once, for longer than it takes until each page has got a sign of life."""
    number, seconds = min(5 * scale.sockets, many_files() - SPARE_FILES), 70 * scale.seconds
    with ExitStack() as stack:
        accepting = stack.enter_context(serving(database, served.serve_acceptance))
        each = [(place, stack.enter_context(Aside(database))) for place in (live, accepting)]
        empty = [_open(*both, path, number) for both, path in zip(each, (_home(live), "/"), strict=True)]
        full = [place.process.ask(served.spent) for place, _ in each]
        for _, client in each:
            client.begin(writer.idle, seconds)
        after = [_spent(*both) for both in each]
    sizes = [
        (now.memory - before.memory) / number / KILOBYTE for now, before in zip(after, empty, strict=True)
    ]
    works = [(now.seconds - before.seconds) * 60 / seconds for now, before in zip(after, full, strict=True)]
    plain = "a consumer that accepts"
    yield Figure(f"{number:,} idle pages: memory of one", plain, [tuple(sizes)], "KB")
    yield Figure("  CPU in a minute", plain, [tuple(works)], "s")


def _home(site: Place) -> str:
    return target(site.port, "/")


def _open(place: Place, client: Aside, path: str, number: int) -> served.Spent:
    """What it had spent when there were only a few."""
    client.ask(writer.open_pages, place.port, path, WATCHERS)
    empty: served.Spent = place.process.ask(served.spent)
    client.ask(writer.open_pages, place.port, path, number)
    return empty


def _spent(place: Place, client: Aside) -> served.Spent:
    client.answer()
    spent: served.Spent = place.process.ask(served.spent)
    client.ask(writer.close_pages)
    return spent


class Attack(NamedTuple):
    """The latencies of those who read, the bytes that the site took at most, and how many it let go of."""

    latencies: list[float]
    memory: float
    dropped: float


def attacked(scale: Scale, database: str, site: Place) -> Iterator[Figure]:
    """The same comments, with and without pages that do not read."""
    healthy, deaf, letters = scale.sockets // 5, scale.sockets // 20, max(ENOUGH, scale.of(1000))
    found = []
    with Aside(database) as client:
        article = client.ask(writer.article, site.port)
        client.ask(writer.open_pages, site.port, article, healthy)
        client.ask(writer.comment_and_hear, site.port, WARM_UP, LONG, 0)
        for _ in range(max(1, scale.rounds // 2)):
            alone = _attacked(site, client, letters)
            with Aside(database) as attacker:
                attacker.ask(writer.open_deaf, site.port, article, deaf)
                found.append((_attacked(site, client, letters), alone))
    yield from _hurt(healthy, deaf, found, site.process.ask(served.may_wait))


def _attacked(site: Place, client: Aside, letters: int) -> Attack:
    present, before = site.process.ask(served.present), site.process.ask(served.spent_from_now)
    fragments = client.ask(writer.comment_and_hear, site.port, letters, LONG, 0)
    after, left = site.process.ask(served.spent), site.process.ask(served.present)
    latencies = [latency for fragment in fragments for latency in fragment.latencies]
    return Attack(latencies, after.peak - before.memory, present - left)


def _hurt(healthy: int, deaf: int, found: list[tuple[Attack, Attack]], most: int) -> Iterator[Figure]:
    against = f"{healthy} readers alone"
    for nth, limit in ((50, Limit()), (99, UNHURT)):
        pairs = [tuple(percentile(nth, side.latencies) * 1e3 for side in pair) for pair in found]
        yield Figure(f"{deaf} don't read: commit to the others, p{nth}", against, pairs, "ms", limit)
    pairs = [tuple(side.memory / MEGABYTE for side in pair) for pair in found]
    yield Figure("  memory it takes, at most", against, pairs, "MB")
    each = [((ours.memory - alone.memory) / deaf / KILOBYTE, most / KILOBYTE) for ours, alone in found]
    yield Figure("  more of it, for each of them", "what may wait for one", each, "KB", AS_MUCH)
    dropped = [(ours.dropped, None) for ours, _ in found]
    yield Figure("  of them, dropped", "", dropped, "", Limit(least=deaf))
