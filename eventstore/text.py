"""What may be typed: one gate for every text of every command, whichever door it came through.

A command annotates its texts (`title: Annotated[str, Text(200)]`); `check` finds what is wrong with one, and
forms ask the same rules before they make the command.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from typing import Any, Protocol, get_args, get_type_hints

from eventstore.messages import BadInput

NEVER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
LINE_BREAKS = re.compile("[\t\n\r\u2028\u2029]")


class Rule(Protocol):
    """Says what is wrong with a text, in words that follow the field's name: "can't be blank"."""

    def problems(self, value: str) -> Iterable[str]: ...


class Text:
    """A text of at most `most` characters; blank or of several lines only where that is said."""

    def __init__(self, most: int, *, blank: bool = False, lines: bool = False) -> None:
        self.most, self.blank, self.lines = most, blank, lines

    def problems(self, value: str) -> Iterator[str]:
        if not self.blank and not value.strip():
            yield "can't be blank"
        if len(value) > self.most:
            yield f"is too long (maximum is {self.most:,} characters)"
        if found := NEVER.search(value) or (not self.lines and LINE_BREAKS.search(value)):
            yield f"contains a character that can't be stored ({character_name(found[0])})"


def identity(name: str) -> str:
    """One key for every spelling of a name: compatibility forms and letter case make no difference."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def character_name(character: str) -> str:
    """A character as a person can look it up: U+202E RIGHT-TO-LEFT OVERRIDE."""
    name = unicodedata.name(
        character, "surrogate" if "\ud800" <= character <= "\udfff" else "control character"
    )
    return f"U+{ord(character):04X} {name}"


def check(command: Any) -> None:
    """Refuses a command with a text that breaks its rule, naming every field that does."""
    rules = _rules(type(command))  # type: ignore[arg-type]  # a class is hashable, whatever its instances are
    found = {name: list(_problems(its, getattr(command, name))) for name, its in rules}
    if problems := {name: texts for name, texts in found.items() if texts}:
        raise BadInput(problems)


def _problems(rules: tuple[Rule, ...], value: str | tuple[str, ...] | None) -> Iterator[str]:
    texts = () if value is None else (value,) if isinstance(value, str) else value
    for text in texts:
        for rule in rules:
            yield from rule.problems(text)


@cache
def _rules(command: type[Any]) -> tuple[tuple[str, tuple[Rule, ...]], ...]:
    hints = get_type_hints(command, include_extras=True)
    return tuple(
        (field.name, rules) for field in fields(command) if (rules := tuple(_found_in(hints[field.name])))
    )


def _found_in(hint: Any) -> Iterator[Rule]:
    """The rules in an annotation, through unions (`Title | None`) and tuples (`tuple[Tag, ...]`)."""
    yield from (extra for extra in getattr(hint, "__metadata__", ()) if hasattr(extra, "problems"))
    for part in get_args(hint):
        if part is not Ellipsis:
            yield from _found_in(part) if not hasattr(part, "problems") else ()
