"""What a rebuild tells: how far it has come, and in the end what it found."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """How far a replay has come: positions in the log, facts applied, seconds, and what is being done."""

    projector: str
    position: int
    head: int
    events: int
    seconds: float
    phase: str = "replaying"

    @property
    def events_per_s(self) -> float:
        return self.events / self.seconds if self.seconds else 0.0

    @property
    def eta_s(self) -> float:
        """Seconds to go at the pace so far, by position."""
        return self.seconds * (self.head - self.position) / self.position if self.position else 0.0


@dataclass(slots=True)
class Result:
    """What a rebuild found: facts replayed, rows that they come to, and rows that differed, by table."""

    projector: str
    position: int
    events: int
    rows: int
    seconds: float
    differences: dict[str, int] = field(default_factory=dict)
    merged: bool = False

    @property
    def differing(self) -> int:
        return sum(self.differences.values())

    def __str__(self) -> str:
        speed = f" ({self.events / self.seconds:,.0f} events/s)" if self.seconds else ""
        came_to = f"{self.events:,} events to {self.rows:,} rows in {self.seconds:.1f} s{speed}"
        return f"{self.projector}: {came_to}: {self._verdict()}"

    def _verdict(self) -> str:
        if not self.differing:
            return "no difference"
        found = ", ".join(f"{table} {count:,}" for table, count in self.differences.items() if count)
        return f"{self.differing:,} rows {'repaired' if self.merged else 'differ'} ({found})"
