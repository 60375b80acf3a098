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
        parser.add_argument(
            "--every", type=console.seconds, default=0.5, metavar="S", help="seconds between two looks"
        )

    def handle(self, *, once: bool, every: float, **options: Any) -> None:
        worker = Worker(every)
        if once:
            while worker.look():
                pass
            return
        signals = _stopped_by_signals(worker)
        self.stderr.write("following the log; Ctrl-C ends it")
        worker.run()
        if signal.SIGINT in signals:
            sys.exit(console.INTERRUPTED)


def _stopped_by_signals(worker: Worker) -> list[int]:
    """The signals that have come so far: the batch at hand is finished, unless Ctrl-C comes twice."""
    came: list[int] = []

    def stop(number: int, frame: Any) -> None:
        came.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return came
