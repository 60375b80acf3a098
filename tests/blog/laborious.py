"""Texts that are as much work as a text may be: pieces of Markdown, together, again and again, up to every limit."""

from time import process_time

from blog import effort
from blog.rendering import rendered

FULL = 65_536
SECONDS = 0.25
"""What a text may take to render."""

PIECES = [
    *("a", " ", "  ", "    ", "\n", "\n\n", "\t", "\\", "\\\n", "  \n", "\r\n", "\n\n    ", "a\n", "    a\n"),
    *("*", "**", "_", "__", "~~", "`", "``", "```\n", "~~~\n", "```py\n", "```c\n{{\n```\n"),
    *("[", "]", "![", "](", "(", ")", "](/b)", "[]", "[a]", "[a]: b\n", "]: ", "[a](<", "[a](/b 'c", "'c')"),
    *("[^", "[^a]", "[^a]: b\n", "^[", "[^...[^"),
    *("<", "<a", "<a ", "<!--", "<?", "<b>", "</b>", "<b\n", "<http://a>", "<a@b.c>", "http://a.b", "://"),
    *(
        ">",
        "> ",
        "> a\n",
        ">---\n",
        "- ",
        "1. ",
        "1) ",
        "+ ",
        "* ",
        "- [ ] ",
        "- a\n",
        "  - a\n",
        "- [x] `a`",
    ),
    *("# ", "=\n", "-\n", "---\n", "***\n", "|", "|-", "|a", "|aa\n", "\n|-|-|\n", "0", "9."),
    *("&", "&amp;", "&lt;", "&#1;", "&#x10ffff;", '"', "'", '"\n', "'\n", "\u2019"),
    *("...", "--", "---", "(c)", "(tm)", "+-", "!", "!!", "?", "%41", "@", "#"),
    *("\u00e9", "\u0301", "\u5b57", "\U0001f409", "\u00a0", "\u200d", "\u0644"),
]
HEADS = [
    *("", "", "", "> " * 7, "> " * 19, "- " * 5, "- " * 19, "[^a]: x\n\n", "```html\n", "a[^b]\n\n[^b]: "),
    *("[a]: /" + "b" * 999 + "\n\n", "|" * 100 + "\n" + "|-" * 100 + "|\n", "> - 1. "),
    "~~~~~c\n{{{{{{{{\n~~~~~\n" * 80,
]
TAILS = ["", "", "", "]", "](b)", ")", ">", "`", "```", "**", '"', "\n\n[a]: b", "\n\n[^a]: b"]


def filled(piece, head=""):
    """As many of these as there is room for."""
    return (head + piece * (FULL // len(piece) + 1))[:FULL]


def nearly_laborious(piece, head=""):
    """As many of these as are still rendered."""
    marks = effort.marks(piece * 9) / 9 + 1e-9
    lines = piece.count("\n") + 1e-9
    marks_left = effort.MOST_MARKS - effort.marks(head) - 30
    lines_left = effort.MOST_LINES - head.count("\n") - 3
    most = min(marks_left / marks, lines_left / lines, (FULL - len(head)) / len(piece))
    return head + piece * int(most)


def anything(random):
    """A text like these that nobody has thought of."""
    piece = "".join(random.choices(PIECES, k=random.randint(2, 8)))
    return (nearly_laborious(piece, random.choice(HEADS)) + random.choice(TAILS))[:FULL]


def cost(text):
    """The seconds of work that a text is: the least of three times, since others work here too."""
    least = _once(text)
    for _ in range(2):
        least = least if least < SECONDS else min(least, _once(text))
    return least


def _once(text):
    began = process_time()
    rendered.__wrapped__(text)
    return process_time() - began


def too_slow(texts):
    """Those of these texts by name that take too long, and what they take."""
    costs = {name: cost(text) for name, text in texts.items()}
    return {name: round(seconds, 3) for name, seconds in costs.items() if seconds >= SECONDS}
