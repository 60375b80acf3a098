"""manage.py rebuild_projections: fold the read models anew from the log, compare, and repair what differs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from eventstore import console
from eventstore.log import LogBusy
from eventstore.rebuild import BATCH, Progress, Rebuild, RebuildRunning, ReplayFailed, Result


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
        with _ending():
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
            speed = f"{result.events / result.seconds:,.0f} events/s" if result.seconds else ""
            self.stdout.write(
                f"{result.projector}: {result.events:,} events to {result.rows:,} rows in {result.seconds:.1f} s"
                f" ({speed}): {_verdict(result)}"
            )


@contextmanager
def _ending() -> Iterator[None]:
    """Every end has its words and its exit code; the read models are as they were."""
    try:
        yield
    except RebuildRunning as running:
        raise CommandError(f"{running} is being rebuilt already", returncode=console.LOCKED) from None
    except LogBusy as busy:
        raise CommandError(str(busy), returncode=console.EXCEEDED) from None
    except (ReplayFailed, DatabaseError) as failed:
        raise CommandError(f"{failed}; the read models are as they were") from failed
    except KeyboardInterrupt:
        message = "interrupted; the read models are as they were"
        raise CommandError(message, returncode=console.INTERRUPTED) from None


def _verdict(result: Result) -> str:
    if not result.differing:
        return "no difference"
    found = ", ".join(f"{table} {count:,}" for table, count in result.differences.items() if count)
    return f"{result.differing:,} rows {'repaired' if result.merged else 'differ'} ({found})"
