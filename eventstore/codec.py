"""Facts to bytes and back: stable names, schema numbers, upcasters.

What is stored is JSON with the fields that say something (None is left out); what is read is checked against
the event's class, after every older schema has been lifted to the present one.
"""

import re
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any

import msgspec

from eventstore.messages import COMMAND_TYPES, EVENT_NAMES, EVENT_TYPES, UPCASTERS, EventType

_encode = msgspec.json.Encoder().encode
_loads = msgspec.json.Decoder().decode

NOT_FOR_POSTGRES = re.compile("[\0\ud800-\udfff]")
ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class FutureEvent(Exception):
    """The log holds an event that this code is too old to read."""

    def __init__(self, name: str, schema: int) -> None:
        super().__init__(f"this code can't read {name} in schema {schema}; deploy the code that wrote it")


class Unstorable(ValueError):
    """A fact that would not come back from the log as it went in; nothing has been stored."""


def encode(event: object) -> tuple[str, int, str]:
    """A fact as (type, schema, JSON text). Raises `Unstorable` for one that could not be read again."""
    kind = EVENT_TYPES[type(event)]
    try:
        data = _encode(_as_said(event)).decode()
        same = decoder(kind.name, kind.schema)(data) == event
    except (ValueError, TypeError, OverflowError, msgspec.MsgspecError) as error:
        raise Unstorable(f"{kind.name} can't be stored: {error}") from error
    if not same:
        raise Unstorable(f"{kind.name} can't be stored: {event} would be read as something else")
    if "\\u0000" in data and ESCAPED_NUL.search(data):
        raise Unstorable(f"{kind.name} can't be stored: it contains U+0000")
    return kind.name, kind.schema, data


def _said(message: Any) -> dict[str, Any]:
    names = _names(message.__class__)
    return {name: value for name in names if (value := getattr(message, name)) is not None}


def _as_said(event: Any) -> Any:
    """The fact without what it leaves unsaid; most kinds of fact leave nothing unsaid."""
    return _said(event) if _may_be_silent(event.__class__) else event


@cache
def _may_be_silent(cls: type[Any]) -> bool:
    """Whether it has fields that may be left unsaid."""
    return any(field.default is None for field in fields(cls))


@cache
def _names(cls: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls))


def decode(name: str, schema: int, data: str | bytes) -> Any:
    """The fact that was stored; `FutureEvent` if its type or schema is not known here."""
    return decoder(name, schema)(data)


@cache
def decoder(name: str, schema: int) -> Callable[[str | bytes], Any]:
    """What turns stored JSON of one type and schema into a fact."""
    kind = EVENT_NAMES.get(name)
    if kind is None or schema > kind.schema:
        raise FutureEvent(name, schema)
    if schema == kind.schema:
        return msgspec.json.Decoder(kind.cls).decode
    return lambda data: msgspec.convert(lift(kind, schema, _loads(data)), kind.cls)


def lift(kind: EventType, schema: int, data: dict[str, Any]) -> dict[str, Any]:
    """Stored data of an older schema in the shape of the present one."""
    for step in range(schema, kind.schema):
        data = UPCASTERS[kind.name, step](data)
    return data


def payload(command: object) -> str:
    """What the audit may keep of a command: the fields on its allow-list, as JSON text."""
    allowed = COMMAND_TYPES[type(command)].audit
    return _in_any_case({name: value for name, value in _said(command).items() if name in allowed}).decode()


def wording(command: object) -> bytes:
    """The whole command as bytes, equal for equal commands; for digests, never stored."""
    return _in_any_case([COMMAND_TYPES[type(command)].name, _said(command)])


def _in_any_case(value: Any) -> bytes:
    """JSON of what has not passed the gate for texts yet: what PostgreSQL can't hold is replaced."""
    try:
        text = _encode(value)
    except UnicodeEncodeError:
        text = b"\\u0000"
    return text if b"\\u0000" not in text else _encode(_each_text(msgspec.to_builtins(value)))


def _each_text(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(str(name)): _each_text(part) for name, part in value.items()}
        case list() | tuple():
            return [_each_text(part) for part in value]
        case _:
            return value


def storable(text: str) -> str:
    """The text with every character that PostgreSQL can't hold replaced."""
    return NOT_FOR_POSTGRES.sub("\N{REPLACEMENT CHARACTER}", text)
