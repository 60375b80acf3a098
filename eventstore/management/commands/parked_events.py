"""manage.py parked_events: what projectors and policies have set aside, and the two ways out of it."""

import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from eventstore import console, parking
from eventstore.catch_up import catch_up
from eventstore.parking import NotParked, ParkedStream, Retried, parked_streams
from eventstore.projector import projectors
from eventstore.rebuild import Rebuild, Result

TITLES = ("subscriber", "stream", "position", "type", "facts", "tries", "parked at", "error")


class Command(console.Console):
    help = (
        "Shows the streams that projectors and policies have parked, tries them again, or skips the fact that "
        "one failed at, for good. Retries and skips are in the audit, with who and why. What other streams said "
        "meanwhile about rows that were missing is made up for by a rebuild of the projector. Exit code: 0 done, "
        "1 something stays parked, 2 nothing of that is parked, 4 or 5 the log or the projector is busy."
    )
    examples = (
        "  manage.py parked_events list\n"
        "  manage.py parked_events list --json | jq .parked\n"
        "  manage.py parked_events retry                      everything\n"
        "  manage.py parked_events retry blog.pages           what one projector has parked\n"
        '  manage.py parked_events skip blog.pages 1042 --reason "a test that got into the log"\n'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="list|retry|skip")
        listing = acts.add_parser("list", help="what is parked, by stream")
        retrying = acts.add_parser("retry", help="apply what is parked, as far as it goes")
        retrying.add_argument("subscriber", nargs="?", help="a projector or policy; none means all")
        retrying.add_argument("stream", nargs="?", help="one of its streams; none means all")
        retrying.add_argument("--reason", default="", help="what has changed since, for the audit")
        skipping = acts.add_parser("skip", help="never apply one fact; then try those behind it")
        skipping.add_argument("subscriber", help="a projector or policy")
        skipping.add_argument("position", type=int, help="the first parked fact of its stream")
        skipping.add_argument("--reason", required=True, help="why, for the audit")
        for act in (retrying, skipping):
            act.add_argument("--no-rebuild", action="store_true", help="leave out the rebuild afterwards")
        for act in (listing, retrying, skipping):
            act.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *, act: str, **options: Any) -> None:
        try:
            getattr(self, f"_{act}")(options)
        except NotParked as error:
            raise CommandError(str(error), returncode=console.USAGE) from None
        except OperationalError as error:
            busy = isinstance(error.__cause__, LockNotAvailable)
            code = console.EXCEEDED if busy else console.FAILED
            raise CommandError(f"{str(error).strip()}; nothing has changed", returncode=code) from error

    def _list(self, options: dict[str, Any]) -> None:
        found = parked_streams()
        if options["json"]:
            self.print_json({"schema": 1, "parked": [parked._asdict() for parked in found]})
        elif found:
            self.print_table(TITLES, map(_cells, found))
        else:
            self.stdout.write("nothing is parked")

    def _retry(self, options: dict[str, Any]) -> None:
        stream, reason = options["stream"], options["reason"]
        chosen = [
            parked for parked in parked_streams(options["subscriber"]) if stream in (None, parked.stream)
        ]
        if not chosen and options["subscriber"]:
            raise NotParked(f"{options['subscriber']} has parked nothing of {stream or 'any stream'}")
        tried = [parking.retry(parked.subscriber, parked.stream, reason) for parked in chosen]
        self._finish(tried, {each.subscriber for each in tried if each.applied}, options)

    def _skip(self, options: dict[str, Any]) -> None:
        skipped = parking.skip(options["subscriber"], options["position"], options["reason"])
        self._finish([skipped], {skipped.subscriber}, options)

    def _finish(self, tried: list[Retried], touched: set[str], options: dict[str, Any]) -> None:
        catch_up()
        rebuilt = [] if options["no_rebuild"] else list(_rebuild(touched))
        if options["json"]:
            self.print_json(
                {"schema": 1, "tried": list(map(asdict, tried)), "rebuilt": list(map(asdict, rebuilt))}
            )
        else:
            self.stdout.write("\n".join([*map(str, tried), *map(str, rebuilt)] or ["nothing is parked"]))
        if any(each.left for each in tried):
            sys.exit(console.FAILED)


def _cells(parked: ParkedStream) -> tuple[Any, ...]:
    return (
        *parked[:3],
        parked.type,
        parked.facts,
        parked.tries,
        f"{parked.parked_at:%Y-%m-%d %H:%M:%S}",
        parked.error.partition("\n")[0],
    )


def _rebuild(names: Iterable[str]) -> Iterable[Result]:
    with console.rebuilding():
        for projector in projectors:
            if projector.name in names:
                yield Rebuild(projector).run(keep_parked=True)
