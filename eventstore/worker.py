"""The one that never sleeps for long: catches the read models up when no command did."""

import logging
import threading

from django.db import close_old_connections

from eventstore.catch_up import UNWELL, catch_up
from eventstore.policy import run_policies

logger = logging.getLogger(__name__)


class Worker:
    """Looks at the log every so many seconds; survives the database's absence."""

    def __init__(self, every_s: float = 0.5) -> None:
        self.every_s = every_s
        self._stopped = threading.Event()

    def look(self) -> None:
        """Projects everything settled, and lets the policies react to it."""
        catch_up()
        run_policies()
        catch_up()

    def run(self) -> None:
        while not self._stopped.is_set():
            close_old_connections()
            try:
                self.look()
            except UNWELL as error:
                logger.warning("the database is away: %s", error)
            self._stopped.wait(self.every_s)

    def stop(self) -> None:
        self._stopped.set()

    def start(self) -> threading.Thread:
        """Runs beside whatever else the process does."""
        thread = threading.Thread(target=self.run, name="projectors", daemon=True)
        thread.start()
        return thread
