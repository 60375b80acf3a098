"""More connections than there are file descriptors: who is there is served, the others are told at once, and nothing
spins. Who has come slowly, or takes what is said slowly, is in nobody's way.
"""

import resource
import socket
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection

import psutil
import pytest

from conduit.daphne_channel import KEPT_FREE
from tests.cast import Cast
from tests.fire.crashing import until
from tests.live.listening import memory
from tests.live.wire import a_site, answer, broken

SEATS, CROWD, SLOW = 20, 80, 60
LOOKED_AT_S = 1.0
BUSY = 0.5
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def site(fresh_database):
    """A site that waits for a request no longer than two seconds, with an article: its port, its process, its path."""
    with fresh_database("descriptors"):
        article = Cast().jake.publishes(body="All of it. " * 5000)
        with a_site("tests.surroundings.site_settings") as (port, process):
            yield port, process, article.path


@contextmanager
def few_descriptors(process, most):
    before = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (most, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, before)


def connect(port):
    return closing(socket.create_connection(("127.0.0.1", port), timeout=10))


def share(process):
    """How much of one processor it takes."""
    before = sum(psutil.Process(process.pid).cpu_times()[:2])
    time.sleep(LOOKED_AT_S)
    return (sum(psutil.Process(process.pid).cpu_times()[:2]) - before) / LOOKED_AT_S


def connections(process, port):
    """How many clients it has."""
    found = psutil.Process(process.pid).net_connections("tcp")
    return sum(each.laddr.port == port and each.status != "LISTEN" for each in found)


def said_at_once(line):
    """What a connection is told before it asks; nothing if it may ask."""
    line.setblocking(False)
    with suppress(BlockingIOError):
        return line.recv(100)
    return b""


def test_a_crowd_that_takes_every_descriptor(site):
    port, process, path = site
    paths = ("/", path, "/login", "/api/articles", "/healthz")
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as kept:
        assert ask(kept, "/") == 200
        until(lambda: connections(process, port) == 1)
        most = psutil.Process(process.pid).num_fds() + KEPT_FREE + SEATS
        with few_descriptors(process, most), ExitStack() as stack:
            lines = [stack.enter_context(connect(port)) for _ in range(CROWD)]
            until(lambda: answer(port, "/")[0] == 503)
            assert [ask(kept, path) for path in paths] == [200] * len(paths)
            assert share(process) < BUSY
            told = [said_at_once(line) for line in lines]
            assert {words[:12] for words in told} == {b"", b"HTTP/1.1 503"}
            assert 0 < told.count(b"") < CROWD
            assert broken(process) == []
        until(lambda: answer(port, "/")[0] == 200)


def ask(line, path):
    line.request("GET", path, headers={"Host": "localhost"})
    response = line.getresponse()
    response.read()
    return response.status


# Slow ones


HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


def test_whoever_is_slow_is_in_nobodys_way(site):
    """Those who ask letter by letter are told that it takes too long; those who read nothing cost what they keep."""
    port, process, path = site
    with ExitStack() as stack:
        quick = [quickly(port) for _ in range(20)]
        before = memory(process)
        asking = [stack.enter_context(connect(port)) for _ in range(SLOW)]
        deaf = [stack.enter_context(connect(port)) for _ in range(SLOW)]
        idle = [stack.enter_context(connect(port)) for _ in range(SLOW)]
        for line in asking:
            line.sendall(HEAD)
        for line in deaf:
            line.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode() * 5)
        letters = 0
        while not all(late := [told_late(line) for line in asking]) and letters < 200:
            letters += 1
            for line, is_late in zip(asking, late, strict=True):
                if not is_late:
                    with suppress(OSError):
                        line.send(b"x")
            quick.append(quickly(port))
        assert all(late)
        assert [status for status, _ in quick if status != 200] == []
        assert sorted(took for _, took in quick)[len(quick) // 2] < 1
        assert memory(process) - before < 60 * MEGABYTE
        until(lambda: share(process) < BUSY, within_s=60)
        assert len(idle) == SLOW
        assert broken(process) == []


def told_late(line):
    return b" 408 " in peeked(line)


def peeked(line):
    line.setblocking(False)
    with suppress(OSError):
        return line.recv(100, socket.MSG_PEEK)
    return b""


def quickly(port):
    began = time.monotonic()
    return answer(port, "/login")[0], time.monotonic() - began
