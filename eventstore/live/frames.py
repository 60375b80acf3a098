"""What is sent: JSON with the position up to which the page has heard everything, and the things themselves."""

from collections.abc import Iterable
from functools import cached_property

from eventstore.live.recent import Item

SHORT, LONG = 125, 2**16


class Frame:
    """One message, encoded once for all who get it: as text, and as a WebSocket frame."""

    def __init__(self, json: bytes, position: int, *, empty: bool = False) -> None:
        self.json, self.position, self.empty = json, position, empty

    @property
    def text(self) -> str:
        return self.json.decode()

    @cached_property
    def wire(self) -> bytes:
        """A final text frame from a server, unmasked (RFC 6455, 5.2)."""
        size = len(self.json)
        if size <= SHORT:
            return b"\x81%c%s" % (size, self.json)
        if size < LONG:
            return b"\x81\x7e" + size.to_bytes(2, "big") + self.json
        return b"\x81\x7f" + size.to_bytes(8, "big") + self.json


def news(items: Iterable[Item], position: int) -> Frame:
    """Things to tell; without any it is a sign of life."""
    words = b",".join(filter(None, [item.words for item in items]))
    return Frame(b'{"at":%d,"news":[%s]}' % (position, words), position, empty=not words)


def too_late(position: int) -> Frame:
    """The page has missed more than is kept: it has to look for itself."""
    return Frame(b'{"at":%d,"late":true}' % position, position)
