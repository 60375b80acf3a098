"""No text takes long to render: what would be laborious is shown as it was typed."""

from time import perf_counter

import pytest

from blog.rendering import MARK, MOST_LINES, MOST_MARKS, rendered
from tests.blog.markup import elements

FULL = 65_536
SECONDS = 2.0
"""Here it takes less than 0.3; a busy machine is given time."""


def filled(piece):
    return (piece * (FULL // len(piece) + 1))[:FULL]


BOMBS = {
    "brackets": filled("["),
    "images": filled("!["),
    "closed brackets": filled("[]"),
    "links": filled("[a]("),
    "linked words": filled("[a](/b) "),
    "notes": filled("[^"),
    "inline notes": filled("^["),
    "notes and their texts": "".join(f"[^{nth}]\n\n[^{nth}]: a\n\n" for nth in range(5000))[:FULL],
    "one note named everywhere": filled("[^a]")[:-20] + "\n\n[^a]: b",
    "a long address named everywhere": "[a]: /" + "b" * 30_000 + "\n\n" + "[a]" * 11_000,
    "a long address named often": "[a]: /" + "b" * 50_000 + "\n\n" + "[a]" * 3_000,
    "a long title named often": "[a]: /b '" + "c" * 50_000 + "'\n\n" + "[a]" * 3_000,
    "definitions": "".join(f"[a{nth}]: b\n" for nth in range(7000))[:FULL],
    "quotations": filled(">"),
    "quotations with spaces": filled("> "),
    "deep quotations of many lines": filled("> " * 20 + "a\n"),
    "lists in quotations": filled("> - "),
    "stars": filled("*"),
    "emphasis": filled("*a "),
    "emphasis within words": filled("a**b"),
    "underscores": filled("_a"),
    "mixed emphasis": filled("*_"),
    "tildes": filled("~~a "),
    "backticks": filled("`"),
    "backticks of every length": " ".join("`" * nth for nth in range(1, 360)),
    "lists in lists": "".join("  " * nth + "- a\n" for nth in range(250))[:FULL],
    "lists on one line": filled("- "),
    "items": filled("- a\n"),
    "numbered items": filled("1. a\n\n"),
    "tasks": filled("- [ ] a\n"),
    "changing lists": filled("- a\n* b\n"),
    "headings": filled("# a\n"),
    "underlined headings": filled("a\n=\n"),
    "rules": filled("---\n"),
    "a table of 5,000 columns": ("|a" * 5000 + "|\n" + "|-" * 5000 + "|\n" + "|a" * 9000)[:FULL],
    "a table with short rows": ("|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "a\n" * FULL)[:FULL],
    "a wide table with short rows": ("|" * 2000 + "\n" + "|-" * 2000 + "|\n" + "a\n" * 3900)[:FULL],
    "a long table": ("a|b\n-|-\n" + "x\n" * FULL)[:FULL],
    "tags": filled("<a "),
    "angles": filled("<"),
    "comments": filled("<!--"),
    "entities": filled("&"),
    "backslashes": filled("\\"),
    "quotes": filled("\"'"),
    "dots": filled("."),
    "dashes": filled("--  "),
    "exclamation marks": filled("!"),
    "lines": filled("a\n"),
    "spaces": "a" + " " * (FULL - 2) + "b",
    "tabs": filled("\t"),
    "one word": filled("a"),
    "emoji": filled("\N{DRAGON FACE}"),
    "many pieces of code": filled("```python\na\n```\n"),
    "code in many pieces": filled("```cpp\n" + "a(" * 248 + "\n```\n"),
} | {
    f"{language} of {piece!r}": f"```{language}\n{filled(piece)}"[:FULL]
    for language, piece in {
        "python": "(", "typescript": "a.", "console": "a:", "xml": "&", "html": "<", "ini": " :", "yaml": "`",
        "sql": "select (", "java": "a\n", "csharp": "a\n", "make": "1_", "terraform": "_", "rst": "`a ",
        "php": "<?php ", "md": "[a](",
    }.items()
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_no_text_takes_long_to_render_or_grows_without_measure(bomb):
    start = perf_counter()
    html = rendered.__wrapped__(bomb)
    assert perf_counter() - start < SECONDS
    assert len(html) < 1_500_000


def nearly_laborious(piece):
    """As many of these as are still rendered."""
    marks = len(MARK.findall(piece)) or 1
    return piece * min(MOST_MARKS // marks, MOST_LINES // (piece.count("\n") or 1), FULL // len(piece))


@pytest.mark.parametrize(
    "piece",
    [
        "![",
        "[^",
        "^[",
        "- [ ] `a`\n",
        "# [a\n",
        "> - " * 9 + "a\n",
        "- " * 9 + "a\n",
        "1. " * 9 + "a\n",
        "```py\na\n```\n",
        "|a|b|\n|-|-|\n",
        '"a ',
    ],
    ids=ascii,
)
def test_what_is_just_not_too_laborious_is_rendered_in_time_too(piece):
    text = nearly_laborious(piece)
    start = perf_counter()
    rendered.__wrapped__(text)
    assert perf_counter() - start < SECONDS


@pytest.mark.parametrize("bomb", ["brackets", "lines", "tasks", "a long address named often"])
def test_what_would_be_laborious_is_shown_as_it_was_typed(bomb):
    [block] = elements(rendered(BOMBS[bomb]))
    assert (block.tag, block.text.strip()) == ("pre", BOMBS[bomb].strip())


def test_a_long_article_is_rendered_however_long_it_is():
    paragraph = '*Dragons* aren\'t `tame`; see [below](#at-fire), [^1] or **run** -- "now".\n'
    article = "## Fire\n\n" + paragraph * 400 + "\n[^1]: note\n\n" + "\n\n".join(["word " * 50] * 130)
    assert len(article) > 60_000
    assert elements(rendered(article))[0].tag == "h2"


def test_long_code_is_shown_whole_if_not_in_color():
    code = "x = 1\n" * 3000
    short, long = (
        elements(rendered(f"```python\n{text}```"), "pre")[0] for text in (code[:4000] + "\n", code)
    )
    assert (short["class"], long["class"]) == ("highlight", None)
    assert long.text == code
