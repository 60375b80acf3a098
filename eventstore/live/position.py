"""How far the read models are, for the live pages: the position that all running projectors have passed.

One that is a long way behind the others is left aside: it is new, or was paused, and goes through the log; pages do not
wait for it. So a position that a page shows, and one that its process has told, mean the same.
"""

from typing import NamedTuple

from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from eventstore.database import rows
from eventstore.projector import projectors

PASSED = """
SELECT min(near.position) FROM (
    SELECT checkpoint.position, max(checkpoint.position) OVER () AS foremost
    FROM eventstore_checkpoint AS checkpoint
    WHERE checkpoint.name = ANY (%s) AND checkpoint.status = 'running'
) AS near WHERE near.position > near.foremost - 1000
"""


STANDING = f"""
SELECT (SELECT oid FROM pg_database WHERE datname = current_database()),
       (SELECT coalesce(max(position), 0) FROM eventstore_event),
       ({PASSED})
"""  # noqa: S608 - constants


class Standing(NamedTuple):
    """Which database this is, the last position in its log, and the one passed: None while no projector runs."""

    database: int
    head: int
    passed: int | None


def standing() -> Standing:
    """One statement."""
    return Standing(*rows(STANDING.encode(), (_names(),))[0])


def passed() -> int:
    """The position; 0 while no projector runs. One statement."""
    return standing().passed or 0


def passed_with_it() -> RawSQL:
    """The same as a part of the statement that reads something, so that both are of one moment."""
    return RawSQL(f"coalesce(({PASSED}), 0)", (_names(),), output_field=BigIntegerField())  # noqa: S611 - a constant


def _names() -> list[str]:
    return [projector.name for projector in projectors]
