"""manage.py rebuild_projections: fold the read models anew from the log, compare, and repair what differs."""

import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from eventstore import console
from eventstore.rebuild import BATCH, Progress, Rebuild, Result


class Command(console.Console):
    help = (
        "Replays the log into shadow tables, compares them with the live ones row by row, and merges the "
        "differences. Readers and writers go on meanwhile. Exit code: 0 done, 1 a fact can't be applied, "
        "3 differences found by --check, 4 the log was busy for too long, 5 a rebuild of the projector is "
        "running, 130 interrupted (nothing has changed then)."
    )
    examples = (
        "  manage.py rebuild_projections                   all of them\n"
        "  manage.py rebuild_projections blog.articles     just one\n"
        "  manage.py rebuild_projections --check           prove that the read models equal the log\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "names", nargs="*", metavar="PROJECTOR", help="a projector's name; none means all"
        )
        parser.add_argument("--check", action="store_true", help="only compare; exit 3 if anything differs")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
        parser.add_argument("--batch-size", type=int, default=BATCH, metavar="N", help="facts to a batch")

    def handle(self, *, names: list[str], check: bool, batch_size: int, **options: Any) -> None:
        self._line = console.ProgressLine(self)
        with console.rebuilding():
            rebuilds = [Rebuild(projector, self._progress, batch_size) for projector in console.chosen(names)]
            results = [rebuild.run(check=check) for rebuild in rebuilds]
        self._print(results, as_json=options["json"])
        if check and any(result.differing for result in results):
            sys.exit(console.DIFFERENT)

    def _progress(self, at: Progress) -> None:
        speed = f"{at.events_per_s:,.0f} events/s  ETA {at.eta_s:.0f} s"
        self._line.show(f"{at.projector}: {at.position:,}/{at.head:,}  {speed}")

    def _print(self, results: list[Result], *, as_json: bool) -> None:
        if as_json:
            self.print_json({"schema": 1, "projectors": [asdict(result) for result in results]})
            return
        for result in results:
            self.stdout.write(str(result))
