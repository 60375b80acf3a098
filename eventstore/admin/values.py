"""Data as people read it: a tree of names and values, in which what is hidden says that it is."""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from eventstore.inspection.privacy import masked

HIDDEN = "hidden: needs the permission to see personal data"

LONG = 120
"""Characters of a text that is folded away."""

Data = dict[str, Any]


class Node(NamedTuple):
    """A value with its name: its text, or what it is made of."""

    name: str
    kind: str
    text: str
    children: "tuple[Node, ...]" = ()


def tree(data: Data, private: frozenset[str], instead: str) -> tuple[Node, ...]:
    """The data as nodes, with a word instead of what is private."""
    return tuple(
        Node(name, "hidden", instead) if name in private else _node(name, value)
        for name, value in data.items()
    )


def raw(data: Data, private: frozenset[str]) -> str:
    """The data as JSON for people, with nothing of what is private."""
    return json.dumps(masked(data, private), indent=2, ensure_ascii=False, default=str)


def cell(value: Any) -> str:
    """A value on one line."""
    return value if isinstance(value, str) else _text(value)


def _node(name: str, value: Any) -> Node:
    match value:
        case dict() if value:
            return Node(name, "object", "", tuple(_node(str(key), part) for key, part in value.items()))
        case list() | tuple() if value:
            return Node(name, "list", "", tuple(_node(str(nth), part) for nth, part in enumerate(value)))
        case str():
            return Node(name, "long" if len(value) > LONG or "\n" in value else "text", value)
        case _:
            return Node(name, "other", _text(value))


def _text(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S} UTC"
        case list() | tuple() | dict() | set() | frozenset():
            return (
                ", ".join(sorted(map(str, value)) if isinstance(value, set | frozenset) else map(str, value))
                or "none"
            )
        case _:
            return str(value)


def lasting(time: timedelta) -> str:
    """A duration in the unit that suits it: "0.4 ms", "12 ms", "3.2 s", "5 min", "2 h", "3 days"."""
    seconds = time.total_seconds()
    for most, unit, name in (
        (0.01, 0.001, ".1f ms"),
        (1, 0.001, ".0f ms"),
        (60, 1, ".1f s"),
        (5400, 60, ".0f min"),
    ):
        if seconds < most:
            spec, _, word = name.partition(" ")
            return f"{seconds / unit:{spec}} {word}"
    return f"{seconds / 3600:.0f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"
