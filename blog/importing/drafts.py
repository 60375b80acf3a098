"""A file as the article that it would be. What it says in its front matter counts, then what can be seen."""

import re
from dataclasses import dataclass
from datetime import datetime

from blog.commands import MOST_TAGS, Body, Description, Tag, Title, TooManyTags
from blog.importing.files import MarkdownFile
from blog.importing.front_matter import FrontMatter, moment, parted
from blog.importing.outline import outline, shortened
from blog.importing.reading import Unfit, most, text_of
from blog.wording import slug_of, tidy

DATED = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:[-_ ]+|$)")
"""How many blogs name their files: 2019-02-11-two-cats.md."""

IMPERSONAL = frozenset({"readme", "index", "_index"})
"""Names that say nothing of the text, but stand for the folder."""


class Skipped(Exception):
    """Why a file is left out, though nothing is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    title: str
    description: str
    body: str
    tags: tuple[str, ...]
    slug: str
    written_at: datetime | None


def drafted(file: MarkdownFile, text: str, now: datetime) -> Draft:
    """What a file's text amounts to; raises `Unfit`, `Skipped` or `TooManyTags`."""
    said, markdown = parted(text)
    if said.is_draft:
        raise Skipped("a draft")
    seen = outline(markdown, said.title)
    title = shortened(seen.title or _readable(file), most(Title))
    return Draft(
        title=title,
        description=shortened(said.description, most(Description)) or seen.description or title,
        body=_fitting(seen.body),
        tags=_tags(said, file),
        slug=slug_of(said.slug or title),
        written_at=_written_at(said, file, now),
    )


def date_of(file: MarkdownFile, now: datetime) -> datetime:
    """What to sort a file by: what has no date is the newest. Whatever is wrong comes to light later."""
    try:
        return _written_at(parted(text_of(file.path))[0], file, now) or now
    except Unfit:
        return now


def _fitting(body: str) -> str:
    if not body.strip():
        raise Unfit("nothing below its title")
    if len(body) > most(Body):
        raise Unfit(f"too large ({len(body):,} characters; maximum is {most(Body):,})")
    return body


def _tags(said: FrontMatter, file: MarkdownFile) -> tuple[str, ...]:
    if len(said.tags) > MOST_TAGS:
        raise TooManyTags
    return said.tags or tidy([file.folder.replace(",", " ").replace("_", " ")[: most(Tag)]])


def _written_at(said: FrontMatter, file: MarkdownFile, now: datetime) -> datetime | None:
    if said.date:
        return moment(said.date, now)
    try:
        return moment(_date_in_name(file), now)
    except Unfit:
        return None


def _date_in_name(file: MarkdownFile) -> str:
    dated = DATED.match(file.path.stem)
    return dated[1] if dated else ""


def _readable(file: MarkdownFile) -> str:
    """A title from the name of a file, or of its folder where that says more."""
    stem = file.path.stem
    name = file.home if stem.lower() in IMPERSONAL else DATED.sub("", stem)
    words = " ".join(re.split(r"[-_\s]+", name)).strip() or stem
    return words.capitalize() if words.isupper() else words[:1].upper() + words[1:]
