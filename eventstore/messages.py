"""The words of the language: events (facts), commands (requests), states, and refusals.

Contexts declare theirs with these decorators and nothing else; a fact's stored name is on record beside it
and outlives any renaming of its class.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of fact: its stored name, the schema written today, and the class that it decodes to."""

    name: str
    schema: int
    cls: type[Any]

    @property
    def context(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class CommandType:
    """A kind of request: its name in the audit, and the fields that may be written there."""

    name: str
    audit: frozenset[str]


Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

EVENT_TYPES: dict[type[Any], EventType] = {}
EVENT_NAMES: dict[str, EventType] = {}
COMMAND_TYPES: dict[type[Any], CommandType] = {}
UPCASTERS: dict[tuple[str, int], Upcaster] = {}


def _frozen(cls: type[T]) -> type[T]:
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def state(cls: type[T]) -> type[T]:
    """What an aggregate remembers, and only what its decisions need."""
    return _frozen(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, *, schema: int = 1) -> Callable[[type[T]], type[T]]:
    """A fact, stored as `name` ("context.what_happened") with the number of its present schema."""

    def declare(cls: type[T]) -> type[T]:
        if name in EVENT_NAMES:
            raise ValueError(f"two events are named {name!r}")
        cls = _frozen(cls)
        EVENT_NAMES[name] = EVENT_TYPES[cls] = EventType(name, schema, cls)
        return cls

    return declare


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(name: str, *, audit: str = "") -> Callable[[type[T]], type[T]]:
    """A request, audited as `name` with the fields listed in `audit` and no others."""

    def declare(cls: type[T]) -> type[T]:
        cls = _frozen(cls)
        allowed = frozenset(audit.split())
        if unknown := allowed - {field.name for field in fields(cls)}:  # type: ignore[arg-type]
            raise ValueError(f"{name!r} has no field {', '.join(sorted(unknown))} to audit")
        COMMAND_TYPES[cls] = CommandType(name, allowed)
        return cls

    return declare


def upcaster(name: str, *, schema: int) -> Callable[[Upcaster], Upcaster]:
    """Lifts the stored data of `name` from `schema` to the next one; stands beside its event."""

    def register(lift: Upcaster) -> Upcaster:
        UPCASTERS[name, schema] = lift
        return lift

    return register


class Rejection(Exception):
    """This can't be done."""

    field: ClassVar[str] = ""
    """What it is about: a field of a form, or a kind of thing."""

    def __str__(self) -> str:
        """What the person reads: the words given, else the docstring of the refusal's class."""
        return super().__str__() or (self.__doc__ or "").strip()


class Forbidden(Rejection):
    """This is not yours to do."""


class Missing(Rejection):
    """There is no such thing."""


class AlreadyTaken(Rejection):
    """has already been taken"""

    def __init__(self, kind: str, *kinds: str) -> None:
        super().__init__(f"{kind} has already been taken")
        self.kinds = (kind, *kinds)


class BadInput(Rejection):
    """Something typed can't be accepted; `problems` says what, by field."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__(
            "; ".join(f"{name} {problem}" for name, found in problems.items() for problem in found)
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Claim:
    """A name that one stream may hold, such as ("username", "jake"); somebody else's refuses the append."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Release:
    """Gives a claimed name back."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Require:
    """A name that must be claimed, by whomever, for the append to stand."""

    kind: str
    key: str


Names = Iterable[Claim | Release | Require]
