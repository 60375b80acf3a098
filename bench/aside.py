"""Processes that are asked one thing after the other: sites, and those who open pages on them."""

import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any, Self

from bench import scratch
from bench.crew import PATIENCE_S, PROCESSES, closing


class Aside:
    """A process on a scratch database; one that serves is asked in a thread beside."""

    def __init__(self, database: str, serve: Callable[..., None] | None = None, *arguments: Any) -> None:
        self._pipe, theirs = PROCESSES.Pipe()
        self._process = PROCESSES.Process(
            target=_live, args=(database, theirs, serve, arguments), daemon=True
        )
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._pipe.send(None)
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def ask(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """What the work returns, or raises, there."""
        self.begin(work, *arguments)
        return self.answer()

    def begin(self, work: Callable[..., Any], *arguments: Any) -> None:
        self._pipe.send((work, arguments))

    def answer(self) -> Any:
        if not self._pipe.poll(PATIENCE_S):
            raise TimeoutError("a process of the bench does not answer")
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def many_files() -> int:
    """As many sockets as this process is allowed at most."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _live(
    database: str, pipe: "Connection[Any, Any]", serve: Callable[..., None] | None, arguments: tuple[Any, ...]
) -> None:
    many_files()
    with suppress(KeyboardInterrupt), closing:
        scratch.move_to(database)
        if serve is None:
            closing.callback(scratch.close)
            _answer_all(pipe)
        else:
            Thread(target=_answer_and_stop, args=(pipe,), daemon=True).start()
            serve(*arguments)


def _answer_and_stop(pipe: "Connection[Any, Any]") -> None:
    _answer_all(pipe)
    signal.raise_signal(signal.SIGTERM)


def _answer_all(pipe: "Connection[Any, Any]") -> None:
    with suppress(EOFError, OSError):
        while job := pipe.recv():
            pipe.send(_answered(*job))


def _answered(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return work(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the work was asked for
        return error
