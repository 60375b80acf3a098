"""A world to look into: who added beans to which jar, what broke, what was refused, and what followed."""

from contextlib import contextmanager, suppress
from uuid import UUID

import pytest

from eventstore.acting import Acting, act
from eventstore.dispatch import dispatch
from eventstore.inspection.events import Line
from eventstore.messages import Rejection
from eventstore.policy import policies
from eventstore.projector import projectors
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans, BreakJar, LabelJar, PolishJar, SealJar, WrongJar
from tests.eventstore.tools import ask

JAKE, JANE, MALLORY = (UUID(int=number) for number in (1, 2, 3))
HOME, AWAY = "192.0.2.1", "203.0.113.9"

EVERY_LINE = """
SELECT event.position, event.recorded_at, event.type, event.stream, event.version, command.actor_id, event.command_id,
    command.name, command.correlation_id
FROM eventstore_event AS event
JOIN eventstore_command AS command ON command.id = event.command_id
ORDER BY event.position DESC
"""


def asks(person, *commands, address=HOME):
    """Sends commands on a person's behalf; what is refused or fails is in the audit."""
    for command in commands:
        with act(Acting(actor=lambda: person, address=address)), suppress(Rejection, WrongJar):
            dispatch(command)


def build():
    """Some sixty facts in streams of one kind, by three people and a policy."""
    for nth in range(12):
        asks(JAKE, *[AddBeans(jar=f"{nth % 5}", count=count) for count in (1, 2, 3)])
        asks(JANE, AddBeans(jar="hot", count=nth, note="mine"), LabelJar(jar="hot", label=f"label {nth}"))
    asks(
        MALLORY, BreakJar(jar="0"), AddBeans(jar="0"), PolishJar(jar="1"), AddBeans(jar="wrong"), address=AWAY
    )
    asks(JANE, SealJar(jar="hot"), SealJar(jar="hot"))


@contextmanager
def known():
    """Code that knows of beans, of a policy about them, and of nothing else that follows the log."""
    before = projectors[:], policies[:]
    projectors[:], policies[:] = [beans.shelf], [beans.replacing]
    with pytest.MonkeyPatch.context() as patch:
        beans.register(patch)
        yield
    projectors[:], policies[:] = before


def every_line():
    """All that a page could show, by the plainest of statements; the latest first."""
    return [Line._make(line) for line in ask(EVERY_LINE)]
