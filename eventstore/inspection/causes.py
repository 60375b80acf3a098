"""What led to what: the commands of one correlation, their facts, and what policies asked for because of these."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from eventstore.inspection import commands
from eventstore.inspection.commands import Attempt
from eventstore.inspection.events import Line
from eventstore.inspection.filters import Filter
from eventstore.inspection.limits import bounded
from eventstore.inspection.picking import Picking

MOST = 1000


@dataclass(slots=True)
class FactNode:
    """A fact, and the commands that policies asked for because of it."""

    line: Line
    led_to: list["CommandNode"] = field(default_factory=list)


@dataclass(slots=True)
class CommandNode:
    """A command with its facts. It began `waited` after its cause was recorded (after the first command began, for
    a root), and took `attempt.duration_us` itself."""

    attempt: Attempt
    waited: timedelta
    facts: list[FactNode] = field(default_factory=list)


@dataclass(slots=True)
class Tree:
    """The commands that nothing here caused, in the order of time; `count` of all nodes; `cut`: there are more.

    It `lasted` from the beginning of the first command until the last one was recorded.
    """

    correlation_id: UUID
    roots: list[CommandNode]
    count: int
    cut: bool
    lasted: timedelta


def tree(correlation_id: UUID, most: int = MOST) -> Tree | None:
    """Everything of one correlation, at most `most` nodes; None if there is no such correlation. Raises `TooMuch`."""
    with bounded():
        attempts = commands.of_correlation(correlation_id, most + 1)
        picked = Picking(Filter(correlation=correlation_id)).pick(most + 1, after=0)
    if not attempts:
        return None
    shown, facts = _first(most, attempts, map(Line._make, picked))
    cut = len(attempts) > len(shown) or len(picked) > len(facts)
    lasted = max(attempt.recorded_at for attempt in shown) - _began(shown[0])
    return Tree(correlation_id, _planted(shown, facts), len(shown) + len(facts), cut, lasted)


def _first(most: int, attempts: list[Attempt], lines: Iterator[Line]) -> tuple[list[Attempt], list[Line]]:
    """As many attempts as there is room for with all their facts; at least one."""
    of_command = defaultdict[UUID, list[Line]](list)
    for line in lines:
        of_command[line.command_id].append(line)
    shown, facts = attempts[:1], of_command[attempts[0].id][: most - 1]
    for attempt in attempts[1:]:
        if len(shown) + len(facts) + 1 + len(of_command[attempt.id]) > most:
            break
        shown.append(attempt)
        facts += of_command[attempt.id]
    return shown, facts


def _planted(attempts: list[Attempt], lines: list[Line]) -> list[CommandNode]:
    facts = {line.position: FactNode(line) for line in lines}
    nodes = {attempt.id: CommandNode(attempt, _waited(attempt, attempts[0], facts)) for attempt in attempts}
    for fact in facts.values():
        nodes[fact.line.command_id].facts.append(fact)
    roots: list[CommandNode] = []
    for node in nodes.values():
        cause = facts.get(node.attempt.caused_by or 0)
        (cause.led_to if cause else roots).append(node)
    return roots


def _waited(attempt: Attempt, first: Attempt, facts: dict[int, FactNode]) -> timedelta:
    cause = facts.get(attempt.caused_by or 0)
    since = cause.line.recorded_at if cause else _began(first)
    return max(timedelta(), _began(attempt) - since)


def _began(attempt: Attempt) -> datetime:
    return attempt.recorded_at - timedelta(microseconds=attempt.duration_us)
