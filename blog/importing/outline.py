"""What a Markdown text says of itself: its first heading, its first paragraph, and the rest of it.

Comments are for those who write: they stay out of what is published.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from blog.importing.blocks import Block, blocks_of

HEADINGS = frozenset({"h1", "heading"})
DESCRIPTION = 200
ALERT = "[!"
"""How a quote begins that is no quote: [!NOTE]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Empty where the text says nothing."""

    title: str
    description: str
    body: str


def outline(text: str, title: str = "") -> Outline:
    """Reads a text. Takes out the heading that becomes its title, or that says the given title again."""
    blocks = list(blocks_of(text))
    heading = _heading(blocks)
    if title and heading and heading.words.casefold() != title.casefold():
        heading = None
    return Outline(
        title=title or (heading.words if heading else ""),
        description=shortened(_description(blocks), DESCRIPTION),
        body=_without(text, [block for block in blocks if block is heading or block.kind == "comment"]),
    )


def shortened(words: str, most: int) -> str:
    """The words up to a length, cut between two of them; scripts without spaces, where the length ends."""
    if len(words) <= most:
        return words
    start = words[: most - 1]
    whole = start if words[most - 1].isspace() else start.rpartition(" ")[0]
    return (whole if len(whole) > most // 2 else start).rstrip(" ,;:.-(") + "…"


def _heading(blocks: Iterable[Block]) -> Block | None:
    """The first heading; but a lesser one only where nothing is said before it: else it is some section's."""
    said = False
    for block in blocks:
        if block.kind in HEADINGS and block.words:
            return block if block.kind == "h1" or not said else None
        said = said or block.is_prose
    return None


def _description(blocks: Iterable[Block]) -> str:
    """The first paragraph; what is quoted above only if a section follows before there is one."""
    quote = ""
    for block in blocks:
        if block.kind in HEADINGS and quote:
            break
        if block.kind == "paragraph" and block.is_prose:
            return block.words
        if block.kind == "quote" and block.is_prose and not block.words.startswith(ALERT):
            quote = quote or block.words
    return quote


def _without(text: str, blocks: Sequence[Block]) -> str:
    lines = text.split("\n")
    for block in reversed(blocks):
        lines[block.lines] = [""]
    return "\n".join(lines).strip("\n").rstrip()
