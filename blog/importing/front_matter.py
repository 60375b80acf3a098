"""The lines between two rows of hyphens at the top of a file, as what they say about the article.

YAML is read as words, lists and mappings only: nothing in it is executed, guessed ("no" is a word, 1.10 a
version) or multiplied (an alias stays a reference).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from frontmatter.default_handlers import YAMLHandler
from yaml import BaseLoader, YAMLError

from blog.importing.reading import FRONT_MATTER, Unfit
from blog.wording import tidy

YAML = YAMLHandler()
TOML = re.compile(r"\+{3}\s*\n")
NOTHING = frozenset({"", "~", "null"})
YES, NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
BEFORE_AN_OFFSET = re.compile(r"\s+(?=[+-]\d)")
AHEAD = timedelta(hours=14)
"""How far the easternmost clock is ahead: a day that has begun somewhere is not in the future."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What an author wrote above a text; empty where nothing is said."""

    title: str = ""
    description: str = ""
    slug: str = ""
    tags: tuple[str, ...] = ()
    date: str = ""
    is_draft: bool = False


def parted(text: str) -> tuple[FrontMatter, str]:
    """A file's front matter, if it has any, and the Markdown below. Raises `Unfit`."""
    text = text.lstrip("\n")
    if TOML.match(text):
        raise Unfit("front matter in TOML (+++); only YAML (---) is understood")
    if not YAML.detect(text):
        return FrontMatter(), text
    try:
        head, body = YAML.split(text)
    except ValueError:
        return FrontMatter(), text
    said = _loaded(head)
    return (_understood(said), body) if said is not None else (FrontMatter(), text)


def _loaded(head: str) -> dict[str, Any] | None:
    """What the lines say by their keys; None if they are no front matter but prose between two rules."""
    if len(head) > FRONT_MATTER:
        raise Unfit(f"too much front matter (maximum is {FRONT_MATTER:,} characters)")
    try:
        said = YAML.load(head, Loader=BaseLoader)
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise Unfit(f"front matter that is not YAML ({_where(error)})") from None
    if not isinstance(said, dict):
        return None if said else {}
    return {key.strip().lower(): value for key, value in said.items() if isinstance(key, str)}


def _where(error: Exception) -> str:
    """The line, counted from the top of the file, and the parser's words; the first line of them will do."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    words = str(problem or error).partition("\n")[0]
    return f"line {mark.line + 1}: {words}" if mark else words


def _understood(said: Mapping[str, Any]) -> FrontMatter:
    return FrontMatter(
        title=_first(said, "title"),
        description=_first(said, "description", "summary", "subtitle", "excerpt"),
        slug=_first(said, "slug"),
        tags=tidy(tag for key in ("tags", "categories", "keywords") for tag in _tags(said, key)),
        date=_first(said, "date"),
        is_draft=_first(said, "draft").lower() in YES or _first(said, "published").lower() in NO,
    )


def _first(said: Mapping[str, Any], *keys: str) -> str:
    """The first of these keys that says something, on one line."""
    return next(filter(None, (_words(key, said.get(key, "")) for key in keys)), "")


def _words(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise Unfit(f"a {key} in the front matter that is not a text")
    return "" if value.strip().lower() in NOTHING else " ".join(value.split())


def _tags(said: Mapping[str, Any], key: str) -> Iterator[str]:
    """A list, or words between commas; a comma always parts two tags."""
    value = said.get(key, "")
    for item in value if isinstance(value, list) else [value]:
        yield from (tag.strip().lstrip("#") for tag in _words(key, item).split(","))


def moment(date: str, now: datetime) -> datetime | None:
    """When that was, in UTC unless it says otherwise; None if nothing is said. Raises `Unfit`."""
    if not date:
        return None
    try:
        at = datetime.fromisoformat(BEFORE_AN_OFFSET.sub("", date))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unfit(f"a date that is not understood ({date[:40]}); write 2019-02-11") from None
    if at - now > AHEAD:
        raise Unfit(f"a date in the future ({date})")
    return min(at, now)
