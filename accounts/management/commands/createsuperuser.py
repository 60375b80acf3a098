"""manage.py createsuperuser: the first person who may do everything in the admin; through commands."""

import os
import sys
from getpass import getpass
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from accounts import queries
from accounts.commands import GrantStaff
from accounts.forms import SignUpForm
from accounts.management.rights import demand_in_force
from accounts.registration import register
from eventstore import console
from eventstore.dispatch import dispatch
from eventstore.messages import Rejection


class Command(console.Console):
    help = "Registers somebody as a superuser, or makes one of somebody who has registered."
    examples = (
        "  manage.py createsuperuser --username ada --email ada@example.org\n"
        "  DJANGO_SUPERUSER_PASSWORD=… manage.py createsuperuser --username ada --email … --noinput\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default=os.environ.get("DJANGO_SUPERUSER_USERNAME"))
        parser.add_argument("--email", default=os.environ.get("DJANGO_SUPERUSER_EMAIL"))
        parser.add_argument(
            "--noinput",
            "--no-input",
            action="store_false",
            dest="interactive",
            help="ask nothing; see the examples",
        )

    def handle(self, *, username: str | None, email: str | None, interactive: bool, **options: Any) -> None:
        try:
            username = username or self._ask("Username: ", "--username", interactive=interactive)
            person = queries.by_login(username)
            if person is None:
                email = email or self._ask("Email address: ", "--email", interactive=interactive)
                person = self._register(username, email, interactive=interactive)
            receipt = dispatch(GrantStaff(user_id=person, superuser=True))
        except Rejection as refusal:
            raise CommandError(str(refusal)) from None
        except KeyboardInterrupt:
            self.stderr.write("nothing was changed")
            sys.exit(console.INTERRUPTED)
        said = f"{username} is a superuser."
        demand_in_force(said, receipt, person, is_staff=True, is_superuser=True)
        self.stdout.write(said)

    def _register(self, username: str, email: str, *, interactive: bool) -> UUID:
        form = SignUpForm(
            {"username": username, "email": email, "password": self._password(interactive=interactive)}
        )
        if not form.is_valid():
            raise CommandError("; ".join(said.text for said in form.summary))
        command = form.register()
        register(command, form.cleaned_data["password"])
        return command.user_id

    def _password(self, *, interactive: bool) -> str:
        if given := os.environ.get("DJANGO_SUPERUSER_PASSWORD"):
            return given
        if not interactive:
            raise CommandError(
                "DJANGO_SUPERUSER_PASSWORD must be set with --noinput", returncode=console.USAGE
            )
        password = getpass("Password: ")
        if getpass("Password (again): ") != password:
            raise CommandError("The passwords are not the same.")
        return password

    def _ask(self, question: str, flag: str, *, interactive: bool) -> str:
        if not interactive:
            raise CommandError(f"{flag} must be given with --noinput", returncode=console.USAGE)
        return input(question).strip()
