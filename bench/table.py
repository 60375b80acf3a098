"""The one table: each row a ratio to a reference of the same run, and whether it is what was asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from bench.crew import Cost
from bench.figures import Figure

Side = Callable[[], Cost]


def speed(cost: Cost) -> float:
    return cost.events / cost.seconds


def duration(cost: Cost) -> float:
    return cost.seconds / cost.events


def memory(cost: Cost) -> float:
    return cost.peak


@dataclass(frozen=True)
class Asked:
    """What a ratio of speeds, durations or memory has to be; nothing asked for is a ratio to look at."""

    of: Callable[[Cost], float] = speed
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least else f"≤ {self.most:g}" if self.most else ""

    def reached(self, ratio: float) -> bool:
        return (self.least is None or ratio >= self.least) and (self.most is None or ratio <= self.most)


NOTHING = Asked()


def at_least(ratio: float) -> Asked:
    """So much of the reference's events a second."""
    return Asked(speed, least=ratio)


def at_most(ratio: float | None = None) -> Asked:
    """So many times the reference's time for an event."""
    return Asked(duration, most=ratio)


LAYOUT = "{:42} {:26} {:>8} {:>9} {:>5} {:>6} {:>6} {:7} {:>13} {:>13} {:>7}"
TITLES = LAYOUT.format(
    *("", "against", "events/s", "reference", "ratio", "of CPU", "asked", ""),
    *("client µs", "server µs", "peak MB"),
)


class Row(NamedTuple):
    """What was compared, and what each round has cost us and the reference."""

    what: str
    against: str
    rounds: Sequence[tuple[Cost, Cost]]
    asked: Asked = NOTHING

    @property
    def titles(self) -> str:
        return TITLES

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: the two sides of a round have met the same weather."""
        return median(self.asked.of(ours) / self.asked.of(reference) for ours, reference in self.rounds)

    @property
    def cpu_ratio(self) -> float | None:
        """The same of the work of client and server, as a speed or a duration; None if it was too little to see."""
        ours, reference = (self.middle(side, lambda cost: cost.cpu / cost.events) for side in (0, 1))
        if not ours or not reference:
            return None
        return reference / ours if self.asked.of is speed else ours / reference

    @property
    def verdict(self) -> str:
        return "" if not str(self.asked) else "reached" if self.asked.reached(self.ratio) else "MISSED"

    def middle(self, side: int, of: Callable[[Cost], float]) -> float:
        return median(of(pair[side]) for pair in self.rounds)

    @property
    def line(self) -> str:
        cpu = self.cpu_ratio
        return LAYOUT.format(
            self.what,
            self.against,
            f"{self.middle(0, speed):,.0f}",
            f"{self.middle(1, speed):,.0f}",
            f"{self.ratio:.2f}",
            "" if cpu is None else f"{cpu:.2f}",
            str(self.asked),
            self.verdict,
            _both(self, lambda cost: cost.client / cost.events),
            _both(self, lambda cost: cost.server / cost.events),
            f"{self.middle(0, memory) / 2**20:.0f}",
        )


def _both(row: Row, of: Callable[[Cost], float]) -> str:
    ours, reference = (row.middle(side, of) * 1e6 for side in (0, 1))
    return f"{ours:,.0f} ({reference:,.0f})"


class Reference(NamedTuple):
    """Another way to do the same."""

    name: str
    side: Side
    asked: Asked = NOTHING


def compare(what: str, ours: Side, *references: Reference, rounds: int, warm_up: int = 1) -> Iterator[Row]:
    """A row for each reference, of rounds in which all sides have a turn: first from the left, then from the right.

    Rounds to warm up come before them and don't count.
    """
    sides, costs = [ours, *(reference.side for reference in references)], []
    for nth in range(warm_up + rounds):
        turns = sides if nth % 2 else sides[::-1]
        found = [side() for side in turns]
        costs.append(found if nth % 2 else found[::-1])
    for nth, reference in enumerate(references, start=1):
        yield Row(what, reference.name, [(cost[0], cost[nth]) for cost in costs[warm_up:]], reference.asked)


LEGEND = """\
The ratio is the median of the rounds' ratios: of events a second where at least (≥) is asked, of time or memory
where at most (≤) is; "of CPU" is the same of the work done by client and server. In brackets: the reference.
"""


def show(rows: Iterable[Row | Figure]) -> None:
    """Prints each row when it is there, and at the end how many of them are what was asked for."""
    print(LEGEND)
    asked, reached, titles = 0, 0, ""
    for row in rows:
        if row.titles != titles:
            print("\n" * bool(titles) + row.titles)
            titles = row.titles
        print(row.line, flush=True)
        asked, reached = asked + bool(row.verdict), reached + (row.verdict == "reached")
    print(f"\n{reached} of {asked} reached")
