"""What a terminal is sent: letters. What would move its cursor, recolor it, or turn words around is spelled out."""

import re
from typing import Any, TextIO

COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""To a terminal, and halves of characters, which none can show; line feeds and tabs aside."""

BREAKS = re.compile("[\t\n]")


def printable(text: str) -> str:
    """The text with every such character as Python writes it: `\\x1b`."""
    return COMMANDS.sub(_spelled_out, text)


def on_a_line(text: str) -> str:
    """The same on one line, whatever it says."""
    return BREAKS.sub(_spelled_out, printable(text))


def _spelled_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


class Printable:
    """A stream to which only what is printable gets."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(printable(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
