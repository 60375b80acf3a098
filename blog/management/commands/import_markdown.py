"""manage.py import_markdown: a folder of Markdown moves in, as often as you like, and is there once."""

import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from blog.importing.files import MarkdownFile, NothingThere, found
from blog.importing.sending import (
    EDITED,
    FAILED,
    OUTCOMES,
    PUBLISHED,
    UNCHANGED,
    Importer,
    Outcome,
    author_known_as,
)
from eventstore import console
from eventstore.printable import on_a_line

CHANGES = {PUBLISHED: "would publish", EDITED: "would edit"}


class Command(console.Console):
    help = (
        "Publishes Markdown files, with or without YAML front matter, as articles by one author. A file that "
        "changed since the last time becomes an edit; one that did not is left alone. Exit code: 0 done, "
        "2 no such author or nothing to import, 3 some files could not be imported (each is named, with the "
        "reason), 130 interrupted (what was imported stays; running it again goes on)."
    )
    examples = (
        "  manage.py import_markdown ~/old-blog --author oona             a folder and all folders in it\n"
        "  manage.py import_markdown ~/old-blog --author oona --dry-run   only say what would happen\n"
        "  manage.py import_markdown a.md b.md --author oona@mail.example\n"
        "  manage.py import_markdown ~/blog --as old-blog --author oona   the folder was called old-blog\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a Markdown file, or a folder of them")
        parser.add_argument("--author", required=True, metavar="NAME", help="a username or an email address")
        parser.add_argument(
            "--as", dest="called", default="", metavar="NAME", help="what the folder was called before"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and do nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *, author: str, dry_run: bool, **options: Any) -> None:
        author_id = author_known_as(author)
        if author_id is None:
            raise CommandError(f"there is nobody known as {on_a_line(author)}", returncode=console.USAGE)
        files = _files([Path(path) for path in options["paths"]], options["called"])
        run = _Run(self, len(files), dry_run=dry_run, as_json=options["json"])
        interrupted = not run.through(Importer(author_id, dry_run=dry_run).run(files))
        run.summarize(author, interrupted=interrupted)
        if interrupted:
            sys.exit(console.INTERRUPTED)
        if run.counts[FAILED]:
            sys.exit(console.DIFFERENT)


class _Run:
    """Tells how a run goes: a line per file that something happened to, and the sum of it at the end."""

    def __init__(self, command: console.Console, files: int, *, dry_run: bool, as_json: bool) -> None:
        self._command, self._files, self._dry_run, self._as_json = command, files, dry_run, as_json
        self._progress, self._began = console.ProgressLine(command), monotonic()
        self._told: list[Outcome] = []
        self.counts = dict.fromkeys(OUTCOMES, 0)

    def through(self, outcomes: Iterator[Outcome]) -> bool:
        """Goes through all of them; False if somebody would not wait."""
        try:
            for outcome in outcomes:
                self.counts[outcome.what] += 1
                if outcome.what != UNCHANGED:
                    self._tell(outcome)
                self._show_progress()
        except KeyboardInterrupt:
            return False
        return True

    def _tell(self, outcome: Outcome) -> None:
        self._told.append(outcome)
        told = outcome.what if outcome.what not in CHANGES or not self._dry_run else CHANGES[outcome.what]
        line = f"{told}  {on_a_line(outcome.file.name)}" + (
            f": {on_a_line(outcome.detail)}" if outcome.detail else ""
        )
        if outcome.what == FAILED:
            self._say(line, to=self._command.stderr)
        elif not self._as_json:
            self._say(line, to=self._command.stdout)

    def _say(self, line: str, to: OutputWrapper) -> None:
        """On a terminal the progress line makes room first."""
        if sys.stderr.isatty():
            self._command.stderr.write("\r\x1b[K", ending="")
        to.write(line)

    def _show_progress(self) -> None:
        done = sum(self.counts.values())
        self._progress.show(f"{done:,}/{self._files:,} files  {done / self._seconds():,.0f} files/s")

    def _seconds(self) -> float:
        return monotonic() - self._began

    def summarize(self, author: str, *, interrupted: bool) -> None:
        if interrupted:
            self._say(
                "interrupted; what was imported stays, and running this again goes on", self._command.stderr
            )
        if self._as_json:
            self._command.print_json(self._summary(author, interrupted=interrupted))
        else:
            counts = ", ".join(f"{count:,} {what}" for what, count in self.counts.items())
            self._say(
                f"{counts} in {self._seconds():.1f} s{' (dry run)' if self._dry_run else ''}",
                self._command.stdout,
            )

    def _summary(self, author: str, *, interrupted: bool) -> dict[str, Any]:
        """Files that are as they were are only counted."""
        return {
            "schema": 1,
            "author": author,
            "dry_run": self._dry_run,
            "interrupted": interrupted,
            "seconds": round(self._seconds(), 3),
            **self.counts,
            "files": [
                {
                    "name": on_a_line(file.name),
                    "path": on_a_line(str(file.path)),
                    "outcome": what,
                    "detail": detail,
                }
                for file, what, detail in self._told
            ],
        }


def _files(paths: list[Path], called: str) -> list[MarkdownFile]:
    if called and len(paths) > 1:
        raise CommandError("--as goes with one PATH", returncode=console.USAGE)
    try:
        return found(paths, called)
    except NothingThere as nothing:
        raise CommandError(str(nothing), returncode=console.USAGE) from None
