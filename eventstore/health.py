"""Whether all is well, in words: what the dashboard, the probes and the alerts go by.

Bad is what needs somebody now; watch is what somebody should know; all else is good. Each judgement is about one
thing and says why.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from eventstore import log
from eventstore.heartbeat import Heartbeat, heartbeats
from eventstore.replays import Replay, replays
from eventstore.status import STUCK_S, Standing, Writer, refused, standings, writer

LATE_S = 2.0
"""Seconds behind the log that are worth a word."""


class Light(StrEnum):
    """How well something is; a word, since a color alone says nothing to some."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"


SEVERITY = {Light.GOOD: 0, Light.WATCH: 1, Light.BAD: 2}


class Finding(NamedTuple):
    """A judgement: on what (a projector's or policy's name, "workers", "log", "rebuild NAME"), and why."""

    light: Light
    about: str
    words: str


@dataclass(frozen=True, slots=True)
class Condition:
    """The state of everything that follows the log, as it was at one moment."""

    head: int
    standings: list[Standing]
    heartbeats: list[Heartbeat]
    writer: Writer | None
    refused: int
    replays: list[Replay]

    @property
    def findings(self) -> list[Finding]:
        """What is to be said of each thing, the worst first."""
        found = [
            of_workers(self.heartbeats),
            of_log(self.writer),
            *map(of_standing, self.standings),
            *of_replays(self.replays),
        ]
        return sorted(found, key=lambda finding: -SEVERITY[finding.light])

    @property
    def light(self) -> Light:
        """The worst of all."""
        return self.findings[0].light

    @property
    def parked(self) -> int:
        return sum(standing.parked for standing in self.standings)


def condition() -> Condition:
    """Asked of the database in seven statements, each of bounded work."""
    return Condition(log.head(), standings(), heartbeats(), writer(), refused(), replays())


def of_standing(at: Standing) -> Finding:
    """What is to be said of a projector or policy; the first that holds is the worst."""
    behind = "1 event behind" if at.lag_events == 1 else f"{at.lag_events:,} events behind"
    parked = "1 fact is parked" if at.parked == 1 else f"{at.parked:,} facts are parked"
    stands = f"stuck: it has not moved for {at.still_s:.0f} s, {behind}"
    late = f"catching up, {behind}, {at.lag_s:.0f} s late"
    cases = (
        (at.status == "stopped", Light.BAD, f"stopped, {behind}: {at.last_error}"),
        (at.stuck and not at.rebuilding, Light.BAD, stands),
        (bool(at.parked), Light.BAD, parked),
        (at.status == "paused", Light.WATCH, f"paused, {behind}"),
        (at.rebuilding, Light.WATCH, f"being rebuilt or checked, {behind}"),
        (at.lag_s > LATE_S, Light.WATCH, late),
        (True, Light.GOOD, "up to date"),
    )
    return next(Finding(light, at.name, words) for holds, light, words in cases if holds)


def of_workers(beats: Iterable[Heartbeat]) -> Finding:
    """Whether somebody watches over the log."""
    known = list(beats)
    alive, silent = [beat for beat in known if beat.alive], [beat for beat in known if not beat.alive]
    if not alive:
        since = f"the last sign of life was {silent[0].age_s:.0f} s ago" if silent else "none has reported"
        return Finding(Light.BAD, "workers", f"no worker is alive: {since}")
    at_work = f"{len(alive)} at work"
    if silent:
        words = f"{at_work}; {silent[0].who} has been silent for {silent[0].age_s:.0f} s"
        return Finding(Light.WATCH, "workers", words)
    return Finding(Light.GOOD, "workers", at_work)


def of_log(at: Writer | None) -> Finding:
    """Whether readers can get to the head."""
    if at is None or at.seconds <= STUCK_S:
        return Finding(Light.GOOD, "log", "nobody keeps it open")
    words = (
        f"process {at.pid} ({at.application}) has been writing for {at.seconds:.0f} s; readers wait for it"
    )
    return Finding(Light.WATCH, "log", words)


def of_replays(wishes: Iterable[Replay]) -> Iterator[Finding]:
    """What is to be said of those that are open."""
    for wish in wishes:
        about = f"{wish.kind} {wish.projector}"
        if wish.open and wish.state == "dead":
            yield Finding(Light.BAD, about, f"its worker has been silent for {wish.silent_s:.0f} s: dead")
        elif wish.waits:
            yield Finding(Light.BAD, about, f"no worker has taken it for {wish.age_s:.0f} s")
        elif wish.open:
            yield Finding(Light.WATCH, about, f"{wish.phase or wish.state}, {wish.percent} %")
