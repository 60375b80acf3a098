"""Facts to bytes and back: stable names, schema numbers, upcasters.

What is stored is JSON with the fields that say something (None is left out); what is read is checked against
the event's class, after every older schema has been lifted to the present one.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any

import msgspec

from eventstore.messages import COMMAND_TYPES, EVENT_NAMES, EVENT_TYPES, UPCASTERS, EventType

_encode = msgspec.json.Encoder().encode
_loads = msgspec.json.Decoder().decode


class FutureEvent(Exception):  # noqa: N818
    """The log holds an event that this code is too old to read."""

    def __init__(self, name: str, schema: int) -> None:
        super().__init__(f"this code can't read {name} in schema {schema}; deploy the code that wrote it")


def encode(event: object) -> tuple[str, int, str]:
    """A fact as (type, schema, JSON text)."""
    kind = EVENT_TYPES[type(event)]
    return kind.name, kind.schema, _encode(_said(event)).decode()


def _said(message: object) -> dict[str, Any]:
    values = ((name, getattr(message, name)) for name in _names(type(message)))
    return {name: value for name, value in values if value is not None}


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
    return _encode({name: value for name, value in _said(command).items() if name in allowed}).decode()


def wording(command: object) -> bytes:
    """The whole command as bytes, equal for equal commands; for digests, never stored."""
    return _encode([COMMAND_TYPES[type(command)].name, _said(command)])
