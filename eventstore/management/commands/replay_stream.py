"""manage.py replay_stream: what one stream comes to, now, at any version, at any time; and how two versions differ."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from eventstore import console
from eventstore.codec import FutureEvent
from eventstore.inspection import asking, printing, streams
from eventstore.management.commands.events import in_words, on_record


class Command(console.Console):
    help = (
        "Folds the facts of one stream, in memory, and prints the state that its aggregate decides by. Nothing is "
        'changed by it. Personal data say "hidden" unless --personal is given, which leaves a record in the audit. '
        "Exit code: 0 done, 1 the database is in trouble or the facts come from newer code, 2 usage, or there is no "
        "such stream or version, or no aggregate for it; 130 interrupted."
    )
    examples = (
        "  manage.py replay_stream article-01a2...                     as it is now\n"
        "  manage.py replay_stream article-01a2... --at-version 3\n"
        "  manage.py replay_stream article-01a2... --at 2026-11-23T14:05\n"
        "  manage.py replay_stream article-01a2... --diff 1 3 --json\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("stream", help="its name, such as article-01a2...")
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--at-version", type=console.not_negative, metavar="N", help="after this fact; 0: before any"
        )
        which.add_argument(
            "--at", metavar="TIME", help="as it was then; ISO 8601 in UTC, or so long ago: 15m, 2h, 3d"
        )
        versions = "what lies between two versions"
        which.add_argument("--diff", nargs=2, type=console.not_negative, metavar=("A", "B"), help=versions)
        parser.add_argument("--personal", action="store_true", help="personal data as well; leaves a record")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *, stream: str, diff: list[int] | None, **options: Any) -> None:
        try:
            with in_words():
                told = self._difference(stream, diff, options) if diff else self._state(stream, options)
        except FutureEvent as future:
            raise CommandError(str(future)) from None
        if options["json"]:
            self.print_json({"schema": 1, **told})

    def _state(self, stream: str, options: dict[str, Any]) -> dict[str, Any]:
        folded = streams.at(stream, options["at_version"], _time(options["at"]), patience_s=float("inf"))
        eyes = on_record(f"the state of {stream}", options)
        told = eyes.folded(folded)
        if not options["json"]:
            self.stdout.write(
                f"{stream} at version {folded.version}, {printing.when(folded.recorded_at)}: {folded.name}"
            )
            self.stdout.write(printing.pretty(told["data"]))
        return told

    def _difference(self, stream: str, diff: list[int], options: dict[str, Any]) -> dict[str, Any]:
        found = streams.difference(stream, *diff)
        eyes = on_record(f"the states of {stream}", options)
        changes = eyes.difference(found)
        if not options["json"]:
            for change in changes:
                before, after = (printing.pretty(change[side]) for side in ("before", "after"))
                self.stdout.write(f"{change['field']}\n- {before}\n+ {after}")
            if not changes:
                self.stderr.write("no difference")
        return {"stream": stream, "before": diff[0], "after": diff[1], "changes": changes}


def _time(text: str | None) -> datetime | None:
    try:
        return asking.moment(text) if text else None
    except (ValueError, OverflowError):
        raise CommandError(f"--at {text!r} is no time", returncode=console.USAGE) from None
