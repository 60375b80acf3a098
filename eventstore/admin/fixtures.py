"""Facts as a specification in Python: for each stream what was given, what was asked last, and what came of it.

The text is a test module in the words of `eventstore.testing`. The audit keeps of a command what its allow-list
names; the rest is taken from the facts that it led to, and what is in neither is marked.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields
from datetime import datetime
from itertools import islice
from typing import Any, get_type_hints
from uuid import UUID

import msgspec

from eventstore import log
from eventstore.codec import FutureEvent
from eventstore.database import rows
from eventstore.inspection.events import Line
from eventstore.inspection.privacy import private_in_context, private_in_fact
from eventstore.log import Fact
from eventstore.messages import COMMAND_TYPES, EVENT_TYPES

MOST_STREAMS, MOST_FACTS = 50, 500
"""Streams in a module, and facts of one of them."""

HEAD = '''"""What was recorded, as a specification{about}."""

from datetime import datetime
from uuid import UUID

{imports}
from eventstore.testing import given
'''


class Missing:
    """A value that is nowhere on record."""


class Fixtures:
    """A test module of the streams that some facts belong to, each from its beginning to the last of these facts."""

    def __init__(self, lines: Sequence[Line], *, cut: bool, personal: bool) -> None:
        last: dict[str, int] = {}
        for line in lines:
            last[line.stream] = max(line.version, last.get(line.stream, 0))
        self._streams = dict(islice(last.items(), MOST_STREAMS))
        self._cut = cut or len(last) > MOST_STREAMS
        self._personal = personal
        self._classes: set[type[Any]] = set()
        self._stand_ins: dict[str, Any] = {}

    def __iter__(self) -> Iterator[str]:
        tests = [
            self._test(nth, stream, version) for nth, (stream, version) in enumerate(self._streams.items(), 1)
        ]
        about = (
            "; personal data are replaced by stand-ins" * (not self._personal)
            + "; cut: there is more" * self._cut
        )
        modules = sorted({cls.__module__ for cls in self._classes})
        names = {
            module: sorted(cls.__name__ for cls in self._classes if cls.__module__ == module)
            for module in modules
        }
        imports = "\n".join(f"from {module} import {', '.join(names[module])}" for module in modules)
        yield HEAD.format(about=about, imports=imports)
        yield from tests

    def _test(self, nth: int, stream: str, version: int) -> str:
        facts = list(islice(log.read_stream(stream), min(version, MOST_FACTS)))
        title = f"\n\ndef test_{stream.partition('-')[0].replace('.', '_')}_{nth}():\n"
        if len(facts) < version:
            return f"{title}    ...  # {stream} is longer than {MOST_FACTS:,} facts\n"
        try:
            return title + self._body(stream, facts)
        except (FutureEvent, LookupError) as unable:
            return f"{title}    ...  # {stream}: {unable}\n"

    def _body(self, stream: str, facts: list[Fact]) -> str:
        command_id = facts[-1].command_id
        past = [self._event(fact) for fact in facts if fact.command_id != command_id]
        came = [self._event(fact) for fact in facts if fact.command_id == command_id]
        asked = self._command(
            command_id, stream, [fact.event for fact in facts if fact.command_id == command_id]
        )
        return f'    """{stream}"""\n    given({_listed(past)}).when({asked}).then({_listed(came)})\n'

    def _event(self, fact: Fact) -> str:
        event = fact.event
        said = {each.name: getattr(event, each.name) for each in fields(event)}
        hidden = frozenset() if self._personal else private_in_fact(fact.type, said)
        return self._call(type(event), said, hidden, fact.stream)

    def _command(self, command_id: UUID, stream: str, events: list[Any]) -> str:
        """The command as far as it is on record; LookupError for one that this code does not know."""
        name, payload = _recorded(command_id)
        cls = next((cls for cls, kind in COMMAND_TYPES.items() if kind.name == name), None)
        if cls is None:
            raise LookupError(f"no command is called {name}")
        hints = get_type_hints(cls)
        said = {each.name: _found(each, hints[each.name], payload, events) for each in fields(cls)}
        hidden = frozenset() if self._personal else private_in_context(name, said)
        return self._call(cls, said, hidden, stream)

    def _call(self, cls: type[Any], said: dict[str, Any], hidden: frozenset[str], stream: str) -> str:
        """An instance as it is written; what has its default is left out."""
        self._classes.add(cls)
        defaults = {each.name: each.default for each in fields(cls) if each.default is not MISSING}
        shown = {
            name: value for name, value in said.items() if name not in defaults or defaults[name] != value
        }
        values = (
            f"{name}={_literal(self._stand_in(value, stream) if name in hidden else value)}"
            for name, value in shown.items()
        )
        return f"{cls.__name__}({', '.join(values)})"

    def _stand_in(self, value: Any, stream: str) -> Any:
        """The same for the same value, whatever it was; the name of the stream is no secret."""
        if value is None or value is Missing or str(value) in stream:
            return value
        nth = len(self._stand_ins) + 1
        match value:
            case bool():
                return False
            case UUID():
                made: Any = UUID(int=nth)
            case str():
                made = f"hidden-{nth:04}@hidden.example" if "@" in value else f"hidden-{nth:04}"
            case tuple():
                return tuple(sorted((self._stand_in(part, stream) for part in value), key=str))
            case _:
                return type(value)()
        return self._stand_ins.setdefault(repr(value), made)


def _recorded(command_id: UUID) -> tuple[str, dict[str, Any]]:
    found = rows(b"SELECT name, payload::text FROM eventstore_command WHERE id = %s", (command_id,))
    if not found:
        raise LookupError("its command is not on record")
    [(name, payload)] = found
    return name, json.loads(payload)


def _found(field: Any, hint: Any, payload: dict[str, Any], events: list[Any]) -> Any:
    """A field of a command: as the audit has it, as a fact says it, as it is unless said; or nowhere."""
    if field.name in payload:
        return msgspec.convert(payload[field.name], hint, strict=False)
    for event in events:
        if type(event) in EVENT_TYPES and hasattr(event, field.name):
            return getattr(event, field.name)
    return Missing if field.default is MISSING else field.default


def _listed(calls: list[str]) -> str:
    return "".join(f"\n        {call}," for call in calls) + "\n    " * bool(calls)


def _literal(value: Any) -> str:
    match value:
        case UUID():
            return f'UUID("{value}")'
        case datetime():
            return f'datetime.fromisoformat("{value.isoformat()}")'
        case tuple():
            return f"({', '.join(map(_literal, value))}{',' * (len(value) == 1)})"
        case type():
            return "..."
        case _:
            return repr(value)
