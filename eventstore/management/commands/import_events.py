"""manage.py import_events: restore a log from its export."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from eventstore import console
from eventstore.exporting import Progress
from eventstore.importing import Import, Running, Unfit
from eventstore.roles import as_owner


class Command(console.Console):
    help = (
        "Restores what export_events has written into a migrated database without a log: the same rows at the same "
        "positions. The file is checked to its last byte before anything is written. Interrupted, it goes on where "
        "it was when it is run again. Serve the site when it is done: run verify_log, then rebuild_projections. "
        "The export holds no passwords: see changepassword. Works as the tables' owner, by DATABASE_OWNER_URL. "
        "Exit code: 0 done, 1 the database or the file is in trouble, 3 the file was cut short or changed, or the "
        "database holds something else, 5 another import is at work, 130 interrupted."
    )
    examples = (
        "  manage.py import_events log.ndjson\n  manage.py verify_log && manage.py rebuild_projections\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="the manifest as one JSON object on stdout")

    def handle(self, *, file: str, **options: Any) -> None:
        self._line = console.ProgressLine(self)
        with _plainly(), as_owner(DEFAULT_DB_ALIAS), Path(file).open("rb") as handle:
            restore = Import(handle, self._progress)
            manifest = restore.run()
        if options["json"]:
            self.print_json({**msgspec.to_builtins(manifest), "resumed_at": restore.resumed_at})
            return
        rows = ", ".join(f"{count:,} {name}" for name, count in manifest.rows.items())
        before = f" ({restore.resumed_at:,} rows were there before)" if restore.resumed_at else ""
        self.stdout.write(f"{rows}; last position {manifest.last_position:,}{before}")

    def _progress(self, at: Progress) -> None:
        self._line.show(f"{at.lines:,}/{at.total:,} rows  {at.lines / (at.seconds or 1):,.0f} rows/s")


@contextmanager
def _plainly() -> Iterator[None]:
    """Every end has its words and its exit code."""
    try:
        yield
    except Unfit as unfit:
        raise CommandError(str(unfit), returncode=console.DIFFERENT) from None
    except Running:
        message = "another import is at work, or somebody is projecting: stop the site first"
        raise CommandError(message, returncode=console.LOCKED) from None
    except (DatabaseError, OSError) as failed:
        raise CommandError(f"{failed}; run it again to go on") from failed
    except KeyboardInterrupt:
        message = "interrupted; run it again to go on"
        raise CommandError(message, returncode=console.INTERRUPTED) from None
