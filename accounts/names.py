"""What may be a name: usernames and addresses."""

import re
import unicodedata
from collections.abc import Iterator

from eventstore.text import identity

SHORTEST, LONGEST = 2, 40
MARKS = frozenset("_-.")
UNSEEN = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters by Unicode's word, but nothing that could be seen."""

JAPANESE = frozenset({"CJK", "HIRAGANA", "IDEOGRAPHIC", "KATAKANA", "KATAKANA-HIRAGANA"})
"""Scripts that are written together."""

LIKE_LATIN = frozenset("асԁеһіјӏорԛѕԝхуѵАВСЕНІЈКМОРЅТХҮοινκρυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧօսհո")
"""Letters of other scripts that nobody can tell from Latin ones."""

RESERVED = frozenset({
    "about", "admin", "api", "article", "articles", "editor", "favorites", "feed", "help", "home",
    "login", "logout", "me", "new", "profile", "register", "root", "search", "settings", "static",
    "system", "tag", "tags", "user",
})  # fmt: skip
LONGEST_ADDRESS = 254
ADDRESS = re.compile(r'[^@\s<>()\[\]",;:\\]+@[^@\s<>()\[\]",;:\\]+\.[^@\s<>()\[\]",;:\\.]+')
"""Without the characters by which a header of a mail says more than one address, or another one."""

ENCODED = "=?"
"""Begins a word of such a header that stands for another."""

LONGEST_ENCODED = 45
"""Bytes beyond ASCII that such a word has room for."""


def email_key(email: str) -> str:
    return email.casefold()


class Username:
    """Letters and digits of one script, `_`, `-` and `.`; 2 to 40 of them; not a word that addresses use, nor one that
    could be taken for another."""

    def problems(self, value: str) -> Iterator[str]:
        if not value.strip():
            yield "can't be blank"
        elif not SHORTEST <= len(value) <= LONGEST:
            yield f"must have {SHORTEST} to {LONGEST} characters"
        elif identity(value) in RESERVED:
            yield "is reserved"
        else:
            yield from self._characters(value)

    def _characters(self, value: str) -> Iterator[str]:
        if not all(map(_may_stand, value)):
            yield "may have letters, digits, _, - and . only"
        elif not set(value) - MARKS:
            yield "must have a letter or a digit"
        elif len(_scripts(value)) > 1:
            yield "must be written in one script"
        elif _looks_latin(value):
            yield "looks like another name, in Latin letters"


class Address:
    """An email address by its outline: something, an @, a domain with a dot, no blanks; mail to it goes there, and
    nowhere else."""

    def problems(self, value: str) -> Iterator[str]:
        if not value.strip():
            yield "can't be blank"
        elif not ADDRESS.fullmatch(value) or not _takes_mail(value):
            yield "is not an email address"


def _takes_mail(address: str) -> bool:
    """Whether a mail can be sent to it, and to it alone once it is spelled as a header spells it."""
    if len(address) > LONGEST_ADDRESS:
        return True  # which is said already
    local, _, domain = address.partition("@")
    try:
        fits, spelled = local.isascii() or len(local.encode()) <= LONGEST_ENCODED, domain.encode("idna")
    except UnicodeError:
        return False
    return fits and ENCODED not in local and ADDRESS.fullmatch(f"x@{spelled.decode()}") is not None


def _may_stand(character: str) -> bool:
    return (character.isalnum() and character not in UNSEEN) or character in MARKS


def _looks_latin(value: str) -> bool:
    """Whether it could pass for a name in Latin letters, without having one."""
    letters = {character for character in value if character.isalpha()}
    return bool(letters) and letters <= LIKE_LATIN


def _scripts(value: str) -> set[str]:
    """The scripts of a name's letters, by the first word of their Unicode names: LATIN, CYRILLIC, CJK…"""
    letters = (character for character in unicodedata.normalize("NFKC", value) if character.isalpha())
    scripts = {unicodedata.name(letter, "UNKNOWN").split()[0] for letter in letters}
    return {"JAPANESE"} if scripts <= JAPANESE and scripts else scripts
