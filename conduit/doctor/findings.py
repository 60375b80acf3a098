"""A finding: what was looked at, how it is, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


class Finding(NamedTuple):
    name: str
    state: State
    said: str
    remedy: str = ""


Check = Callable[[], Iterable[Finding]]


def ok(name: str, said: str) -> Finding:
    return Finding(name, State.OK, said)


def warn(name: str, said: str, remedy: str) -> Finding:
    return Finding(name, State.WARN, said, remedy)


def fail(name: str, said: str, remedy: str) -> Finding:
    return Finding(name, State.FAIL, said, remedy)


def found_by(checks: Iterable[Check]) -> Iterator[Finding]:
    """One after the other; one that breaks down is a finding as well."""
    for check in checks:
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are still to be made
            name = check.__name__.replace("_", " ")
            remedy = "Make sure that the findings above are well, and try again; otherwise it is a bug."
            yield fail(name, f"can't be looked at: {type(error).__name__}: {error}".strip(), remedy)
