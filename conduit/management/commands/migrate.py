"""`migrate`, as the tables' owner: on a connection of its own that may work for long, not wait for long. The role
that serves is granted what is new at once."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

from eventstore import roles
from eventstore.console import refuse_odd
from eventstore.roles import as_owner as as_owner

WAITED = (
    "somebody is at work for long with a table that is to be changed, and everybody else would have had to wait behind "
    "us. What waited is undone; migrations before it stand. docs/operate/blockers.sql tells who it is. Run it again."
)


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        refuse_odd(options)
        serves = connections[options["database"]].settings_dict["USER"]
        with as_owner(options["database"]):
            self.migrate(*args, **options)
            owns = connections[options["database"]].settings_dict["USER"]
            if serves not in {"", owns} and not (options["plan"] or options["check_unapplied"]):
                self.grant(serves)

    def migrate(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise CommandError(WAITED) from None
            raise

    def grant(self, role: str) -> None:
        try:
            roles.grant(role)
        except roles.Unfit as unfit:
            raise CommandError(f"migrated, but {unfit}. See manage.py grant_app_role --help") from None
