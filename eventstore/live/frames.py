"""What is sent: JSON with the position up to which the page has heard everything, and the things themselves."""

from collections.abc import Iterable
from functools import cached_property

from eventstore.live.recent import Item

SHORT, LONG = 125, 2**16
NOTHING, TOLD, LATE = "nothing", "told", "late"


class Frame:
    """One message, encoded once for all who get it: as text, and as a WebSocket frame."""

    def __init__(self, json: bytes, position: int, outcome: str, words: bytes = b"") -> None:
        self.json, self.position, self.outcome, self.words = json, position, outcome, words

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
    return in_words([item.words for item in items], position)


def in_words(words: Iterable[bytes], position: int) -> Frame:
    """Things that were put into words already; nothing is said of those that came to nothing."""
    said = b",".join(filter(None, words))
    return Frame(b'{"at":%d,"news":[%s]}' % (position, said), position, TOLD if said else NOTHING, said)


def too_late(position: int) -> Frame:
    """The page has missed more than is kept: it has to look for itself."""
    return Frame(b'{"at":%d,"late":true}' % position, position, LATE)
