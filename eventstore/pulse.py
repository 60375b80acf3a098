"""A worker's pulse: a sign of life every second, and the rebuilds and checks that operators ask for.

It beats in a thread of its own, so that a long batch is no silence; a process that is frozen has no pulse. What
stands still though its process lives is seen by its checkpoint.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from django.db import Error, connection

from eventstore import heartbeat, replays
from eventstore.log import LogBusy
from eventstore.progress import Progress
from eventstore.projector import Projector, projectors
from eventstore.rebuild import Rebuild, RebuildRunning, ReplayFailed
from eventstore.replays import Taken

logger = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""Seconds that the end of a worker may wait for the rebuild that it is at."""


class Stopped(Exception):
    """It was ended before it changed anything."""

    def __str__(self) -> str:
        return self.__doc__ or ""


class Pulse:
    """Beats from the beginning of the block to its end, and says what `doing` answers."""

    def __init__(self, doing: Callable[[], str]) -> None:
        self._doing, self._since = doing, datetime.now(UTC)
        self._ended, self._well = threading.Event(), True
        self._replay: Work | None = None
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(2 * PATIENCE_S)

    def _run(self) -> None:
        while True:
            self._survive(self._beat)
            if self._ended.wait(heartbeat.EVERY_S):
                break
        if self._replay:
            self._replay.stop()
            self._replay.join(PATIENCE_S)
        self._survive(heartbeat.leave)

    def _survive(self, work: Callable[[], None]) -> None:
        """A database that is away is told once, and is no reason to stop."""
        try:
            work()
            self._well = True
        except Exception as error:  # noqa: BLE001 - whatever it is, the next beat is due in a second
            if self._well:
                logger.warning("no sign of life could be left: %s", error)
            self._well = False
        finally:
            connection.close()

    def _beat(self) -> None:
        at_work = self._replay is not None and self._replay.is_alive()
        doing = f"{self._doing()}, {self._replay}" if at_work else self._doing()
        asked = heartbeat.beat(doing, self._since)
        if self._replay and at_work:
            self._replay.tell()
        elif asked:
            self._replay = _next()


def _next() -> "Work | None":
    """Whatever was asked for first, begun."""
    known = {projector.name: projector for projector in projectors}
    taken = replays.take(list(known), heartbeat.who())
    if taken is None:
        return None
    work = Work(taken, known[taken.projector])
    work.start()
    return work


class Work(threading.Thread):
    """One rebuild or check."""

    def __init__(self, taken: Taken, projector: Projector) -> None:
        super().__init__(name=f"replay of {projector.name}", daemon=True)
        self.taken = taken
        self.rebuild = Rebuild(projector, self._watch, whole_process=False)
        self._progress: Progress | None = None
        self._unwanted = threading.Event()

    def __str__(self) -> str:
        return f"{'checking' if self.taken.check_only else 'rebuilding'} {self.taken.projector}"

    def tell(self) -> None:
        """Says how far it is, and heeds whoever wants it to end."""
        if not replays.tell(self.taken.id, self._progress):
            self.stop()

    def stop(self) -> None:
        """Ends it where it stands next between two pages, if nothing has been changed by then."""
        self._unwanted.set()

    def run(self) -> None:
        try:
            self._finish()
        except Error:
            logger.exception("%s: how it ended could not be written down", self)
        finally:
            connection.close()

    def _finish(self) -> None:
        try:
            result = self.rebuild.run(check=self.taken.check_only, keep_parked=self.taken.keep_parked)
        except Stopped as stopped:
            replays.finish(self.taken.id, "stopped", str(stopped))
        except RebuildRunning:
            replays.finish(self.taken.id, "failed", "it is being rebuilt or checked already")
        except (ReplayFailed, LogBusy) as failed:
            replays.finish(self.taken.id, "failed", _brief(str(failed)))
        except Exception as error:
            logger.exception("%s failed", self)
            replays.finish(self.taken.id, "failed", _brief(f"{type(error).__name__}: {error}"))
        else:
            replays.finish(self.taken.id, "done", result=result)

    def _watch(self, progress: Progress) -> None:
        self._progress = progress
        if self._unwanted.is_set():
            raise Stopped


def _brief(error: str) -> str:
    """The first line; in the others a database quotes what was said."""
    return error.partition("\n")[0]
