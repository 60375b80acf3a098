"""No text takes long to render, 250 ms at most: what would be laborious is shown as it was typed."""

from random import Random

import pytest

from blog.rendering import rendered
from tests.blog.laborious import FULL, PIECES, SECONDS, anything, cost, filled, nearly_laborious, too_slow
from tests.blog.markup import elements

BOMBS = {
    "brackets": filled("["),
    "images": filled("!["),
    "closed brackets": filled("[]"),
    "links": filled("[a]("),
    "linked words": filled("[a](/b) "),
    "notes": filled("[^"),
    "inline notes": filled("^["),
    "notes and their texts": "".join(f"[^{nth}]\n\n[^{nth}]: a\n\n" for nth in range(5000))[:FULL],
    "notes of long names": "[^a]: x\n\n" + ("[^" + "a" * 14) * 2650 + "]",
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
    assert cost(bomb) < SECONDS
    assert len(rendered(bomb)) < 1_500_000


def test_what_is_just_not_too_laborious_is_rendered_in_time_too():
    """Every piece of Markdown, as often as a text may have it."""
    assert too_slow({piece: nearly_laborious(piece) for piece in PIECES}) == {}


FOUND = {
    "quotations that break off": ("", ">---\n|aa\n"),
    "quotations, code and notes": ("", ">``````\n> a\n[^a]: b\n"),
    "definitions and quotations": ("[a]: /" + "b" * 100 + "\n\n", "<a|\t[a]: b\n>---\n"),
    "notes that never end": ("[^a]: x\n\n", "[^...[^mailto:__\u2019<a@b.c>"),
    "inline notes that never end": ("", "http://a.b*\U0001f409\u0301\u00a0# ^["),
    "inline notes in lines": ("[a]: /bb\n\n", "<?  \n+-=\n<\x00--^["),
    "images that never end": ("> " * 17, "---\n+-&#x10ffff;!["),
    "dashes to be replaced": ("", "[---"),
    "escapes": ("", "\\---"),
    "colored braces": ("", "~~~c++\n" + "{{" * 240 + "\n~~~\n"),
    "a session": ("", "~~~console\n" + "a:" * 2200 + "\n~~~\n"),
}
"""What a search has found in earlier versions, which took up to 5.7 s: a beginning, and what is repeated after it."""


def test_what_was_found_once_is_not_slow_again():
    texts = {name: nearly_laborious(piece, head) for name, (head, piece) in FOUND.items()}
    assert too_slow(texts) == {}


def test_a_search_finds_nothing_that_is_slow(request):
    """Of a few dozen texts that are the same each time; with `--stress`, of thousands that never are."""
    stress = request.config.getoption("--stress")
    random = Random(None if stress else 7)
    texts = (anything(random) for _ in range(2_000 if stress else 60))
    assert too_slow({text[:200]: text for text in texts}) == {}


def test_the_limits_are_beyond_what_people_write():
    """A log of changes, in which every line has links, code and emphasis, is the busiest documentation there is."""
    commit = "https://conduit.example/jake/dragons/commit/0a1b2c3d4e5f6a7b8c9d"
    entry = f"* [[`0a1b2c3d4e`]({commit})] - **dragons**: find out how to train them (Jake Rider) [#{{}}]({commit})\n"
    changes = "".join(map(entry.format, range(FULL)))[:FULL]
    assert elements(rendered(changes), "a")
    assert elements(rendered("> somebody said\n> this\nand so on\n\n" * 900), "blockquote")


@pytest.mark.parametrize(
    "bomb", ["brackets", "lines", "tasks", "a long address named often", "quotations that break off"]
)
def test_what_would_be_laborious_is_shown_as_it_was_typed(bomb):
    text = BOMBS.get(bomb) or nearly_laborious(*FOUND[bomb][::-1])
    [block] = elements(rendered(text))
    assert (block.tag, block.text.strip()) == ("pre", text.strip())


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
