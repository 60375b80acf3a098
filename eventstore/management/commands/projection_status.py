"""manage.py projection_status: how far each projector and policy has come."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from eventstore import console, log
from eventstore.status import TITLES, Standing, standings


class Command(console.Console):
    help = (
        "Shows each projector and policy with its position, its lag and its state. "
        "Exit code: 0 all get on, 1 one is stopped or has parked facts."
    )
    examples = "  manage.py projection_status\n  manage.py projection_status --json | jq .head\n"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, **options: Any) -> None:
        last, found = log.head(), standings()
        if options["json"]:
            subscribers = [standing._asdict() for standing in found]
            self.print_json({"schema": 1, "head": last, "subscribers": subscribers})
        else:
            self._print(last, found)
        if not all(standing.well for standing in found):
            sys.exit(console.FAILED)

    def _print(self, last: int, found: list[Standing]) -> None:
        self.stdout.write(f"head of the log: {last:,}")
        self.print_table(TITLES, (standing.cells() for standing in found))
        for standing in found:
            if standing.last_error:
                self.stdout.write(f"{standing.name}: {standing.last_error}")
