"""manage.py grant_permissions: lets somebody into the admin for some things only; through a command."""

from typing import Any

from django.contrib.auth import models as auth
from django.core.management.base import CommandError, CommandParser

from accounts import leaving, queries
from accounts.commands import GrantPermissions
from accounts.management.rights import demand_in_force
from eventstore import console
from eventstore.dispatch import dispatch
from eventstore.messages import Rejection


class Command(console.Console):
    help = (
        "Lets somebody who has registered into the admin, for the things that are named and no others. "
        "Those of the event log: see_metadata, see_payloads, see_personal_data, operate_projectors. "
        "Exit code: 0 done, and in force; 1 refused; 2 usage; 4 recorded, but not in force yet."
    )
    examples = (
        "  manage.py grant_permissions ada eventstore.see_metadata eventstore.see_payloads\n"
        "  manage.py grant_permissions ada blog.view_article\n"
        "  manage.py grant_permissions ada --none    # keeps her out of the admin\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", metavar="NAME", help="a username or an email address")
        parser.add_argument("permissions", metavar="PERMISSION", nargs="*", help="such as blog.view_article")
        parser.add_argument(
            "--none", action="store_true", help="takes all of them away, and the admin with it; signs out"
        )

    def handle(self, *, login: str, permissions: list[str], none: bool, **options: Any) -> None:
        if none == bool(permissions):
            raise CommandError("name permissions, or give --none", returncode=console.USAGE)
        person = queries.by_login(login)
        if person is None:
            raise CommandError(f"there is nobody called {login}", returncode=console.USAGE)
        if unknown := sorted(set(permissions) - _known()):
            raise CommandError(f"there is no permission {', '.join(unknown)}", returncode=console.USAGE)
        try:
            if none:
                receipt = leaving.revoke_staff(person)
            else:
                receipt = dispatch(GrantPermissions(user_id=person, permissions=tuple(permissions)))
        except Rejection as refusal:
            raise CommandError(str(refusal)) from None
        granted = sorted(set(permissions))
        said = f"{login} may do this in the admin: {', '.join(granted) or 'nothing'}."
        demand_in_force(said, receipt, person, is_staff=not none, permissions=granted)
        self.stdout.write(said)


def _known() -> set[str]:
    named = auth.Permission.objects.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in named}
