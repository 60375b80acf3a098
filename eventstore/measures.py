"""What the engine tells of its work, for whoever counts it or writes it down; it knows nobody who listens.

A listener is called in the thread that did the work, which waits for it: it must be quick. What it raises is
logged, and harms nobody. All durations are in seconds.

@measures.appended.listen
def count(types, duration_s): ...
"""

import logging
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, ParamSpec
from uuid import UUID

logger = logging.getLogger(__name__)

P = ParamSpec("P")


class Measure(Generic[P]):
    """Something that happens. Calling it tells whoever listens."""

    def __init__(self, declared: Callable[P, None]) -> None:
        self.__doc__ = declared.__doc__
        self.listeners: list[Callable[P, None]] = []

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        for listener in self.listeners:
            try:
                listener(*args, **kwargs)
            except Exception:
                logger.exception("a listener failed")

    def listen(self, listener: Callable[P, None]) -> Callable[P, None]:
        self.listeners.append(listener)
        return listener


class Answer(NamedTuple):
    """How an attempt at a command ended: accepted, repeated (it had been carried out before), refused or failed;
    the name of the refusal or error, the stream, and the position of its last fact, where there is one."""

    command: str
    outcome: str
    reason: str
    stream: str | None
    position: int | None
    actor_id: UUID | None
    correlation_id: UUID
    caused_by: int | None
    duration_s: float


@Measure
def answered(answer: Answer) -> None:
    """A command was answered."""


@Measure
def folded(facts: int) -> None:
    """A stream was loaded, and so many of its facts were folded for that."""


@Measure
def appended(types: Sequence[str], duration_s: float) -> None:
    """Facts of these types were appended by one statement. Told when they are committed, and not at all if that
    never happens."""


@Measure
def conflicted(kind: str) -> None:
    """An append stored nothing: `version` (somebody was faster), `name` (taken), `missing` (a name that was
    needed), `command` (its id was used before)."""


@Measure
def projected(subscriber: str, facts: int, duration_s: float) -> None:
    """A projector or policy dealt with a batch of facts; none of them may have concerned it."""


@Measure
def failed(subscriber: str) -> None:
    """A projector or policy could not deal with a fact: it is parked, or stops the subscriber."""


@Measure
def resumed(outcome: str) -> None:
    """A page came with the position that it shows: it had missed nothing, what it had missed was `told`, or it was too
    `late` for that."""


@Measure
def delivered(after_s: float) -> None:
    """A fact was told to the pages that are open here, so long after it was recorded (by the database's clock)."""
