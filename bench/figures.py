"""Rows for what is no speed of events: a duration, a size, a number, against the same of a reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

LAYOUT = "{:42} {:26} {:>11} {:>11} {:>6} {:>9} {:7}"
TITLES = LAYOUT.format("", "against", "ours", "reference", "ratio", "asked", "")


@dataclass(frozen=True)
class Limit:
    """What is asked of a figure itself, or of its ratio to the reference's."""

    least: float | None = None
    most: float | None = None
    of_ratio: bool = False

    def reached(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


NO_LIMIT = Limit()


@dataclass(frozen=True)
class Figure:
    """What each round has found of us and of the reference; without one there is nothing to compare with."""

    what: str
    against: str
    rounds: Sequence[tuple[float, float | None]]
    unit: str = ""
    limit: Limit = NO_LIMIT
    titles = TITLES

    @property
    def ours(self) -> float:
        return median(ours for ours, _ in self.rounds)

    @property
    def reference(self) -> float | None:
        found = [reference for _, reference in self.rounds if reference is not None]
        return median(found) if found else None

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios: the two sides of a round have met the same weather."""
        ratios = [ours / reference for ours, reference in self.rounds if reference]
        return median(ratios) if ratios else None

    @property
    def verdict(self) -> str:
        value = self.ratio if self.limit.of_ratio else self.ours
        if self.limit == NO_LIMIT or value is None:
            return ""
        return "reached" if self.limit.reached(value) else "MISSED"

    @property
    def asked(self) -> str:
        unit = "" if self.limit.of_ratio else self.unit
        if self.limit.least is not None:
            return f"≥ {_said(self.limit.least, unit)}"
        return "" if self.limit.most is None else f"≤ {_said(self.limit.most, unit)}"

    @property
    def line(self) -> str:
        reference, ratio = self.reference, self.ratio
        return LAYOUT.format(
            self.what,
            self.against,
            _said(self.ours, self.unit),
            "" if reference is None else _said(reference, self.unit),
            "" if ratio is None else f"{ratio:.2f}",
            self.asked,
            self.verdict,
        )


def _said(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
    return f"{number} {unit}".rstrip()
