"""manage.py verify_log: prove that the log is whole, row by row, and name every row that is not as it must be."""

import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from eventstore import console
from eventstore.verify import Found, Problem, Progress, Verification

MOST = 1_000


class Command(console.Console):
    help = (
        "Looks at every fact, command and name of the log, in one snapshot; readers and writers go on meanwhile. "
        "Versions without gaps, facts that can be read, each with the command that led to it, names as the facts "
        "give them, triggers in their place. One line for each row that is not as it must be. "
        "Exit code: 0 all is well, 1 the database is in trouble, 3 something was found, 130 interrupted."
    )
    examples = (
        "  manage.py verify_log                    prove it\n"
        "  manage.py verify_log --most 20          tell the first 20 problems; all are counted\n"
        "  manage.py verify_log --json | jq .problems\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
        parser.add_argument(
            "--most", type=int, default=MOST, metavar="N", help=f"problems to tell at most ({MOST:,})"
        )

    def handle(self, *, most: int, **options: Any) -> None:
        self._line, self._as_json, self._most = console.ProgressLine(self), options["json"], most
        self._told: list[Problem] = []
        try:
            found = Verification(self._tell, self._progress).run()
        except DatabaseError as failed:
            raise CommandError(f"{failed}; the log was not read to its end") from failed
        except KeyboardInterrupt:
            message = "interrupted; the log was not read to its end"
            raise CommandError(message, returncode=console.INTERRUPTED) from None
        self._print(found)
        if found.problems:
            sys.exit(console.DIFFERENT)

    def _tell(self, problem: Problem) -> None:
        if len(self._told) < self._most:
            self._told.append(problem)
            if not self._as_json:
                self.stdout.write(str(problem))

    def _progress(self, at: Progress) -> None:
        self._line.show(f"{at.events:,}/{at.head:,} events  {at.events / (at.seconds or 1):,.0f} events/s")

    def _print(self, found: Found) -> None:
        if self._as_json:
            told = [problem._asdict() for problem in self._told]
            self.print_json({"schema": 1, **asdict(found), "problems": told, "count": found.problems})
            return
        for command, streams in sorted(found.unknown.items()):
            self.stdout.write(
                f"names of {streams:,} streams were not compared: no aggregate here takes {command}"
            )
        self.stdout.write(
            f"{found.events:,} events in {found.streams:,} streams, {found.commands:,} commands, {found.names:,} names"
            f" in {found.seconds:.1f} s: {found.problems or 'no'} problem{'' if found.problems == 1 else 's'}"
        )
