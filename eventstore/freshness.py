"""How far the read models have come: whatever is read now shows every fact up to this position."""

from contextlib import suppress
from time import monotonic

from django.db import OperationalError
from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from eventstore.catch_up import catch_up
from eventstore.database import rows
from eventstore.projector import projectors

PASSED_BY_ALL = "SELECT coalesce(min(position), 0) FROM eventstore_checkpoint WHERE name = ANY(%s)"


def shown() -> int:
    """The position that every projector has passed, one that is stopped included. One statement."""
    [(position,)] = rows(PASSED_BY_ALL.encode(), (_names(),))
    return int(position)


def shown_with_it() -> RawSQL:
    """The same as a part of the statement that reads something, so that both are of one moment."""
    return RawSQL(PASSED_BY_ALL, (_names(),), output_field=BigIntegerField())  # noqa: S611 - a constant


def await_shown(position: int, seconds: float) -> bool:
    """Whether reads show this position now, or do within so many seconds. Nothing is waited for but the work itself."""
    if shown() >= position:
        return True
    if seconds <= 0:
        return False
    with suppress(OperationalError):  # somebody else holds the checkpoints for longer
        catch_up(position, monotonic() + seconds)
    return shown() >= position


def _names() -> list[str]:
    return [projector.name for projector in projectors]
