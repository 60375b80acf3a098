"""manage.py close_account: closes somebody's account for good, for when they can't or won't."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import leaving, queries
from accounts.management.rights import demand_in_force
from eventstore import console
from eventstore.messages import Rejection


class Command(console.Console):
    help = (
        "Closes an account for good: nobody signs in to it again, and whatever is open ends. "
        "What was written stays, and so does the name. Exit code: 0 done, and in force; 1 refused, or closed already; "
        "2 usage; 4 recorded, but not in force yet."
    )
    examples = (
        "  manage.py close_account mallory\n  manage.py close_account mallory --yes    # asks nothing\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", metavar="NAME", help="a username or an email address")
        parser.add_argument("--yes", action="store_true", help="ask nothing")

    def handle(self, *, login: str, yes: bool, **options: Any) -> None:
        person = queries.by_login(login)
        if person is None:
            raise CommandError(f"there is nobody called {login}", returncode=console.USAGE)
        if not yes and not self._agreed(login):
            raise CommandError("nothing was changed")
        try:
            receipt = leaving.close(person)
        except Rejection as refusal:
            raise CommandError(str(refusal)) from None
        said = f"The account of {login} is closed."
        demand_in_force(said, receipt, person, is_active=False)
        self.stdout.write(said)

    def _agreed(self, login: str) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("--yes must be given where nobody can be asked", returncode=console.USAGE)
        return input(f"Close the account of {login} for good? [y/N] ").strip().lower() in {"y", "yes"}
