"""Rights are read from rows that follow the log: whoever gives or takes some is told if the rows do not say so yet."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from accounts import queries
from eventstore import console
from eventstore.dispatch import Receipt

NOT_IN_FORCE = (
    "That is recorded, but not in force yet: until accounts.users has caught up with the log, what could be done "
    "before may still be done. See manage.py projection_status"
)


def demand_in_force(said: str, receipt: Receipt, user_id: UUID, **rights: Any) -> None:
    """An error with exit code 4 unless what came of a command is shown, and the person's row has these rights by now.

    The receipt alone does not tell: what was so already leads to no fact, and may be waiting to be shown.
    """
    person = queries.person(user_id)
    in_force = person and all(getattr(person, name) == value for name, value in rights.items())
    if not (receipt.shown and in_force):
        raise CommandError(f"{said} {NOT_IN_FORCE}", returncode=console.EXCEEDED)
