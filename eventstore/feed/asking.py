"""What may be asked of the feed, and what is wrong with what was asked."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from eventstore.feed.public import PUBLIC
from eventstore.log import END
from eventstore.messages import BadInput

LIMIT, MOST = 100, 1000
DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)

Query = Mapping[str, list[str]]
"""The values that were given for each name."""


class Wanted(NamedTuple):
    """The facts of some types after a position, so many at a time."""

    after: int
    types: frozenset[str]
    limit: int


def wanted(query: Query, last_event_id: str = "") -> Wanted:
    """What is asked for; `last_event_id`, of who comes again, wins over `after`. Raises `BadInput`."""
    problems: dict[str, list[str]] = {}
    places = {"after": query.get("after", ["0"])}
    if last_event_id:
        places = {"Last-Event-ID": [last_event_id]}
    [after] = [_number(name, values, 0, problems) for name, values in places.items()]
    limit = _number("limit", query.get("limit", [str(LIMIT)]), 1, problems)
    types = _types(query.get("types"), problems)
    if problems:
        raise BadInput(problems)
    return Wanted(after, types, min(limit, MOST))


def _number(name: str, values: list[str], least: int, problems: dict[str, list[str]]) -> int:
    number = int(values[0]) if len(values) == 1 and DIGITS.fullmatch(values[0]) else -1
    if not least <= number <= END:
        problems[name] = [f"must be one whole number from {least} to {END}"]
    return number


def _types(values: list[str] | None, problems: dict[str, list[str]]) -> frozenset[str]:
    if values is None:
        return frozenset(PUBLIC)
    types = frozenset(values[0].split(","))
    if len(values) > 1 or not types <= PUBLIC.keys():
        problems["types"] = [f"must be a list of types with commas between them: {', '.join(sorted(PUBLIC))}"]
    return types
