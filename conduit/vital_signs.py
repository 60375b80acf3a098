"""How the log and whoever follows it are just now: what readiness and metrics go by. Asked within a bound."""

from functools import cache
from time import perf_counter
from typing import NamedTuple

from django.db.migrations.loader import MigrationLoader

from conduit.in_time import InTime
from eventstore.database import rows
from eventstore.health import Condition, condition


class VitalSigns(NamedTuple):
    """Migrations that are still to be applied; the state of the log, unless it has to wait for these; and how many
    seconds asking took."""

    unapplied: list[str]
    condition: Condition | None
    seconds: float


def take() -> VitalSigns:
    began, missing = perf_counter(), unapplied()
    found = None if missing else condition()
    return VitalSigns(missing, found, perf_counter() - began)


signs = InTime(take)


def unapplied() -> list[str]:
    """The migrations of this code that the database has not seen."""
    [(made,)] = rows(b"SELECT to_regclass('django_migrations') IS NOT NULL")
    applied = set(rows(b"SELECT app::text, name::text FROM django_migrations")) if made else set()
    return [f"{app}.{name}" for app, name in sorted(_known() - applied)]


@cache
def _known() -> set[tuple[str, str]]:
    return set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
