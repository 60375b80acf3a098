"""manage.py changepassword: a new password for somebody, for when they can't sign in to change it."""

from getpass import getpass
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import queries
from accounts.forms import NewPasswordForm
from accounts.registration import change_password
from eventstore import console


class Command(console.Console):
    help = "Changes somebody's password, and so ends their sessions and their programs."
    examples = "  manage.py changepassword ada\n"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", metavar="NAME", help="a username or an email address")

    def handle(self, *, login: str, **options: Any) -> None:
        person = queries.by_login(login)
        if person is None:
            raise CommandError(f"there is nobody called {login}", returncode=console.USAGE)
        form = NewPasswordForm({"password": getpass("New password: ")})
        if not form.is_valid() or not form.cleaned_data["password"]:
            raise CommandError("; ".join(said.text for said in form.summary) or "password can't be blank")
        change_password(person, form.cleaned_data["password"])
        self.stdout.write(f"The password of {login} is changed.")
