"""`migrate`, as the tables' owner: on a connection of its own that may work for long, not wait for long."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner(options["database"]):
            super().handle(*args, **options)


@contextmanager
def as_owner(alias: str) -> Iterator[None]:
    usual = connections[alias]
    connections[alias] = owner = usual.copy()
    migration = dict(owner.settings_dict.get("MIGRATION", {}))
    # The database stays: it may be a test's.
    owner.settings_dict.update(
        {name: value for name, value in migration.items() if name not in {"NAME", "ENGINE"}}
    )
    try:
        yield
    finally:
        owner.close()
        connections[alias] = usual
