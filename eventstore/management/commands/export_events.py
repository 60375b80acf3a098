"""manage.py export_events: the whole log in one file, to keep, or to restore elsewhere."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from eventstore import console
from eventstore.exporting import Manifest, Progress, export

Write = Callable[[bytes], object]


class Command(console.Console):
    help = (
        "Writes the whole log as lines of JSON, from one snapshot: every command, fact and name, and a manifest as "
        "the last line (rows, last position, SHA-256). Readers and writers go on meanwhile. "
        "THE EXPORT CONTAINS PRIVATE DATA: email addresses, network addresses, all that was ever taken down. It is "
        "made readable for its owner only; keep it so. It contains no passwords, tokens or sessions: people who are "
        "restored from it need a new password. "
        "Exit code: 0 done, 1 the database or the file is in trouble, 2 usage, 130 interrupted."
    )
    examples = (
        "  manage.py export_events log.ndjson\n"
        "  manage.py export_events - | zstd > log.ndjson.zst\n"
        "  manage.py export_events log.ndjson --json | jq .sha256\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="- (the default) is stdout")
        parser.add_argument("--json", action="store_true", help="the manifest as one JSON object on stdout")

    def handle(self, *, file: str, **options: Any) -> None:
        if file == "-" and options["json"]:
            raise CommandError("--json needs a FILE: stdout is taken by the export", returncode=console.USAGE)
        self._line = console.ProgressLine(self)
        with _plainly(), _opened(file) as write:
            manifest = export(write, self._progress)
        self._print(manifest, file, as_json=options["json"])

    def _progress(self, at: Progress) -> None:
        self._line.show(
            f"{at.lines:,} of about {at.total:,} rows  {at.lines / (at.seconds or 1):,.0f} rows/s"
        )

    def _print(self, manifest: Manifest, file: str, *, as_json: bool) -> None:
        if as_json:
            self.print_json(msgspec.to_builtins(manifest))
            return
        rows = ", ".join(f"{count:,} {name}" for name, count in manifest.rows.items())
        said = f"{rows}; last position {manifest.last_position:,}; SHA-256 {manifest.sha256}"
        (self.stderr if file == "-" else self.stdout).write(said)


@contextmanager
def _opened(file: str) -> Iterator[Write]:
    """Where to write; a file is there under its name once it is whole, and for its owner's eyes only."""
    if file == "-":
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    unfinished = Path(f"{file}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            yield handle.write
            handle.flush()
            os.fsync(handle.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _plainly() -> Iterator[None]:
    """Every end has its words and its exit code."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CommandError("nobody reads any more; the export is not whole") from None
    except (DatabaseError, OSError) as failed:
        raise CommandError(f"{failed}; there is no export") from failed
    except KeyboardInterrupt:
        raise CommandError("interrupted; there is no export", returncode=console.INTERRUPTED) from None
