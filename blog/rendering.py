"""Markdown to harmless HTML: markdown-it without raw HTML, then an allow-list. The same text gives the same
bytes, so what is rendered when a fact is projected never has to be rendered again. What would take long to
render is shown as it was typed.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from html import escape
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES

from blog import effort
from blog.effort import LANGUAGES as LANGUAGES
from blog.wording import slug_of

LOWEST_HEADING = 6
TASK = re.compile(r"\[([ xX])\]\s")

WORDS_A_MINUTE = 220
CHARACTERS_A_MINUTE = 500
"""For scripts that do not put spaces between words."""

UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
KEPT_IDS = re.compile(r"(at-\S+|fn(ref)?\d+(:\d+)?)")
KEPT_CLASSES = re.compile(r"highlight|footnote[\w-]*|contains-task-list|task-list-item(-checkbox)?")
COLORS_OF_CODE = frozenset(STANDARD_TYPES.values()) - {""}

PICTURE = re.compile(r"https://|(?![a-z][a-z0-9+.-]*:|[/\\]{2})", re.IGNORECASE)
"""What a page would load: nothing but what is here, or what nobody can read or change on its way."""

ATTRIBUTES: dict[str, set[str]] = {
    "*": {"id", "class"},
    "a": {"href", "title", "aria-label"},
    "img": {"src", "alt", "title", "loading", "referrerpolicy"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
    "input": {"type", "checked", "disabled", "aria-label"},
}
TAGS = {
    "a", "blockquote", "br", "code", "del", "div", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img",
    "input", "li", "ol", "p", "pre", "s", "section", "span", "strong", "sup", "table", "tbody", "td",
    "th", "thead", "tr", "ul",
}  # fmt: skip


COLORS = HtmlFormatter(nowrap=True)


def _highlighted(code: str, language: str, attributes: Any) -> str:
    if language.lower() not in LANGUAGES:
        return ""
    inner = highlight(code, _lexer(language.lower()), COLORS)
    return f'<pre class="highlight"><code>{inner}</code></pre>'


@cache
def _lexer(language: str) -> Any:
    """Made once: making one costs more than most code blocks."""
    return get_lexer_by_name(language)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": True, "highlight": _highlighted})
    parser.enable(["table", "strikethrough", "replacements", "smartquotes"])
    return effort.bounded(parser.use(footnote_plugin))


MARKDOWN = _parser()


@lru_cache(maxsize=64)
def rendered(body: str) -> str:
    """The HTML of an article's Markdown, safe to show as it is."""
    try:
        html = _rendered(body)
    except effort.Laborious:
        html = f"<pre>{escape(body, quote=False)}</pre>"
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow ugc noopener",
    ).strip()


def _rendered(body: str) -> str:
    effort.check(body)
    env: dict[str, Any] = {}
    tokens = MARKDOWN.parse(body, env)
    effort.check_links(tokens)
    effort.with_little_color(tokens)
    _with_anchors(tokens)
    _below_the_title(tokens)
    _with_boxes(tokens)
    for token in tokens:
        _without_styles(token)
        _with_patient_images(token)
        _with_inner_links(token)
    return str(MARKDOWN.renderer.render(tokens, MARKDOWN.options, env))


def _with_anchors(tokens: list[Token]) -> None:
    """Headings can be linked to, each by an id of its own."""
    used: dict[str, int] = {}
    for heading, words in pairwise(tokens):
        if heading.type == "heading_open" and (slug := slug_of(_plain(words))):
            heading.attrSet("id", f"at-{_unused(slug, used)}")


def _plain(words: Token) -> str:
    return "".join(child.content for child in words.children or () if child.type in {"text", "code_inline"})


def _unused(slug: str, used: dict[str, int]) -> str:
    name = slug
    while name in used:
        used[slug] += 1
        name = f"{slug}-{used[slug]}"
    used[name] = 0
    return name


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


def _with_patient_images(token: Token) -> None:
    """An image is loaded when it comes into view, and is not told from where."""
    for child in token.children or ():
        if child.type == "image":
            child.attrs |= {"loading": "lazy", "referrerpolicy": "no-referrer"}


def _with_inner_links(token: Token) -> None:
    """A link to a heading of the same text finds it by the heading's words, as everywhere."""
    for child in token.children or ():
        target = str(child.attrs.get("href", ""))
        if child.type == "link_open" and target.startswith("#") and not target.startswith("#at-"):
            child.attrSet("href", f"#at-{slug_of(unquote(target))}")


def _with_boxes(tokens: list[Token]) -> None:
    """An item that begins with `[ ]` or `[x]` is a task: its box shows, and says in words, how it stands."""
    for holder, item, words in _items(tokens):
        task = TASK.match(words.content)
        if task and words.children and words.children[0].type == "text":
            words.children[0].content = words.children[0].content[3:]
            words.children.insert(0, _box(done=task[1] != " "))
            item.attrSet("class", "task-list-item")
            holder.attrSet("class", "contains-task-list")


def _items(tokens: list[Token]) -> Iterator[tuple[Token, Token, Token]]:
    """The items that begin with a paragraph: the list, the item, the paragraph's words."""
    lists: list[Token] = []
    for nth, token in enumerate(tokens):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists.append(token)
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open" if tokens[nth + 1].type == "paragraph_open":
                yield lists[-1], token, tokens[nth + 2]


def _box(*, done: bool) -> Token:
    shown = 'aria-label="done" checked' if done else 'aria-label="to do"'
    box = f'<input type="checkbox" class="task-list-item-checkbox" disabled {shown}>'
    return Token("html_inline", "", 0, content=box)


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """Ids and classes of the renderer's own making stay: nobody's text can name a part of the page, or look like one."""
    match attribute:
        case "id":
            return value if KEPT_IDS.fullmatch(value) else None
        case "class":
            return " ".join(filter(_is_ours, value.split())) or None
        case "src":
            return value if PICTURE.match(value) else None
        case _:
            return value


def _is_ours(name: str) -> bool:
    return name in COLORS_OF_CODE or KEPT_CLASSES.fullmatch(name) is not None


def reading_minutes(body: str) -> int:
    """Whole minutes that a text takes to read, at least one."""
    spaced, unspaced = (body, 0) if body.isascii() else UNSPACED.subn(" ", body)
    words = len(spaced.split())
    return max(1, round(words / WORDS_A_MINUTE + unspaced / CHARACTERS_A_MINUTE))
