"""manage.py grant_app_role: let a role serve the site that can't change what was recorded."""

import os
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS

from eventstore import console, roles

PASSWORD = "APP_ROLE_PASSWORD"  # noqa: S105 - where it is, not what it is


class Command(console.Console):
    help = (
        "Gives a role all that serving the site needs, and takes away whatever else it has: it reads and adds to the "
        "log, and keeps the tables beside it; it can't change, empty, drop or unguard a fact or a command. Works as the "
        "tables' owner, by DATABASE_OWNER_URL; again, it changes nothing. `migrate` does the same for the "
        "role of DATABASE_URL. Exit code: 0 done, 1 the database is in trouble, 3 the role would be able to do more, or "
        "the owner to grant less; nothing is changed then."
    )
    examples = (
        "  manage.py grant_app_role conduit              grant what the site needs\n"
        "  manage.py grant_app_role conduit --dry-run    print the statements, for psql\n"
        f"  {PASSWORD}=… manage.py grant_app_role conduit --create\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", metavar="ROLE", help="who serves; not who owns the tables")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--dry-run", action="store_true", help="print the statements, and change nothing")
        what.add_argument(
            "--create", action="store_true", help=f"make the role if there is none, with {PASSWORD}"
        )

    def handle(self, *, role: str, dry_run: bool, create: bool, **options: Any) -> None:
        with roles.as_owner(DEFAULT_DB_ALIAS):
            if dry_run:
                statements = ["BEGIN", "SET LOCAL search_path TO public", *roles.grants(role), "COMMIT"]
                self.stdout.write("\n".join(f"{each};" for each in statements))
                return
            try:
                roles.grant(role, self._password() if create else None)
            except roles.Unfit as unfit:
                raise CommandError(f"{unfit}; nothing is changed", returncode=console.DIFFERENT) from None
        self.stdout.write(f"{role} may serve, and can't change what was recorded.")

    def _password(self) -> str:
        if not (password := os.environ.get(PASSWORD)):
            raise CommandError(f"set {PASSWORD} to the password of the new role", returncode=console.USAGE)
        return password
