"""Many texts in one, so that a few pages show them all; what a field refuses is left out."""

from typing import get_args

from blog import effort
from blog.commands import Body
from eventstore.text import Text

RULE = "\n\n---\n\n"
"""Ends whatever a text of Markdown has begun, but a block of code."""


def accepted(texts, kind):
    """Those that a field of this kind takes, such as `Title`."""
    rules = [rule for rule in get_args(kind) if hasattr(rule, "problems")]
    return [text for text in texts if not any(list(rule.problems(text)) for rule in rules)]


def packed(texts, kind, between=" "):
    """The texts in as few of this kind as there is room for."""
    [most] = [rule.most for rule in get_args(kind) if isinstance(rule, Text)]
    return _packed(accepted(texts, kind), between, lambda pack: len(pack) <= most)


def bodies(texts):
    """The texts in as few as are no work to render."""
    return _packed(accepted(texts, Body), RULE, _is_easy)


def _is_easy(body):
    return len(body) < 30_000 and effort.marks(body) < effort.MOST_MARKS // 2


def _packed(texts, between, fits):
    packs = []
    for text in texts:
        if packs and fits(longer := f"{packs[-1]}{between}{text}"):
            packs[-1] = longer
        else:
            packs.append(text)
    return packs
