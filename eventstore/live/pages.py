"""What a page that is open listens to: the server wrote it on the page, signed, when it rendered it.

So a browser can't choose: neither rooms that its page has nothing to do with, nor another person's.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.core import signing

from eventstore.live.tells import Room

SALT = "eventstore.live"
MOST_ROOMS = 64


class Listening(NamedTuple):
    """A page's rooms, for whom it was rendered ("" for anybody), and the position that it shows."""

    rooms: tuple[Room, ...]
    reader: str
    position: int

    @property
    def ticket(self) -> str:
        """What the page shows to be told things. It stays good as long as the site's key."""
        return signing.dumps([self.reader, *self.rooms], salt=SALT, compress=True)


def listening(rooms: Iterable[Room], reader: object, position: int) -> Listening:
    """For a page that shows everything up to a position, to a reader's id or None."""
    return Listening(tuple(rooms)[:MOST_ROOMS], "" if reader is None else str(reader), position)


def admitted(ticket: str, position: int) -> Listening:
    """What a page listens to that shows this ticket. Raises `signing.BadSignature`."""
    reader, *rooms = signing.loads(ticket, salt=SALT)
    return Listening(tuple(rooms), reader, position)
