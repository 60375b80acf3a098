"""What a page has missed that comes back: the things themselves, or that they are too many to be told."""

import logging
from collections.abc import Collection, Sequence

from eventstore import measures
from eventstore.database import is_trouble
from eventstore.live.frames import LATE, Frame, in_words, news, too_late
from eventstore.live.pages import Listening
from eventstore.live.recent import Item, Recent, latest

logger = logging.getLogger(__name__)

MOST = 100
"""Whoever would have to hear more things than this at once looks for themselves."""
LONGEST = 128 * 1024
"""Bytes of one message."""


def missed(recent: Recent, listening: Listening) -> Frame:
    """What happened after what a page shows, as far as it was heard of here."""
    if heard := recent.since(listening.position):
        frame = worded(latest(heard.items, listening.rooms).values(), heard.position)
    else:
        frame = too_late(recent.end)
    measures.resumed(frame.outcome)
    return frame


def worded(items: Collection[Item], position: int) -> Frame:
    """What is to be told; where it can't be put into words, or takes too many, that there is something."""
    if len(items) > MOST:
        return too_late(position)
    try:
        frame = news(items, position)
    except Exception as error:
        if is_trouble(error):
            raise
        logger.exception("the pages have to look for themselves")
        return too_late(position)
    return frame if len(frame.json) <= LONGEST else too_late(position)


def together(frames: Sequence[Frame]) -> Frame:
    """What several rooms are told at one position, for whoever is in all of them."""
    if len(frames) == 1:
        return frames[0]
    position = frames[0].position
    words = [frame.words for frame in frames]
    if LATE in {frame.outcome for frame in frames} or sum(map(len, words)) > LONGEST:
        return too_late(position)
    return in_words(words, position)
