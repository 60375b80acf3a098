"""manage.py rebuild_projections: fold the read models anew from the log, compare, and repair what differs."""

import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from eventstore import console
from eventstore.database import rows
from eventstore.estimate import Estimate, estimate
from eventstore.pace import Pace
from eventstore.progress import Progress, Result
from eventstore.projector import Projector
from eventstore.rebuild import BATCH, Rebuild
from eventstore.shadow import tables

TITLES = ("projector", "events", "rows now", "MiB now", "about (s)")


class Command(console.Console):
    help = (
        "Replays the log into shadow tables, compares them with the live ones row by row, and merges the "
        "differences. Readers and writers go on meanwhile; no mail, no push and no policy comes of it. A rebuild "
        "that is cut short has changed nothing and leaves nothing to resume: run it again, it begins anew. "
        "Exit code: 0 done, 1 a fact can't be applied, 2 there is no such projector or stream, 3 differences found "
        "by --check, 4 the log was busy for too long, 5 a rebuild of the projector is running, 130 interrupted."
    )
    examples = (
        "  manage.py rebuild_projections                          all of them\n"
        "  manage.py rebuild_projections blog.pages               just one\n"
        "  manage.py rebuild_projections --check                  prove that the read models equal the log\n"
        "  manage.py rebuild_projections --dry-run                what it would take; nothing is written\n"
        "  manage.py rebuild_projections --throttle 2000          leave the database time for readers\n"
        "  manage.py rebuild_projections --stream article-<id>    the projectors that show this stream\n"
        "  manage.py rebuild_projections --json | jq .projectors\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "names", nargs="*", metavar="PROJECTOR", help="a projector's name; none means all"
        )
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--check", action="store_true", help="only compare; exit 3 if anything differs")
        only.add_argument(
            "--dry-run", action="store_true", help="only tell how much it would be, by a quick sample"
        )
        parser.add_argument(
            "--stream",
            help="of these projectors, those that follow a fact of this stream; each is rebuilt whole, since "
            "a row may be a fold of several streams",
        )
        parser.add_argument(
            "--throttle",
            type=console.positive,
            metavar="EVENTS_PER_S",
            help="replay no faster; what is recorded meanwhile is caught up with at full speed",
        )
        parser.add_argument(
            "--batch-size", type=console.positive, default=BATCH, metavar="N", help="facts to a batch"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *, names: list[str], dry_run: bool, **options: Any) -> None:
        projectors = _of_stream(console.chosen(names), options["stream"])
        if dry_run:
            self._estimate(projectors, options)
        else:
            self._rebuild(projectors, options)

    def _rebuild(self, projectors: Iterable[Projector], options: dict[str, Any]) -> None:
        self._line = console.ProgressLine(self)
        with console.rebuilding():
            results = [self._run(projector, options) for projector in projectors]
        self._print(results, as_json=options["json"])
        if options["check"] and any(result.differing for result in results):
            sys.exit(console.DIFFERENT)

    def _run(self, projector: Projector, options: dict[str, Any]) -> Result:
        """Throttled, a batch is no more than a second's work, so that the load is even."""
        most, batch = options["throttle"], options["batch_size"]
        if not most:
            return Rebuild(projector, self._progress, batch).run(check=options["check"])
        slowly = Rebuild(projector, self._progress, min(batch, most), pace=Pace(most))
        return slowly.run(check=options["check"])

    def _progress(self, at: Progress) -> None:
        speed = f"{at.events_per_s:,.0f} events/s  ETA {at.eta_s:.0f} s"
        self._line.show(f"{at.projector}: {at.phase} {at.position:,}/{at.head:,}  {speed}")

    def _print(self, results: list[Result], *, as_json: bool) -> None:
        if as_json:
            self.print_json({"schema": 1, "projectors": [asdict(result) for result in results]})
            return
        for result in results:
            self.stdout.write(str(result))

    def _estimate(self, projectors: Iterable[Projector], options: dict[str, Any]) -> None:
        found = [(estimate(projector), _bytes(projector)) for projector in projectors]
        if options["json"]:
            told = [asdict(one) | {"seconds": one.seconds, "bytes": size} for one, size in found]
            self.print_json({"schema": 1, "estimates": told})
        else:
            self.print_table(TITLES, (_cells(one, size) for one, size in found))
        if troubles := [f"{one.projector}: {one.trouble}" for one, _ in found if one.trouble]:
            raise CommandError("; ".join(troubles), returncode=console.FAILED)


def _of_stream(projectors: list[Projector], stream: str | None) -> list[Projector]:
    """Those that follow a fact of a stream; all of them, if none is given."""
    if stream is None:
        return projectors
    types = rows(b"SELECT DISTINCT type FROM eventstore_event WHERE stream = %s", (stream,))
    if not types:
        raise CommandError(f"nothing is recorded of {stream}", returncode=console.USAGE)
    found = [each for each in projectors if each.among(name for (name,) in types)]
    if not found:
        raise CommandError(f"none of these projectors follows {stream}", returncode=console.USAGE)
    return found


def _bytes(projector: Projector) -> int:
    """About what the shadow tables will need beside the live ones."""
    names = [table.name for table in tables(projector)]
    [(size,)] = rows(
        b"SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest(%s::text[]) AS t (name)",
        (names,),
    )
    return int(size)


def _cells(one: Estimate, size: int) -> tuple[Any, ...]:
    seconds = "nothing to measure" if one.seconds is None else f"{one.seconds:.1f}"
    events = f"{'' if one.exact else 'about '}{one.events:,}"
    return one.projector, events, sum(one.rows.values()), f"{size / 1024**2:,.1f}", seconds
