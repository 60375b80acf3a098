"""manage.py seed_demo: a long log to try things on, the same for the same seed."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from conduit.demo.aside import Abandoned
from conduit.demo.seeding import Clash, Progress, Seeding
from eventstore import console

LONGEST_DAYS = 36_500
STANDS = "what was written so far stands; the same seed again goes on from there"


class Command(console.Console):
    help = (
        "Writes a log of any length: people join, write, comment, favorite, follow, sign in, and are refused now and "
        "then, as the real aggregates decide. The same seed gives the same commands and facts, and adds only what is "
        "missing; their times are laid over the days before now, after the last fact that is there. Nobody can sign "
        "in as one of these people. The read models follow: by themselves where the site runs, or at once by "
        "rebuild_projections. "
        "Exit code: 0 done, 1 the database is in trouble or holds something else, 2 usage, 130 interrupted."
    )
    examples = (
        "  manage.py seed_demo --events 100000              a tenth of a million facts\n"
        "  manage.py seed_demo --events 10000000 --seed 7   ten million others\n"
        "  manage.py seed_demo --events 50000 --days 7 --json | jq .events_per_s\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--events", type=int, required=True, metavar="N", help="facts of the history")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="which history (1)")
        parser.add_argument(
            "--days", type=float, default=365, metavar="D", help="that it lasted at most (365)"
        )
        parser.add_argument(
            "--yes", action="store_true", help="in production as well: it can't be taken back"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *, events: int, seed: int, days: float, **options: Any) -> None:
        if events < 1 or not 0 < days < LONGEST_DAYS:
            raise CommandError("--events is 1 or more, and --days a number above 0", returncode=console.USAGE)
        if not (settings.DEBUG or options["yes"]):
            words = "facts can't be taken back: in production (DEBUG is off) this needs --yes"
            raise CommandError(words, returncode=console.USAGE)
        self._line, self._events = console.ProgressLine(self), events
        self._print(self._seed(seed, events, timedelta(days=days)), seed, as_json=options["json"])

    def _seed(self, seed: int, events: int, span: timedelta) -> Progress:
        try:
            return Seeding(seed, events, span, self._progress).run()
        except (Abandoned, Clash) as clash:
            raise CommandError(f"{clash} Of this one, {STANDS}.") from clash
        except DatabaseError as failed:
            raise CommandError(f"{failed}; {STANDS}") from failed
        except KeyboardInterrupt:
            raise CommandError(f"interrupted; {STANDS}", returncode=console.INTERRUPTED) from None

    def _progress(self, at: Progress) -> None:
        self._line.show(f"{at.facts:,}/{self._events:,} events  {at.events_per_s:,.0f} events/s")

    def _print(self, done: Progress, seed: int, *, as_json: bool) -> None:
        new = done.facts - done.known
        if as_json:
            speed = round(done.events_per_s)
            told = {"schema": 1, "seed": seed, "events": done.facts, "new": new, "seconds": done.seconds}
            self.print_json({**told, "events_per_s": speed})
            return
        self.stdout.write(
            f"{new:,} events written in {done.seconds:.1f} s ({done.events_per_s:,.0f} events/s), "
            f"{done.known:,} were there"
        )
