"""A history is made by another process while this one writes it: each has a core, and neither waits for the other's turn
in one interpreter."""

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from multiprocessing.connection import Connection

import django

from conduit.demo import history
from conduit.demo.history import CHAPTER, Chapter

WORTH_IT = 10 * CHAPTER
"""Facts; fewer are made before another process has begun."""


class Abandoned(Exception):
    """The process that makes the history has ended before its time."""

    def __str__(self) -> str:
        return self.__doc__ or ""


@contextmanager
def chapters(seed: int, facts: int) -> Iterator[Iterator[Chapter]]:
    """What `history.chapters` makes, for as long as the context lasts. Iterating raises `Abandoned`."""
    if facts < WORTH_IT:
        yield history.chapters(seed, facts)
        return
    context = multiprocessing.get_context("spawn")
    told, teller = context.Pipe(duplex=False)
    process = context.Process(target=_make, args=(teller, seed, facts), daemon=True)
    process.start()
    teller.close()
    with closing(told), ThreadPoolExecutor(1) as ear:
        try:
            yield _heard(partial(ear.submit, told.recv))
        finally:
            process.kill()
            process.join()


def _heard(listen: Callable[[], Future[Chapter]]) -> Iterator[Chapter]:
    """One is taken in while the one before it is written. The empty one ends the history."""
    coming = listen()
    while (chapter := _taken(coming)).parts:
        coming = listen()
        yield chapter


def _taken(coming: Future[Chapter]) -> Chapter:
    try:
        return coming.result()
    except (EOFError, OSError):  # between two of them, or in the middle of one
        raise Abandoned from None


def _make(teller: Connection, seed: int, facts: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever writes is interrupted too, and ends this
    django.setup()
    gc.disable()
    for chapter in history.chapters(seed, facts):
        teller.send(chapter)
    teller.send(Chapter((), 0))
