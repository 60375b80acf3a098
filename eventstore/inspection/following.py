"""Following the log as it grows: every fact once, in order, none before a hole that may still be filled."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import monotonic, sleep

from eventstore import log
from eventstore.inspection.events import Line
from eventstore.inspection.filters import Filter
from eventstore.inspection.limits import bounded
from eventstore.inspection.picking import Picking

LOOK_S = 0.2
READ = 1000

Step = tuple[int, list[Line]]
"""The position that has been reached, and the lines on the way there."""


def follow(wanted: Filter, after: int, ended: Callable[[], bool] = lambda: False) -> Iterator[Step]:
    """Steps along the log after a position, with the facts that a filter lets through; for ever, or until `ended`.

    The filter's own bounds hold as well. At most a fifth of a second behind, while nobody's transaction keeps
    a hole open.
    """
    while not ended():
        reached = _settled_after(after)
        if reached == after:
            sleep(LOOK_S)
            continue
        yield reached, between(wanted, after, reached)
        after = reached


def between(wanted: Filter, after: int, upto: int) -> list[Line]:
    """The facts of a filter after one position and up to another, in order; at most `READ` of them."""
    low = max(after, wanted.after or 0)
    high = upto + 1 if wanted.before is None else min(upto + 1, wanted.before)
    with bounded():
        found = Picking(replace(wanted, after=low, before=high)).pick(READ, after=0)
    return sorted(map(Line._make, found))


def _settled_after(after: int) -> int:
    facts = log.settled(after, READ)
    return facts[-1].position if facts else after


def for_seconds(seconds: float | None) -> Callable[[], bool]:
    """What ends following after so many seconds; None: nothing does."""
    deadline = None if seconds is None else monotonic() + seconds
    return lambda: deadline is not None and monotonic() > deadline
