"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    events: int = 1_000_000
    """Facts in the longest log; the others have a tenth and a hundredth of it."""

    rounds: int = 5
    seconds: float = 1.0
    """Of one side of a round, where it goes by time."""

    writers: int = 16
    sockets: int = 1_000
    """Pages that are open in one room; five times as many are idle."""

    def of(self, number: int) -> int:
        """So many in the full form, fewer in a short one."""
        return max(1, round(number * self.seconds / FULL.seconds))

    @property
    def middle(self) -> int:
        return self.events // 10

    @property
    def short(self) -> int:
        return self.events // 100


FEWEST = 20_000
"""In the longest log; the shortest needs an article."""

FULL = Scale()
QUICK = Scale(events=50_000, rounds=3, seconds=0.3)
