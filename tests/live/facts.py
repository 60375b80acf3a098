"""Facts that are in no log."""

from datetime import UTC, datetime
from uuid import UUID

from eventstore.log import Fact


def a_fact(position, jar="1", count=None):
    data = f'{{"jar": "{jar}", "count": {position if count is None else count}}}'
    return Fact(
        position,
        f"jar-{jar}",
        1,
        "beans.added",
        1,
        data,
        UUID(int=position),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
