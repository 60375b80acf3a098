"""manage.py load_demo: people, articles and conversation to look around in."""

from typing import Any

from conduit.demo import SIGN_INS, loading
from eventstore import console


class Command(console.Console):
    help = "Loads the demo content through commands. Loading it again adds only what is missing."
    examples = "  manage.py load_demo\n"

    def handle(self, **options: Any) -> None:
        line, count = console.ProgressLine(self), 0
        for count, step in enumerate(loading.load(), start=1):
            line.show(f"{count} steps: {step}")
        self.stdout.write(f"The demo is loaded: {count} steps. You can sign in as:")
        for address, password, what in SIGN_INS:
            self.stdout.write(f"  {address}  {password}  {what}")
