"""Links from page to page of a long list: newest, newer, older, oldest, always in this order, whatever there is.

A cursor is part of the address like everything else: `?older=…` is what comes before it in time, `?newer=…` after.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from eventstore.messages import BadInput

OLDER, NEWER = "older", "newer"

SIZE = 50
"""Lines of a page."""


class Step(NamedTuple):
    """A link, or, without an address, the place where it would be."""

    text: str
    url: str


def cursor(query: Any, name: str) -> str | None:
    """The cursor in a query string; None if there is none. Raises `BadInput` for several."""
    given: list[str] = query.getlist(name)
    if len(given) > 1 or (given and all(query.getlist(other) for other in (OLDER, NEWER))):
        raise BadInput({"page": ["can be older or newer than one place only"]})
    return given[0] if given else None


def steps(query: Mapping[str, Any], newer: Any, older: Any, oldest: Any) -> list[Step]:
    """The four links; `query` is what the pages have in common, the cursors are None where there is no page."""
    places = [
        ("⇤ Newest", None if newer is None else {}),
        ("← Newer", None if newer is None else {NEWER: newer}),
        ("Older →", None if older is None else {OLDER: older}),
        ("Oldest ⇥", None if older is None else {NEWER: oldest}),
    ]
    return [Step(text, "" if own is None else address({**query, **own})) for text, own in places]


def address(query: Mapping[str, Any]) -> str:
    """This page with another query string."""
    return f"?{urlencode(query, doseq=True)}"
