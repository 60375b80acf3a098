"""Numbered pages of articles: which numbers to show, and where they lead."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.http import QueryDict

from blog.models import Article

SIZE = 10
FARTHEST = 10_000
"""The last page that anybody may ask for: an offset beyond it would be read through for nothing."""


class Link(NamedTuple):
    """A page's number and address."""

    number: int
    href: str
    current: bool


class Page(NamedTuple):
    """Ten articles of a list, and the way to the others."""

    articles: Sequence[Article]
    number: int
    links: list[Link | None]


def number(asked: str | None) -> int:
    """The page that is asked for; whatever is no page is the first, whatever is too far is the farthest."""
    if asked is None or not (asked.isascii() and asked.isdigit()):
        return 1
    return min(max(int(asked[:9]), 1), FARTHEST)


def part(number: int) -> slice:
    """The articles of a page, in the list of all."""
    return slice((number - 1) * SIZE, number * SIZE)


def links(path: str, query: QueryDict, current: int, total: int) -> list[Link | None]:
    """Links to the first, the last and the pages around this one, None for a gap; none if one page suffices."""
    last = min(max(-(-total // SIZE), 1), FARTHEST)
    if last == 1 and current == 1:
        return []
    return [
        None if n is None else Link(n, _href(path, query, n), current=n == current)
        for n in _numbers(current, last)
    ]


def _numbers(current: int, last: int) -> Iterator[int | None]:
    shown = sorted(n for n in {1, last, *range(current - 2, current + 3)} if 1 <= n <= last)
    before = 0
    for n in shown:
        if n > before + 1:
            yield None
        yield n
        before = n


def _href(path: str, query: QueryDict, n: int) -> str:
    """The feed comes before the page, and the first page has no number."""
    rest = query.copy()
    rest.pop("page", None)
    if n > 1:
        rest["page"] = str(n)
    return f"{path}?{rest.urlencode()}" if rest else path
