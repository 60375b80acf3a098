"""The one that never sleeps for long: catches the read models up when no command did."""

import atexit
import logging
import threading
from time import monotonic

from django.db import close_old_connections

from eventstore import checkpoints
from eventstore.catch_up import catch_up
from eventstore.database import is_trouble
from eventstore.policy import policies, run_policies
from eventstore.projector import projectors
from eventstore.pulse import Pulse

logger = logging.getLogger(__name__)

SLICE_S = 1.0
SLOW_S = 5.0


class Worker:
    """Looks at the log every so many seconds; survives the database's absence, and whatever else fails."""

    def __init__(self, every_s: float = 0.5) -> None:
        self.every_s = every_s
        self._stopped = threading.Event()
        self._busy_since: float | None = None

    def look(self) -> bool:
        """Projects what is settled and lets the policies react; True if a second was too short for it."""
        deadline = monotonic() + SLICE_S
        catch_up(deadline=deadline)
        run_policies(deadline)
        catch_up(deadline=deadline)
        return monotonic() > deadline

    def run(self) -> None:
        """Until it is stopped, with a sign of life every second. An idle look is one small query; the first look
        is a full one, since this code may be able to go on where older code has stopped."""
        look_now = True
        with Pulse(self.doing):
            while not self._stopped.is_set():
                close_old_connections()
                self._busy_since = monotonic()
                look_now = self._survive(always=look_now)
                self._busy_since = None
                if not look_now:
                    self._stopped.wait(self.every_s)

    def doing(self) -> str:
        """What it is at, for whoever watches."""
        busy_s = monotonic() - since if (since := self._busy_since) else 0.0
        return f"at one look for {busy_s:.0f} s" if busy_s > SLOW_S else "following the log"

    def _survive(self, *, always: bool) -> bool:
        try:
            return (always or checkpoints.behind([*projectors, *policies])) and self.look()
        except Exception as error:
            if is_trouble(error):
                logger.warning("the projectors will look again: %s", error)
            else:
                logger.exception("the projectors could not go on")
            return False

    def stop(self) -> None:
        self._stopped.set()

    def start(self) -> threading.Thread:
        """Runs beside whatever else the process does, and ends in order with it."""
        thread = threading.Thread(target=self.run, name="projectors", daemon=True)
        thread.start()
        atexit.register(thread.join, SLICE_S)
        atexit.register(self.stop)
        return thread
