"""python -m bench: what the engine costs, against plain ways to do the same."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

from bench import append, command, growth, inspection, library, live, read, replay, requests, sign_in
from bench.figures import Figure
from bench.scale import FEWEST, FULL, QUICK, Scale
from bench.scratch import Logs, logs
from bench.table import Row, show

Group = Callable[[Scale, Logs], Iterator[Row | Figure]]

GROUPS: dict[str, Group] = {
    "append": append.rows,
    "read": read.rows,
    "load": read.loads,
    "command": command.rows,
    "requests": requests.rows,
    "library": library.rows,
    "hot": growth.hot,
    "growth": growth.rows,
    "replay": replay.rows,
    "live": live.rows,
    "sign_in": sign_in.rows,
    "inspection": inspection.rows,
}
ON_REQUEST = {"sign_in", "inspection"}

ABOUT = """\
Measures the engine, each thing against a plain way to do the same in the same run: raw psycopg, the ORM, and
the library eventsourcing. It works on scratch databases of the site's own server, fsync and all, and drops them.

  append   one writer, many, and batches      command  from dispatch until shown, against the ORM
  read     the log in order                   hot      a stream of 10,000 events
  load     one stream into its state          growth   logs of a hundredth, a tenth, and all events
  library  the same in eventsourcing          replay   the log into the read models; memory
  requests the API, a bare view, the pages         live     one fragment to many pages; commit to browser; idle
                                                           pages; pages that do not read

On request only: sign_in, readers beside 200 who sign in at once; inspection, the admin's pages about the log (with
--events 10000000, for instance).
"""


def main() -> None:
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit("stopped"))
    scale = QUICK if options.quick else FULL
    asked = {
        name: value
        for name in ("events", "rounds", "seconds", "writers", "sockets")
        if (value := getattr(options, name))
    }
    scale = replace(scale, **asked)
    with logs() as made:
        chosen = options.what or [name for name in GROUPS if name not in ON_REQUEST]
        show(row for name in chosen for row in GROUPS[name](scale, made))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", metavar="what", help="some of these; all of them if none is given")
    parser.add_argument(
        "--quick", action="store_true", help="about a minute: less of everything, and noisier"
    )
    parser.add_argument(
        "--events", type=int, help=f"in the longest log; {FULL.events:,}, quick {QUICK.events:,}"
    )
    parser.add_argument("--rounds", type=int, help=f"of each comparison; {FULL.rounds}, quick {QUICK.rounds}")
    parser.add_argument(
        "--seconds", type=float, help=f"a side of a round; {FULL.seconds:g}, quick {QUICK.seconds:g}"
    )
    parser.add_argument("--writers", type=int, help=f"processes that append at once; {FULL.writers}")
    parser.add_argument(
        "--sockets", type=int, help=f"pages in one room; {FULL.sockets:,}, idle 5 times as many"
    )
    options = parser.parse_args()
    if unknown := [name for name in options.what if name not in GROUPS]:
        parser.error(f"there is no {unknown[0]}; there are {', '.join(GROUPS)}")
    if options.events and options.events < FEWEST:
        parser.error(f"a log of fewer than {FEWEST:,} events tells nothing")
    return options


if __name__ == "__main__":
    main()
