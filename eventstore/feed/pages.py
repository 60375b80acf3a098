"""Pages of the public log: what follows a position, and how far that is all there is.

A page that filters can't see holes in the log, so it never goes past a settled position; and it ends before a
fact that this code is too old to read, which newer code may have made public.
"""

import logging
from collections.abc import Collection
from typing import NamedTuple

from eventstore import checkpoints, log
from eventstore.feed.public import PUBLIC, readable, worded
from eventstore.log import Fact, LogBusy
from eventstore.messages import EVENT_NAMES
from eventstore.projector import projectors

logger = logging.getLogger(__name__)

SCAN = 1000
PATIENCE_S = 0.2
MOST_BYTES = 256 * 1024
"""A page ends after the fact that passes this."""


class Telling(NamedTuple):
    """A public fact, as JSON."""

    position: int
    type: str
    json: bytes


class Page(NamedTuple):
    """Facts in order; all that were asked for up to `position`, and whether there is more to be had now."""

    facts: list[Telling]
    position: int
    more: bool


class BeyondEnd(Exception):
    """is beyond the end of the log"""


def next_page(after: int, types: Collection[str], limit: int) -> Page:
    """The public facts of these types after a position, as far as the log is settled now.

    While somebody's transaction keeps it from being settled: what is before the first position that may
    still be filled.
    """
    check(after)
    try:
        return page_upto(log.settled_position(PATIENCE_S), after, types, limit)
    except LogBusy:
        facts = log.settled(after, SCAN, patience_s=0)
        return _scanned(facts, after, types, limit, more=len(facts) == SCAN)


def check(after: int) -> None:
    """Raises `BeyondEnd` for a position that the log has not reached: what comes would be missed."""
    if after > log.head():
        raise BeyondEnd


def page_upto(upto: int, after: int, types: Collection[str], limit: int) -> Page:
    """The public facts of these types after a position and up to a settled one."""
    too_new = [name for name in log.types() if name not in EVENT_NAMES]
    facts = log.of_types([*types, *too_new], after, upto, limit + 1)
    return _told(facts, types, limit, Page([], max(after, upto), more=False))


def following(after: int, limit: int) -> Page:
    """The public ones among the next facts after a position, whatever their types; of the next `limit` ones, or
    fewer if they are long.
    """
    facts = log.settled(after, limit, patience_s=PATIENCE_S)
    return _scanned(facts, after, PUBLIC, limit, more=False)


def beginning() -> int:
    """A settled position to read on from: the last one, or at least what the projectors have passed."""
    try:
        return log.settled_position(PATIENCE_S)
    except LogBusy:
        return checkpoints.passed(projectors)


def _scanned(facts: list[Fact], after: int, types: Collection[str], limit: int, *, more: bool) -> Page:
    end = facts[-1].position if facts else after
    return _told(facts, types, limit, Page([], end, more))


def _told(facts: list[Fact], types: Collection[str], limit: int, page: Page) -> Page:
    """The page filled; cut short by its limits, or by a fact from the future."""
    size = 0
    for fact in facts:
        if not readable(fact):
            logger.error("the feed ends before %s: this code can't read %s", fact.position, fact.type)
            return page._replace(position=fact.position - 1, more=False)
        if fact.type in types:
            if len(page.facts) == limit or size > MOST_BYTES:
                return page._replace(position=page.facts[-1].position, more=True)
            page.facts.append(Telling(fact.position, fact.type, worded(fact)))
            size += len(page.facts[-1].json)
    return page
