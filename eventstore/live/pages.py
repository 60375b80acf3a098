"""What a page that is open listens to: the server wrote it on the page, signed, when it rendered it.

So a browser can't choose: neither rooms that its page has nothing to do with, nor another person's.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.core import signing

from eventstore.live.tells import Room

SALT = "eventstore.live"
MOST_ROOMS = 64

GUARDED: dict[Room, str] = {}
"""Rooms that are for few, each with the permission that is asked for whenever somebody comes to listen."""


class Listening(NamedTuple):
    """A page's rooms, for whom it was rendered ("" for anybody), and the position that it shows."""

    rooms: tuple[Room, ...]
    reader: str
    position: int

    @property
    def ticket(self) -> str:
        """What the page shows to be told things. It stays good as long as the site's key."""
        return _signer().sign_object([self.reader, *self.rooms], compress=True)

    @property
    def needs(self) -> list[str]:
        """The permissions that it takes: a ticket says who its page was for, not that they may still listen."""
        return [GUARDED[room] for room in self.rooms if room in GUARDED]


def listening(rooms: Iterable[Room], reader: object, position: int) -> Listening:
    """For a page that shows everything up to a position, to a reader's id or None."""
    return Listening(tuple(rooms)[:MOST_ROOMS], "" if reader is None else str(reader), position)


def admitted(ticket: str, position: int) -> Listening:
    """What a page listens to that shows this ticket. Raises `signing.BadSignature`."""
    reader, *rooms = _signer().unsign_object(ticket)
    return Listening(tuple(rooms), reader, position)


def _signer() -> signing.Signer:
    """Without a time: the same page has the same ticket, and nobody's grows old while they are away."""
    return signing.Signer(salt=SALT)
