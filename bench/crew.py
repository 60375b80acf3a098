"""Processes that do the work which is measured. Nothing is measured in the process that compares."""

import gc
import multiprocessing
import resource
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple, Self

import psutil
from django.db import connection

from bench import scratch

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        f"bench.{name}"
        for name in ("append", "command", "growth", "library", "live", "read", "replay", "requests")
    ]
)
PATIENCE_S = 600

closing = ExitStack()
"""What a member opens for good, to be closed when it is dismissed."""

Work = Callable[..., int]
"""What a process can be asked for, by name: a function of a module; it returns how many events it dealt with."""


class Cost(NamedTuple):
    """Events dealt with; seconds on the clock, of the clients' work and of the server's; bytes of the largest client."""

    events: int
    seconds: float
    client: float
    server: float
    peak: int

    @property
    def cpu(self) -> float:
        return self.client + self.server


class _Share(NamedTuple):
    """What one process did, and when."""

    events: int
    began: float
    ended: float
    client: float
    peak: int


class Crew:
    """Some processes on one scratch database, which start each piece of work together."""

    def __init__(self, database: str, size: int = 1) -> None:
        self.database = database
        self._start = PROCESSES.Barrier(size)
        self._members = [_Member(database, self._start) for _ in range(size)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for member in self._members:
            member.dismiss()

    def does(self, work: Work, *arguments: Any) -> Callable[[], Cost]:
        """A side of a comparison: the work, done by every member at once."""
        return partial(self.do, work, *arguments)

    def do(self, work: Work, *arguments: Any) -> Cost:
        before = _server_seconds(self.database)
        for member in self._members:
            member.pipe.send((work, arguments))
        shares = [member.answer() for member in self._members]
        return Cost(
            events=sum(share.events for share in shares),
            seconds=max(share.ended for share in shares) - min(share.began for share in shares),
            client=sum(share.client for share in shares),
            server=max(0.0, _server_seconds(self.database) - before),
            peak=max(share.peak for share in shares),
        )


class _Member:
    def __init__(self, database: str, start: Any) -> None:
        self.pipe, theirs = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=_serve, args=(database, start, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def answer(self) -> _Share:
        if not self.pipe.poll(PATIENCE_S):
            raise TimeoutError("a process of the bench does not answer")
        answer = self.pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return _Share(*answer)

    def dismiss(self) -> None:
        with suppress(OSError):
            self.pipe.send(None)
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(database: str, start: Any, pipe: "Connection[Any, Any]") -> None:
    """In a process of its own: one piece of work after the other, until there is none."""
    closing.callback(scratch.close)
    gc.freeze()  # what was loaded before the fork is nobody's to look through, page by page
    with suppress(KeyboardInterrupt, EOFError), closing:
        scratch.move_to(database)
        while job := pipe.recv():
            try:
                pipe.send(_share(start, *job))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the work was asked for
                start.abort()
                pipe.send(error)


def _share(start: Any, work: Work, arguments: tuple[Any, ...]) -> _Share:
    gc.collect()
    forget_peak()
    start.wait(PATIENCE_S)
    began, client = perf_counter(), process_time()
    events = work(*arguments)
    return _Share(events, began, perf_counter(), process_time() - client, peak())


def forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """The most memory that this process has held since `forget_peak`; where there is no /proc, ever."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _server_seconds(database: str) -> float:
    """What the database's backends have worked so far; its background processes are left aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
            [database],
        )
        return sum(_seconds(pid) for (pid,) in cursor.fetchall())


def _seconds(pid: int) -> float:
    try:
        return sum(psutil.Process(pid).cpu_times()[:2])
    except psutil.NoSuchProcess:
        return 0.0
