"""What outsiders may hear of: the types of fact that a context has listed, and of each the fields listed there.

Whatever is not on the list is private, a new type of fact and a new field as well.
"""

from dataclasses import fields
from datetime import UTC
from typing import Any, NamedTuple

import msgspec

from eventstore.codec import lift
from eventstore.log import Fact
from eventstore.messages import EVENT_NAMES, EVENT_TYPES

_encode = msgspec.json.Encoder().encode
_loads = msgspec.json.Decoder(dict[str, Any]).decode


class Publication(NamedTuple):
    """What may be said of a type of fact."""

    fields: frozenset[str]
    versions: bool


PUBLIC: dict[str, Publication] = {}


def tell(event: type[Any], said: str, *, versions: bool = True) -> None:
    """Makes the facts of this class public, as far as the fields named in `said`.

    Without `versions` for streams that hold private facts as well, which the numbers would count.
    """
    names = frozenset(said.split())
    if unknown := names - {field.name for field in fields(event)}:
        raise ValueError(f"{event.__name__} has no field {', '.join(sorted(unknown))} to tell")
    PUBLIC[EVENT_TYPES[event].name] = Publication(names, versions)


def readable(fact: Fact) -> bool:
    """Whether this code knows what the fact is, and so whether it may be told."""
    kind = EVENT_NAMES.get(fact.type)
    return kind is not None and fact.schema <= kind.schema


def worded(fact: Fact) -> bytes:
    """A public fact as JSON, in the present schema of its type, with nothing but what may be told."""
    kind, publication = EVENT_NAMES[fact.type], PUBLIC[fact.type]
    data = lift(kind, fact.schema, _loads(fact.data))
    return _encode(
        {
            "position": fact.position,
            "type": fact.type,
            "schema": kind.schema,
            "stream": fact.stream,
            "version": fact.version if publication.versions else None,
            "recordedAt": f"{fact.recorded_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "data": {name: value for name, value in data.items() if name in publication.fields},
        }
    )
