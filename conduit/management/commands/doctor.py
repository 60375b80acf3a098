"""manage.py doctor: look at everything that Conduit stands on, and say what to do about what is not well."""

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.db import connections

from conduit.databases import takes_nobody
from conduit.doctor import house, of_log, server
from conduit.doctor.findings import Finding, State, fail, found_by, ok
from conduit.in_time import InTime
from eventstore import console
from eventstore.database import rows

PATIENCE_S = 10.0
AWAY = "Is its server running? Is DATABASE_URL right?"
FULL = "Somebody holds all of its connections: docs/runbooks/out-of-connections.md"


class Command(console.Console):
    help = (
        "Looks at the database and its settings, the log's guards, whoever follows it, and this installation. "
        "Each line is OK, WARN or FAIL, with the remedy under it; nothing is changed. "
        "Exit code: 0 nothing fails, 3 something does (with --strict: or is a warning)."
    )
    examples = (
        "  manage.py doctor\n"
        "  manage.py doctor --strict                  a warning is a failure as well\n"
        "  manage.py doctor --json | jq '.findings[] | select(.state != \"OK\")'\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--strict", action="store_true", help="exit 3 on warnings too")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *, strict: bool, **options: Any) -> None:
        findings = []
        for finding in examine():
            findings.append(finding)
            if not options["json"]:
                self._tell(finding)
        bad = {State.FAIL, State.WARN} if strict else {State.FAIL}
        well = not any(finding.state in bad for finding in findings)
        self._sum_up(findings, well=well, as_json=options["json"])
        if not well:
            sys.exit(console.DIFFERENT)

    def _tell(self, finding: Finding) -> None:
        self.stdout.write(f"{finding.state:<4}  {finding.name}: {finding.said}")
        if finding.remedy:
            self.stdout.write(f"      -> {finding.remedy}")

    def _sum_up(self, findings: list[Finding], *, well: bool, as_json: bool) -> None:
        if as_json:
            told = [finding._asdict() for finding in findings]
            self.print_json({"schema": 1, "well": well, "findings": told})
            return
        counts = Counter(finding.state for finding in findings)
        self.stdout.write(", ".join(f"{counts[state]} {state}" for state in State))


def examine() -> Iterator[Finding]:
    """Everything that can be looked at: without a database, or without its tables, what needs none."""
    yield from found_by(house.CHECKS)
    reached = list(found_by([database]))
    yield from reached
    if _well(reached):
        yield from found_by(server.CHECKS)
        migrated = list(found_by([of_log.migrations]))
        yield from migrated
        yield from found_by(of_log.CHECKS if _well(migrated) else [])
        connections.close_all()


def _well(findings: list[Finding]) -> bool:
    return all(finding.state is State.OK for finding in findings)


def database() -> Iterator[Finding]:
    try:
        [(name, role)] = InTime(_where, PATIENCE_S).ask()
    except TimeoutError:
        yield fail("database", f"gives no answer in {PATIENCE_S:.0f} s", "Is its server busy, or frozen?")
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no database
        yield fail("database", str(error).strip(), FULL if takes_nobody(error) else AWAY)
    else:
        yield ok("database", f"{name}, as {role}")


def _where() -> list[tuple[Any, ...]]:
    return rows(b"SELECT current_database()::text, current_user::text")
