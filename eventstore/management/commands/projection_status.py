"""manage.py projection_status: how far each projector and policy has come."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from time import sleep
from typing import Any

from django.core.management.base import CommandParser
from django.db import OperationalError, close_old_connections

from eventstore import console, log
from eventstore.status import TITLES, Standing, standings

EVERY_S = 2.0


class Command(console.Console):
    help = (
        "Shows each projector and policy with its position, its lag and its state. "
        "Exit code: 0 all get on, 1 one is stopped or has parked facts, 4 one is farther behind than --fail-lag-… "
        "allows, 130 interrupted. With --watch, it looks until one is farther behind, or until Ctrl-C."
    )
    examples = (
        "  manage.py projection_status\n"
        "  manage.py projection_status --json | jq .head\n"
        "  manage.py projection_status --watch                      every two seconds\n"
        "  manage.py projection_status --fail-lag-seconds 30        for a monitor: exit 4 if one is late\n"
        "  manage.py projection_status --watch 10 --fail-lag-events 1000 --json     a line for each look\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--watch",
            nargs="?",
            type=console.seconds,
            const=EVERY_S,
            metavar="S",
            help=f"look again every S seconds ({EVERY_S:g})",
        )
        parser.add_argument(
            "--fail-lag-events",
            type=console.not_negative,
            metavar="N",
            help="exit 4 if one has more events before it",
        )
        parser.add_argument(
            "--fail-lag-seconds",
            type=console.seconds,
            metavar="S",
            help="exit 4 if one is later than this",
        )
        parser.add_argument(
            "--json", action="store_true", help="one JSON object on stdout; with --watch one a line"
        )

    def handle(self, **options: Any) -> None:
        code = self._look(options)
        while options["watch"] is not None and code != console.EXCEEDED:
            sleep(options["watch"])
            code = self._look_again(options)
        if code:
            sys.exit(code)

    def _look_again(self, options: dict[str, Any]) -> int:
        """A database that is away for a while ends no watch."""
        try:
            close_old_connections()
            return self._look(options)
        except OperationalError as error:
            self.stderr.write(f"{_now()}  {error}")
            return console.FAILED

    def _look(self, options: dict[str, Any]) -> int:
        last, found = log.head(), standings()
        if options["json"]:
            subscribers = [standing._asdict() for standing in found]
            self.print_json({"schema": 1, "at": _now(), "head": last, "subscribers": subscribers})
        else:
            self._print(last, found, f"{_now()}  " if options["watch"] else "")
        self.stdout.flush()
        return _code(found, options["fail_lag_events"], options["fail_lag_seconds"])

    def _print(self, last: int, found: Sequence[Standing], when: str) -> None:
        self.stdout.write(f"{when}head of the log: {last:,}")
        self.print_table(TITLES, (standing.cells() for standing in found))
        for standing in found:
            if standing.last_error:
                self.stdout.write(f"{standing.name}: {standing.last_error}")


def _code(found: Sequence[Standing], most_events: int | None, most_s: float | None) -> int:
    if any(_late(standing, most_events, most_s) for standing in found):
        return console.EXCEEDED
    return console.OK if all(standing.well for standing in found) else console.FAILED


def _late(standing: Standing, most_events: int | None, most_s: float | None) -> bool:
    many = most_events is not None and standing.lag_events > most_events
    return many or (most_s is not None and standing.lag_s > most_s)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
