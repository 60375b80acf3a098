"""Facts as pages show them: a sentence of what may be shown, and who was behind it."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from eventstore import telling
from eventstore.admin import people
from eventstore.admin.records import Sight
from eventstore.codec import FutureEvent, decoder, lift
from eventstore.database import rows
from eventstore.inspection.privacy import masked, private_in_fact
from eventstore.log import Fact
from eventstore.messages import EVENT_NAMES


class Told(NamedTuple):
    """A fact with its sentence; the command behind it, and whose it was, are empty if there is no row of that."""

    fact: Fact
    words: str
    command: str
    actor_id: UUID | None
    actor: str


Behind = dict[UUID, tuple[str, UUID | None]]
"""The name of each command, and whose it was."""


def told(facts: Sequence[Fact], allowed: Sight, behind: Behind) -> list[Told]:
    """These facts in words. One statement, for all of them."""
    names = people.names(actor for _, actor in behind.values())
    return [_told(fact, allowed, behind, names) for fact in facts]


def _told(fact: Fact, allowed: Sight, behind: Behind, names: dict[UUID, str]) -> Told:
    command, actor = behind.get(fact.command_id, ("", None))
    name = names.get(actor, str(actor)) if actor else ""
    return Told(fact, telling.in_words(fact.type, shown(fact, allowed)), command, actor, name)


def behind(facts: Iterable[Fact]) -> Behind:
    """The commands behind these facts. One statement."""
    command_ids = {fact.command_id for fact in facts}
    found = rows(
        b"SELECT id, name, actor_id FROM eventstore_command WHERE id = ANY(%s::uuid[])",
        (list(command_ids),),
    )
    return {command_id: (name, actor) for command_id, name, actor in found}


def shown(fact: Fact, allowed: Sight) -> dict[str, Any] | None:
    """A fact's data in the present schema, as far as they may be seen; None if none may, or none can be read."""
    if not allowed.payloads:
        return None
    try:
        data = _as_read_today(fact)
    except FutureEvent:
        return None
    return data if allowed.personal else masked(data, private_in_fact(fact.type, data))


def _as_read_today(fact: Fact) -> dict[str, Any]:
    decoder(fact.type, fact.schema)
    return lift(EVENT_NAMES[fact.type], fact.schema, json.loads(fact.data))
