"""What decisions remember of a stream, at any of its versions, and how that differs between two of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from eventstore.admin import values
from eventstore.admin.records import Sight
from eventstore.codec import FutureEvent
from eventstore.decider import deciders
from eventstore.inspection import streams
from eventstore.inspection.privacy import private_in_context
from eventstore.inspection.streams import NoDecider
from eventstore.log import Fact


class State(NamedTuple):
    """A state's name and data at a version, and which of them are private; `trouble` says why it can't be told."""

    version: int
    name: str = ""
    data: dict[str, Any] = {}
    private: frozenset[str] = frozenset()
    recorded_at: datetime | None = None
    trouble: str = ""

    def tree(self, allowed: Sight) -> tuple[values.Node, ...]:
        return values.tree(self.data, frozenset() if allowed.personal else self.private, allowed.instead)


def along(past: Iterable[Fact], began_with: str, versions: Iterable[int]) -> dict[int, State]:
    """The states at these versions, from one reading of a stream that begins with a command of this name."""
    wanted = set(versions)
    decider = deciders.by_name().get(began_with)
    if decider is None:
        return {version: State(version, trouble=str(NoDecider())) for version in wanted}
    state, found = decider.initial, {}
    if 0 in wanted:
        found[0] = _state(0, state, began_with, None)
    try:
        for fact in past:
            state = decider.evolve(state, fact.event)
            if fact.version in wanted:
                found[fact.version] = _state(fact.version, state, began_with, fact.recorded_at)
    except FutureEvent as future:
        found |= {version: State(version, trouble=str(future)) for version in wanted - found.keys()}
    return found


def far_along(stream: str, versions: Iterable[int]) -> dict[int, State]:
    """The same for a stream of any length, read anew for each version."""
    found = {}
    for version in set(versions):
        try:
            folded = streams.at(stream, version)
            found[version] = State(version, folded.name, folded.data, folded.private, folded.recorded_at)
        except (NoDecider, FutureEvent) as unable:
            found[version] = State(version, trouble=str(unable))
    return found


def _state(version: int, state: Any, began_with: str, recorded_at: datetime | None) -> State:
    plain = msgspec.to_builtins(state, order="deterministic")
    data = plain if isinstance(plain, dict) else {"value": plain}
    return State(version, type(state).__name__, data, private_in_context(began_with, data), recorded_at)


class Change(NamedTuple):
    """A field that differs between two states, as it may be seen."""

    field: str
    before: str
    after: str


def changes(before: State, after: State, allowed: Sight) -> Sequence[Change]:
    """What differs, the kind of the state first."""
    found = [Change("state", before.name, after.name)] if before.name != after.name else []
    private = frozenset() if allowed.personal else before.private | after.private
    for name in sorted({*before.data, *after.data}):
        one, other = (state.data.get(name) for state in (before, after))
        if one != other:
            found.append(
                Change(name, allowed.instead, allowed.instead)
                if name in private
                else Change(name, values.cell(one), values.cell(other))
            )
    return found
