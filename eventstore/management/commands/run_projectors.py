"""manage.py run_projectors: keep the read models at the head of the log."""

import signal
import sys
from typing import Any

from django.core.management.base import CommandParser

from eventstore import console
from eventstore.worker import Worker


class Command(console.Console):
    help = (
        "Follows the log and keeps the read models up to date, until it is stopped. Run as many as you like: "
        "one works, the others take over when it dies."
    )
    examples = "  manage.py run_projectors\n  manage.py run_projectors --once    catch up, then exit\n"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="catch up with the log, then exit")
        parser.add_argument("--every", type=float, default=0.5, metavar="S", help="seconds between two looks")

    def handle(self, *, once: bool, every: float, **options: Any) -> None:
        worker = Worker(every)
        if once:
            while worker.look():
                pass
            return
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        self.stderr.write("following the log; Ctrl-C ends it")
        try:
            worker.run()
        except KeyboardInterrupt:
            sys.exit(console.INTERRUPTED)
