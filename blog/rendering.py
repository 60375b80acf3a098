"""Markdown to harmless HTML: markdown-it without raw HTML, then an allow-list. The same text gives the same
bytes, so what is rendered when a fact is projected never has to be rendered again.
"""

import re
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from blog.wording import slug_of

LOWEST_HEADING = 6
WORDS_A_MINUTE = 220
CHARACTERS_A_MINUTE = 500
"""For scripts that do not put spaces between words."""

UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
KEPT_IDS = re.compile(r"(at-[\w-]+|fn(ref)?\d+(:\d+)?)")
KEPT_CLASSES = re.compile(
    r"(highlight|footnote[\w-]*|contains-task-list|task-list-item(-checkbox)?|[a-z]{1,3}\d?|header-anchor)"
)

ATTRIBUTES: dict[str, set[str]] = {
    "*": {"id", "class"},
    "a": {"href", "title", "aria-label"},
    "img": {"src", "alt", "title", "loading", "referrerpolicy"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
    "input": {"type", "checked", "disabled", "aria-label"},
}
TAGS = set(
    "a blockquote br code del div em h2 h3 h4 h5 h6 hr img input li ol p pre s section span strong sup table tbody td th"
    " thead tr ul".split()
)


def _highlighted(code: str, language: str, attributes: Any) -> str:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    inner = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="highlight"><code>{inner}</code></pre>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": True, "highlight": _highlighted})
    parser.enable(["table", "strikethrough", "replacements", "smartquotes"])
    parser.use(footnote_plugin).use(tasklists_plugin)
    parser.use(anchors_plugin, min_level=1, max_level=3, slug_func=lambda title: f"at-{slug_of(title)}")
    return parser


MARKDOWN = _parser()


@lru_cache(maxsize=512)
def rendered(body: str) -> str:
    """The HTML of an article's Markdown, safe to show as it is."""
    env: dict[str, Any] = {}
    tokens = MARKDOWN.parse(body, env)
    _below_the_title(tokens)
    for token in tokens:
        _without_styles(token)
        _with_named_boxes(token)
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, env)
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow ugc noopener",
    ).strip()


def _below_the_title(tokens: list[Token]) -> None:
    """The page has one h1, the title: a text that uses h1 has all its headings moved down by one."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    if any(token.tag == "h1" for token in headings):
        for token in headings:
            token.tag = f"h{min(int(token.tag[1]) + 1, LOWEST_HEADING)}"


def _without_styles(token: Token) -> None:
    """A table's column is aligned by an attribute: the pages allow no inline styles."""
    if style := token.attrs.pop("style", None):
        token.attrSet("align", str(style).rpartition(":")[2])


def _with_named_boxes(token: Token) -> None:
    """A task's box says in words what it shows."""
    for child in token.children or ():
        if child.type == "html_inline" and "checkbox" in child.content:
            done = "done" if "checked" in child.content else "to do"
            child.content = child.content.replace("<input ", f'<input aria-label="{done}" ')


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """Ids and classes of the renderer's own making stay; nobody's text can name a part of the page."""
    match attribute:
        case "id":
            return value if KEPT_IDS.fullmatch(value) else None
        case "class":
            return " ".join(name for name in value.split() if KEPT_CLASSES.fullmatch(name)) or None
        case _:
            return value


def reading_minutes(body: str) -> int:
    """Whole minutes that a text takes to read, at least one."""
    unspaced = len(UNSPACED.findall(body))
    words = len(UNSPACED.sub(" ", body).split())
    return max(1, round(words / WORDS_A_MINUTE + unspaced / CHARACTERS_A_MINUTE))
