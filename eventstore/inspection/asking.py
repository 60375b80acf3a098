"""Reading what was asked for: texts from a query string or a command line, as what they mean.

Whatever can't be meant has its words; all of them are told at once.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from eventstore.log import END
from eventstore.messages import BadInput
from eventstore.text import Text

T = TypeVar("T")

NAME = Text(300)
POSITION = re.compile("[0-9]{1,19}")
AGO = re.compile("(?P<number>[0-9]{1,6})(?P<unit>[smhdw])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Query:
    """A query string, or any mapping to texts or lists of texts, read name by name."""

    def __init__(self, query: Mapping[str, Any]) -> None:
        self._query = query
        self._problems: dict[str, list[str]] = {}

    def finish(self) -> None:
        """Raises `BadInput` if anything could not be meant."""
        if self._problems:
            raise BadInput(self._problems)

    def texts(self, name: str) -> tuple[str, ...]:
        """Every text given under a name, once each, in order."""
        given = (text.strip() for text in _listed(self._query, name))
        texts = tuple(dict.fromkeys(filter(None, given)))
        problems = [problem for text in texts for problem in NAME.problems(text)]
        if problems:
            self._problems[name] = problems
        return () if problems else texts

    def text(self, name: str, choices: Iterable[str] = ()) -> str:
        """The one text given under a name; one of the choices, if there are any."""
        texts = self.texts(name)
        if len(texts) > 1:
            self._problems[name] = ["is given more than once"]
            return ""
        if texts and choices and texts[0] not in choices:
            self._problems[name] = [f"is none of {', '.join(choices)}"]
        return texts[0] if texts else ""

    def uuid(self, name: str) -> UUID | None:
        return self._read(name, UUID, "is no id: 32 hexadecimal digits, with or without hyphens")

    def position(self, name: str) -> int | None:
        return self._read(name, position, "is no position: a whole number")

    def time(self, name: str) -> datetime | None:
        return self._read(
            name, moment, "is no time: 2026-11-23, 2026-11-23 14:05, or 15m, 2h, 3d for so long ago"
        )

    def _read(self, name: str, meaning: Callable[[str], T], otherwise: str) -> T | None:
        text = self.text(name)
        try:
            return meaning(text) if text else None
        except (ValueError, OverflowError):
            self._problems[name] = [otherwise]
            return None


def position(text: str) -> int:
    """A position of the log, in plain digits. Raises `ValueError`."""
    if not POSITION.fullmatch(text) or int(text) > END:
        raise ValueError(text)
    return int(text)


def moment(text: str) -> datetime:
    """A time in UTC: ISO 8601, which is UTC unless it says otherwise, or a time ago (15m, 2h, 3d).

    Raises `ValueError` or `OverflowError`.
    """
    if ago := AGO.fullmatch(text):
        return timezone.now() - timedelta(**{UNITS[ago["unit"]]: int(ago["number"])})
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _listed(query: Mapping[str, Any], name: str) -> list[str]:
    getlist = getattr(query, "getlist", None)
    given = getlist(name) if getlist else query.get(name)
    return [given] if isinstance(given, str) else list(map(str, given or ()))
