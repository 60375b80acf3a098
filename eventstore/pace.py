"""Work that leaves others their share of the machine."""

from time import monotonic, sleep


class Pace:
    """No more than so many a second, on average since it was made; called before each piece of work."""

    def __init__(self, per_s: float) -> None:
        self._per_s, self._began, self._done = per_s, monotonic(), 0

    def __call__(self, count: int) -> None:
        due = self._began + self._done / self._per_s
        sleep(max(0.0, due - monotonic()))
        self._done += count
