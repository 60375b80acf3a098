"""An aggregate is a module of pure functions; this is what the engine asks of it."""

from collections.abc import Iterable
from functools import reduce
from types import ModuleType
from typing import Any, Protocol, cast, get_args

from eventstore.messages import COMMAND_TYPES, Names


class Decider(Protocol):
    """`initial`, `stream`, `decide`, `evolve`; all pure: no clock, no table, no randomness."""

    initial: Any

    def stream(self, command: Any) -> str:
        """The stream that the command is about, such as "article-<uuid>"."""
        ...

    def decide(self, state: Any, command: Any) -> Iterable[Any]:
        """The facts that follow; none if nothing happens; raises a `Rejection` if it may not be."""
        ...

    def evolve(self, state: Any, event: Any) -> Any:
        """The state after the fact."""
        ...


class _Registry:
    def __init__(self) -> None:
        self._by_command: dict[type[Any], Decider] = {}

    def register(self, module: ModuleType, commands: Any) -> None:
        """Sends these commands (a class, or a union of classes) to the aggregate in `module`."""
        for command in get_args(commands) or (commands,):
            self._by_command[command] = cast(Decider, module)

    def of(self, command: object) -> Decider:
        try:
            return self._by_command[type(command)]
        except KeyError:
            raise LookupError(f"no aggregate is registered for {type(command).__name__}") from None

    def by_name(self) -> dict[str, Decider]:
        """The aggregates by the names of their commands, as the audit has them."""
        return {COMMAND_TYPES[command].name: decider for command, decider in self._by_command.items()}


deciders = _Registry()


def fold(decider: Decider, events: Iterable[Any]) -> Any:
    """The state that these facts, in order, amount to."""
    return reduce(decider.evolve, events, decider.initial)


def decide_all(decider: Decider, state: Any, command: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The facts that a command amounts to, and the names that they claim, release or require."""
    events = tuple(decider.decide(state, command))
    claims: list[Any] = []
    for event in events if hasattr(decider, "names") else ():
        claims += names_of(decider, state, event)
        state = decider.evolve(state, event)
    return events, tuple(claims)


def names_of(decider: Decider, state: Any, event: Any) -> Names:
    """The names that one fact claims, releases or requires.

    An aggregate that names things has a fifth function, `names(state, event)`, asked with the state before the
    fact.
    """
    ask = getattr(decider, "names", None)
    return cast(Names, ask(state, event)) if ask else ()


def otherwise(decider: Decider, command: Any, taken: str) -> Any | None:
    """What to ask for instead when a name is taken, by the aggregate's `otherwise`; None: nothing."""
    instead = getattr(decider, "otherwise", None)
    return instead(command, taken) if instead else None
