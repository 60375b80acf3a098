"""What rendering may cost. It is counted, never timed: a text is laborious everywhere and for ever, or nowhere."""

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_block import StateBlock, hr
from markdown_it.rules_inline import StateInline, escape
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_ref

MOST_LINES, MOST_MARKS = 4_000, 8_000
"""Of a text that is rendered; 64 KiB of the busiest documentation found have 2,700 and 6,900."""

MARK = re.compile(r"[][!*_`~<>&|\\\"']|[-+]\s|\d[.)]\s")

MOST_LOOKS = 10_000
"""How often the parser looks at a line, or at a mark within one: quotations that break off all the time are looked
at again from each of them on. The busiest documentation found has 8,200 looks."""

LONGEST_LABEL = 200
"""Of a footnote, whose end would else be looked for from every place that might begin one."""

MOST_LINKED = 300_000
"""The length of all addresses and titles of links, which `[a]` repeats once `[a]: …` has said them."""

MOST_ADDED_CELLS = 2_000
"""The cells that a table's short rows lack are added to it; five characters can ask for a thousand."""

MOST_CODE, CODE_AT_LEAST = 20_000_000, 1_000
"""Of code that is colored, by the square of each piece's length, since many lexers take as long as that."""

LANGUAGES = frozenset({
    "bash", "c", "c++", "console", "cpp", "css", "diff", "docker", "dockerfile", "elixir", "go", "golang",
    "haskell", "html", "html+django", "html+jinja", "ini", "javascript", "jinja", "js", "json", "jsx",
    "kotlin", "lua", "markdown", "md", "nginx", "php", "py", "pycon", "python", "r", "rb", "rs", "ruby",
    "rust", "scss", "sh", "shell", "sql", "swift", "toml", "ts", "tsx", "typescript", "xml", "yaml",
    "yml", "zsh",
})  # fmt: skip
"""Those whose lexers were measured; the others may take minutes for what nobody would write."""

DEAR = {"c": 2, "c++": 2, "console": 2, "cpp": 2}
"""The languages whose lexers take so many times as long as others for the same length."""


class Laborious(Exception):
    """A text that would take long to render."""


def check(body: str) -> None:
    """Raises `Laborious` for what can be told before anything is parsed."""
    if body.count("\n") > MOST_LINES or marks(body) > MOST_MARKS:
        raise Laborious


def marks(body: str) -> int:
    """How many marks a text has; a bracket that opens counts twice, since what would close it is looked for."""
    return sum(1 for _ in MARK.finditer(body)) + body.count("[")


def bounded(parser: MarkdownIt) -> MarkdownIt:
    """The parser, which raises `Laborious` when it would have to look too often."""
    tables: Any = import_module("markdown_it.rules_block.table")
    tables.MAX_AUTOCOMPLETED_CELLS = MOST_ADDED_CELLS
    ends = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.at("hr", _counted(hr), {"alt": ends})  # asked of every line, whatever it is in
    parser.inline.ruler.at("escape", _counted(escape))  # asked of every mark
    parser.inline.ruler.at("footnote_ref", _brief_label)
    return parser


def _counted(rule: Callable[..., bool]) -> Callable[..., bool]:
    def counted(state: StateBlock | StateInline, *where: Any) -> bool:
        state.env["looks"] = looks = state.env.get("looks", 0) + 1
        if looks > MOST_LOOKS:
            raise Laborious
        return rule(state, *where)

    return counted


def _brief_label(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as the parser calls it
    end = state.src.find("]", state.pos, state.pos + LONGEST_LABEL)
    return end >= 0 and footnote_ref(state, silent)


def check_links(tokens: list[Token]) -> None:
    """Raises `Laborious` if links say more than can be shown."""
    children = (child for token in tokens for child in token.children or ())
    if sum(len(str(said)) for child in children for said in child.attrs.values()) > MOST_LINKED:
        raise Laborious


def with_little_color(tokens: list[Token]) -> None:
    """Code is colored as long as that stays cheap; the rest is plain."""
    left = MOST_CODE
    for token, language in _pieces_of_code(tokens):
        left -= DEAR.get(language, 1) * len(token.content) * max(len(token.content), CODE_AT_LEAST)
        token.info = language if left >= 0 else ""


def _pieces_of_code(tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    """The blocks of code in languages that are known, and each one's language, by the renderer's own reading."""
    for token in tokens:
        language = "".join(unescapeAll(token.info).split()[:1]).lower()
        if token.type == "fence" and language in LANGUAGES:
            yield token, language
