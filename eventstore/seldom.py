"""What is to be done now and then, by whichever request comes along."""

from threading import Lock
from time import monotonic


class Seldom:
    """Due once in so many seconds, for one thread of this process."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._lock = seconds, Lock()
        self._due = monotonic() + seconds

    def is_due(self) -> bool:
        with self._lock:
            now = monotonic()
            due = now >= self._due
            if due:
                self._due = now + self._seconds
            return due
