"""Many who sign in at once, and what readers feel of it: the site under Daphne, as `serve` serves it."""

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from selectors import EVENT_READ, DefaultSelector
from statistics import median
from threading import Event
from time import monotonic, sleep
from typing import NamedTuple

from bench import served
from bench.aside import Aside
from bench.crew import Crew
from bench.figures import Figure, Limit
from bench.live import percentile, serving
from bench.pages import HOST, PATIENCE_S
from bench.replay import fill
from bench.scale import Scale
from bench.scratch import Logs

READERS, AT_ONCE, WARM_UP = 4, 200, 10
PERSON = {"username": "reader", "email": "reader@conduit.example", "password": "a long password"}
ALL = Limit(least=AT_ONCE)


class Rush(NamedTuple):
    """How many were let in, and after how many seconds each had an answer."""

    let_in: int
    seconds: list[float]


class Round(NamedTuple):
    """Seconds that a page took alone, and beside those who sign in."""

    alone: list[float]
    beside: list[float]
    rush: Rush


def rows(scale: Scale, logs: Logs) -> Iterator[Figure]:
    with logs.copy(scale.short) as database:
        with Crew(database) as crew:
            crew.do(fill)
        with serving(database, served.serve_site) as site, Aside(database) as crowd:
            crowd.ask(register, site.port)
            crowd.ask(rush, site.port, WARM_UP)
            found = [_round(site.port, crowd, 5 * scale.seconds) for _ in range(1 + scale.rounds)]
    yield from _figures(found[1:])


def _round(port: int, crowd: Aside, seconds: float) -> Round:
    alone, _ = while_reading(port, lambda: sleep(seconds))
    beside, rushed = while_reading(port, lambda: crowd.ask(rush, port, AT_ONCE))
    return Round(alone, beside, rushed)


def _figures(found: list[Round]) -> Iterator[Figure]:
    for nth in (50, 95):
        pairs = [tuple(percentile(nth, side) * 1e3 for side in (each.beside, each.alone)) for each in found]
        yield Figure(f"a page beside {AT_ONCE} who sign in: p{nth}", "nobody signs in", pairs, "ms")
    yield Figure("  of whom are let in", "", [(each.rush.let_in, None) for each in found], "", ALL)
    for what, of in (("one in the middle", median), ("the last", max)):
        yield Figure(f"  after: {what}", "", [(of(each.rush.seconds), None) for each in found], "s")


def while_reading(port: int, work: Callable[[], Rush | None]) -> tuple[list[float], Rush | None]:
    """Seconds of each reading of the home page while the work goes on, and what came of it."""
    enough = Event()
    with ThreadPoolExecutor(READERS) as readers:
        reading = [readers.submit(_read, port, enough) for _ in range(READERS)]
        try:
            done = work()
        finally:
            enough.set()
        return [seconds for each in reading for seconds in each.result()], done


def _read(port: int, enough: Event) -> list[float]:
    found = []
    with closing(HTTPConnection(HOST, port, timeout=PATIENCE_S)) as site:
        while not enough.is_set():
            began = monotonic()
            site.request("GET", "/", headers={"Host": "localhost"})
            answer = site.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            found.append(monotonic() - began)
    return found


def register(port: int) -> None:
    with closing(_sent(port, "/api/users", PERSON)) as line:
        answer = line.recv(4096)
    assert b" 201 " in answer, answer


def rush(port: int, number: int) -> Rush:
    """So many sign in at the same moment, each on a connection of their own."""
    began, seconds, let_in = monotonic(), [], 0
    with DefaultSelector() as waiting:
        for _ in range(number):
            waiting.register(_sent(port, "/api/users/login", PERSON), EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select(PATIENCE_S):
                line = key.fileobj
                assert isinstance(line, socket.socket)
                let_in += b" 200 " in line.recv(4096).partition(b"\r\n")[0]
                seconds.append(monotonic() - began)
                waiting.unregister(line)
                line.close()
    return Rush(let_in, seconds)


def _sent(port: int, path: str, user: dict[str, str]) -> socket.socket:
    said = json.dumps({"user": user}).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    line = socket.create_connection((HOST, port), PATIENCE_S)
    line.sendall(f"{head}Content-Length: {len(said)}\r\n\r\n".encode() + said)
    return line
