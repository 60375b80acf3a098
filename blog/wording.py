"""What becomes of words: slugs for addresses, tags in order. Pure, and the same for every door."""

import unicodedata
from collections.abc import Iterable
from uuid import UUID

SLUG_LENGTH = 80
RESERVED = frozenset({"feed", "new", "preview"})
CONTROLS = frozenset("\x0b\x0c\x1c\x1d\x1e\x1f\x85")
"""What Python takes for blanks, but nobody types."""

APOSTROPHES = str.maketrans("", "", "'\N{RIGHT SINGLE QUOTATION MARK}")


def slug_of(title: str) -> str:
    """The address that a title makes: its letters and digits, in any script, with hyphens; may be empty."""
    plain = unicodedata.normalize("NFKC", title.translate(APOSTROPHES)).casefold()
    spaced = "".join(character if _is_of_a_word(character) else " " for character in plain)
    slug = "-".join(word for word in spaced.split() if any(map(str.isalnum, word)))
    return slug if len(slug) <= SLUG_LENGTH else slug[:SLUG_LENGTH].rpartition("-")[0] or slug[:SLUG_LENGTH]


def _is_of_a_word(character: str) -> bool:
    """Letters and numbers, and the marks that many scripts write on them."""
    return unicodedata.category(character)[0] in "LMN"


def needs_suffix(slug: str) -> bool:
    """Whether a slug can't stand alone: nothing is left of the title, or the address means something else."""
    return not slug or slug in RESERVED


def with_suffix(slug: str, article_id: UUID) -> str:
    """The slug with the end of the article's id, which no other article has."""
    return "-".join(filter(None, (slug, article_id.hex[-8:])))


def tidy(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags trimmed, each once, in alphabetical order. What is no blank but a control character stays, to be refused."""
    return tuple(sorted({_tidy(tag) for tag in tags} - {""}))


def _tidy(tag: str) -> str:
    spaced = "".join(" " if _is_blank(character) else character for character in tag)
    return " ".join(filter(None, spaced.split(" ")))


def _is_blank(character: str) -> bool:
    return character.isspace() and character not in CONTROLS
