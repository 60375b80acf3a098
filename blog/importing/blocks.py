"""The blocks of a Markdown text at its left margin, and what a reader sees of each.

Finding them is quick; their words are looked at only when somebody asks.
"""

import html
import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

ENOUGH = 10_000
"""Characters of a block that are looked at; so many that a row of badges has its end among them."""

HTML_HEADING = re.compile(r"<h([1-6])\b[^<>]*>(.*?)</h\1\s*>", re.DOTALL | re.IGNORECASE)
HTML_TAG = re.compile(r"<[^<>]{0,1000}>")
ADDRESS = re.compile(r"https?://\S+")
FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,40}\]")

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
PARSER.core.ruler.enableOnly(["normalize", "block"])

END = Token("end", "", 0)
Links = MutableMapping[str, Any]
"""The link definitions of a text."""


@dataclass(frozen=True)
class Block:
    """One block: h1, heading (a lesser one), paragraph, quote, comment, html, hr or other."""

    kind: str
    lines: slice
    content: str
    links: Links | None
    """None: the content is not Markdown but HTML."""

    @property
    def words(self) -> str:
        return self._seen[0]

    @property
    def is_prose(self) -> bool:
        """Whether there is more to it than links and pictures."""
        return self._seen[1]

    @cached_property
    def _seen(self) -> tuple[str, bool]:
        if self.kind in {"comment", "hr", "other"}:
            return "", self.kind == "other"
        if self.links is not None:
            return _plain(self.content, self.links)
        words = _tidy(html.unescape(HTML_TAG.sub(" ", self.content)))
        return words, _says_something(words)


def blocks_of(text: str) -> Iterator[Block]:
    """The blocks of a text, in order; lists, tables and code are only known to be there."""
    links: Links = {}
    for token, inner in pairwise([*PARSER.parse(text, links), END]):
        if token.map is None:
            continue
        lines = slice(*token.map)
        if token.type == "html_block" and not token.level:
            yield _marked_up(token.content.strip(), lines)
        elif kind := _kind(token):
            yield Block(kind, lines, inner.content, links)


def _kind(token: Token) -> str:
    """The kind of block that a token opens; empty if it is within another block."""
    match token.type, token.level:
        case "paragraph_open", 1:
            return "quote"
        case "paragraph_open", 0:
            return "paragraph"
        case "heading_open", 0:
            return "h1" if token.tag == "h1" else "heading"
        case "hr", 0:
            return "hr"
        case _, level:
            return "" if level else "other"


def _marked_up(content: str, lines: slice) -> Block:
    """A comment, a heading in tags, or whatever else somebody has marked up by hand."""
    if content.startswith("<!--") and content.endswith("-->") and content.count("-->") == 1:
        return Block("comment", lines, "", None)
    content = content[:ENOUGH]
    if heading := HTML_HEADING.fullmatch(content):
        return Block("h1" if heading[1] == "1" else "heading", lines, heading[2], None)
    return Block("html", lines, content, None)


def _plain(markdown: str, links: Links) -> tuple[str, bool]:
    """The words of a line of Markdown, and whether any of them is outside of links and pictures."""
    children: list[Token] = []
    PARSER.inline.parse(markdown[:ENOUGH], PARSER, links, children)
    words, outside, pictures, depth = "", "", "", 0
    for child in children:
        depth += _opens_link(child)
        if child.type == "image":
            pictures += f" {child.content}"
        else:
            said = _said(child)
            words += said
            outside += "" if depth else said
    return _tidy(FOOTNOTE.sub("", words)) or _tidy(pictures), _says_something(outside)


def _said(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    return token.content if token.type in {"text", "text_special", "code_inline"} else ""


def _opens_link(token: Token) -> int:
    """1 where a link begins, -1 where one ends."""
    if token.type == "html_inline":
        tag = token.content.lower()
        return tag.startswith(("<a ", "<a>")) - tag.startswith("</a")
    return (token.type == "link_open") - (token.type == "link_close")


def _tidy(words: str) -> str:
    return " ".join(words.split())


def _says_something(words: str) -> bool:
    return any(map(str.isalnum, ADDRESS.sub("", words)))
