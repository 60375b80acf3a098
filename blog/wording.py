"""What becomes of words: slugs for addresses, tags in order. Pure, and the same for every door."""

import unicodedata
from collections.abc import Iterable
from uuid import UUID

SLUG_LENGTH = 80
RESERVED = frozenset({"feed", "new", "preview"})
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
    """Tags trimmed, each once, in alphabetical order."""
    return tuple(sorted({" ".join(tag.split()) for tag in tags} - {""}))
