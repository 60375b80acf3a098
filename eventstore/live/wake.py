"""Who wants to know at once that the read models of this process have moved on."""

from collections.abc import Callable

_sleepers: set[Callable[[], None]] = set()


def call(sleeper: Callable[[], None]) -> None:
    """From any thread, whenever something was projected here; it must not block, nor raise."""
    _sleepers.add(sleeper)


def forget(sleeper: Callable[[], None]) -> None:
    _sleepers.discard(sleeper)


def wake() -> None:
    for sleeper in tuple(_sleepers):
        sleeper()
