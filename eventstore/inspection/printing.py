"""What is found in the log as text: columns for a terminal, plain data for JSON. What is private says so."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from eventstore import telling
from eventstore.codec import FutureEvent
from eventstore.inspection.causes import CommandNode, Tree
from eventstore.inspection.commands import Attempt
from eventstore.inspection.events import Line, Seen
from eventstore.inspection.privacy import HIDDEN, masked, private_in_fact
from eventstore.inspection.streams import Difference, Folded
from eventstore.log import Fact

HEAD = ("position", "recorded at", "type", "stream", "version", "actor", "command")
LIFE = ("version", "position", "recorded at", "type", "what")
Data = dict[str, Any]


def plain(named: NamedTuple) -> Data:
    """A named tuple as JSON has it: times in ISO 8601, ids as text."""
    return msgspec.to_builtins(named._asdict(), order="deterministic")  # type: ignore[no-any-return]


def cells(line: Line) -> tuple[Any, ...]:
    """A fact under `HEAD`. A position is a name here, not a number to be read with commas."""
    who = str(line.actor_id or "-")
    return (
        str(line.position),
        when(line.recorded_at),
        line.type,
        line.stream,
        str(line.version),
        who,
        line.command_name,
    )


def when(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S.%f}" if time else "-"


class Eyes:
    """Whether what is personal may be seen; and what has been hidden, to be told in the end."""

    def __init__(self, *, personal: bool) -> None:
        self.personal = personal
        self.hidden: set[str] = set()

    def see(self, data: Data, private: frozenset[str]) -> Data:
        if self.personal:
            return data
        self.hidden |= private & data.keys()
        return masked(data, private)

    def attempt(self, attempt: Attempt) -> Data:
        """The address is personal."""
        return self.see(plain(attempt), frozenset({"address"} if attempt.address else ()))

    def fact(self, fact: Fact) -> Data:
        """A fact of a stream's life."""
        data = msgspec.json.decode(fact.data)
        told = {**fact._asdict(), "data": self.see(data, private_in_fact(fact.type, data))}
        return msgspec.to_builtins(told)  # type: ignore[no-any-return]

    def life(self, fact: Fact) -> tuple[Any, ...]:
        """The same under `LIFE`, in words."""
        try:
            event = msgspec.to_builtins(fact.event)
        except (FutureEvent, msgspec.MsgspecError):
            words = telling.in_words(fact.type)
        else:
            words = telling.in_words(fact.type, self.see(event, private_in_fact(fact.type, event)))
        return str(fact.version), str(fact.position), when(fact.recorded_at), fact.type, words

    def seen(self, seen: Seen) -> Data:
        """A fact with all that belongs to it."""
        upcast = None if seen.upcast is None else self.see(seen.upcast, seen.private)
        around = {"schema": seen.schema, "present_schema": seen.present, "trouble": seen.trouble}
        return {
            **plain(seen.line),
            **around,
            "data": self.see(seen.stored, seen.private),
            "upcast": upcast,
            "command": self.attempt(seen.command) if seen.command else None,
            "cause": plain(seen.cause) if seen.cause else None,
            "caused": [self.attempt(attempt) for attempt in seen.caused],
            "previous": seen.previous,
            "next": seen.next,
        }

    def folded(self, folded: Folded) -> Data:
        """A state, and where it stands."""
        where = {"stream": folded.stream, "version": folded.version, "position": folded.position}
        at = folded.recorded_at and folded.recorded_at.isoformat()
        return {
            **where,
            "recorded_at": at,
            "state": folded.name,
            "data": self.see(folded.data, folded.private),
        }

    def difference(self, found: Difference) -> list[Data]:
        return [
            {"field": name, "before": HIDDEN, "after": HIDDEN}
            if self._hides(name, found.private)
            else change._asdict()
            for change in found.changes
            for name in [change.field]
        ]

    def _hides(self, name: str, private: frozenset[str]) -> bool:
        if self.personal or name not in private:
            return False
        self.hidden.add(name)
        return True


def branches(tree: Tree) -> Iterator[str]:
    """A tree of causes, line by line."""
    for root in tree.roots:
        yield from _branch(root, 0)
    cut = f"; there are more than {tree.count:,}" if tree.cut else ""
    yield f"{tree.count:,} in {_lasting(tree.lasted)}{cut}"


def _branch(node: CommandNode, depth: int) -> Iterator[str]:
    attempt, indent = node.attempt, "    " * depth
    took = _lasting(timedelta(microseconds=attempt.duration_us))
    why = f" ({attempt.reason})" if attempt.reason else ""
    waited = f"after {_lasting(node.waited)}, " if node.waited else ""
    again = f", {attempt.retries} retr{'y' if attempt.retries == 1 else 'ies'}" if attempt.retries else ""
    yield f"{indent}{attempt.name} {attempt.outcome}{why}  {waited}took {took}{again}  {attempt.id}"
    for fact in node.facts:
        line = fact.line
        yield f"{indent}  {line.position} {line.type}  {line.stream} {line.version}"
        for reaction in fact.led_to:
            yield from _branch(reaction, depth + 1)


def _lasting(time: timedelta) -> str:
    ms = time / timedelta(milliseconds=1)
    return f"{ms:,.1f} ms" if ms < 1000 else f"{ms / 1000:,.1f} s"  # noqa: PLR2004 - of a second


def grown(tree: Tree, eyes: Eyes) -> Data:
    """A tree of causes as nested data."""
    told = {"correlation_id": str(tree.correlation_id), "count": tree.count, "cut": tree.cut}
    return {
        **told,
        "lasted_s": tree.lasted.total_seconds(),
        "commands": [_node(root, eyes) for root in tree.roots],
    }


def _node(node: CommandNode, eyes: Eyes) -> Data:
    facts = [
        {**plain(fact.line), "led_to": [_node(reaction, eyes) for reaction in fact.led_to]}
        for fact in node.facts
    ]
    return {**eyes.attempt(node.attempt), "waited_s": node.waited.total_seconds(), "facts": facts}


def pretty(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, default=str)
