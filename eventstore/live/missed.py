"""What a page has missed that comes back: the things themselves, or that they are too many to be told."""

import logging
from collections.abc import Collection

from eventstore.database import is_trouble
from eventstore.live.frames import Frame, news, too_late
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
        return worded(latest(heard.items, listening.rooms).values(), heard.position)
    return too_late(recent.end)


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
