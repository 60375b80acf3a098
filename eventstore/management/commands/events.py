"""manage.py events: what is in the log, who did it and why, what follows from it, and what happens just now."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from eventstore import console, log
from eventstore.admin.records import ViewPersonalData
from eventstore.inspection import asking, causes, commands, events, following, printing, stats, streams
from eventstore.inspection.filters import Filter
from eventstore.inspection.limits import TooMuch
from eventstore.messages import BadInput
from eventstore.operating import operator, record

NAMES = ("type", "kind", "stream", "actor", "correlation", "command", "after", "before", "since", "until")
PAGE = 500


@contextmanager
def in_words() -> Iterator[None]:
    """Whatever can't be meant, is not there, or would take too long, has its words and its exit code."""
    try:
        yield
    except BadInput as bad:
        found = (f"--{name} {problem}" for name, problems in bad.problems.items() for problem in problems)
        raise CommandError("; ".join(found), returncode=console.USAGE) from None
    except LookupError as absent:
        raise CommandError(str(absent), returncode=console.USAGE) from None
    except (TooMuch, log.LogBusy) as busy:
        raise CommandError(str(busy), returncode=console.EXCEEDED) from None


def on_record(what: str, options: dict[str, Any]) -> printing.Eyes:
    """The eyes to look with; personal data are shown when the audit says to whom."""
    if options["personal"]:
        record(ViewPersonalData(what=f"{what}, by {operator()} on the command line"))
    return printing.Eyes(personal=options["personal"])


class Command(console.Console):
    help = (
        'Looks into the log. Nothing is changed by it. Personal data (what no public fact tells) say "hidden" unless '
        "--personal is given, which leaves a record in the audit. Times are ISO 8601 in UTC, or so long ago: 2h, 3d. "
        "Exit code: 0 found, or nothing to be found; 1 the database is in trouble; 2 usage, or there is no such thing; "
        "4 it would take too long, or the log is busy; 130 interrupted."
    )
    examples = (
        "  manage.py events search --kind article --since 2h\n"
        "  manage.py events search --type accounts.signed_in --actor 01a2... --limit 500 --json\n"
        "  manage.py events show 1042 --personal\n"
        "  manage.py events stream article-01a2...\n"
        "  manage.py events trace 1042                  what led to it, and what came of it\n"
        "  manage.py events tail --last 10 --type blog.article_published\n"
        "  manage.py events stats --json | jq .head\n"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="search|show|stream|trace|tail|stats")
        search = acts.add_parser("search", help="facts by type, stream, person, time; the latest first")
        show = acts.add_parser("show", help="one fact with its payload, and what is around it")
        stream = acts.add_parser("stream", help="the life of one stream")
        trace = acts.add_parser("trace", help="what led to what: the tree of a correlation")
        tail = acts.add_parser("tail", help="facts as they come, in order, none left out")
        numbers = acts.add_parser("stats", help="the log in numbers")
        for act in (search, tail):
            _add_filter(act)
        search.add_argument("--limit", type=console.positive, default=50, metavar="N", help="at most (50)")
        show.add_argument("position", help="of the fact")
        stream.add_argument("stream", help="its name, such as article-01a2...")
        stream.add_argument(
            "--after", dest="version", type=console.not_negative, default=0, help="this version"
        )
        stream.add_argument("--limit", type=console.positive, default=50, metavar="N", help="at most (50)")
        trace.add_argument("id", help="of a correlation or a command, or the position of a fact")
        tail.add_argument(
            "--last", type=console.not_negative, default=0, metavar="N", help="begin with the last ones"
        )
        tail.add_argument("--seconds", type=console.seconds, help="stop after so long; without: at Ctrl-C")
        numbers.add_argument("--exact", action="store_true", help="count every fact: reads the whole log")
        for act in (show, stream, trace):
            act.add_argument("--personal", action="store_true", help="personal data as well; leaves a record")
        for act in (search, show, stream, trace, tail, numbers):
            act.add_argument("--json", action="store_true", help="one JSON object, or one a line")

    def handle(self, *, act: str, **options: Any) -> None:
        with in_words():
            getattr(self, f"_{act}")(options)

    def _search(self, options: dict[str, Any]) -> None:
        wanted, left, lines, older = (
            Filter.from_query(_query(options)),
            options["limit"],
            list[events.Line](),
            None,
        )
        while left:
            page = events.page(wanted, before=older, limit=min(left, PAGE))
            lines += page.lines
            left, older = left - len(page.lines), page.older
            if older is None:
                break
        self._lines(lines, options)
        if older is not None:
            self.stderr.write(f"there are more: --before {older}, or a larger --limit")

    def _lines(self, lines: list[events.Line], options: dict[str, Any]) -> None:
        if options["json"]:
            for line in lines:
                self.print_json(printing.plain(line))
        elif lines:
            self.print_table(printing.HEAD, map(printing.cells, lines))
        else:
            self.stderr.write("nothing is found")

    def _show(self, options: dict[str, Any]) -> None:
        seen = events.fact(_position(options["position"]))
        if seen is None:
            raise LookupError(f"there is no fact at {options['position']}")
        eyes = on_record(f"event {seen.line.position}", options)
        told = eyes.seen(seen)
        if options["json"]:
            self.print_json(told)
        else:
            self.stdout.write(printing.pretty(told))
        self._hidden(eyes)

    def _stream(self, options: dict[str, Any]) -> None:
        found = streams.life(options["stream"], after=options["version"], limit=options["limit"])
        if found is None:
            raise LookupError(f"there is no stream {options['stream']}")
        eyes = on_record(f"stream {found.stream}", options)
        if options["json"]:
            for fact in found.facts:
                self.print_json(eyes.fact(fact))
        else:
            self.print_table(printing.LIFE, map(eyes.life, found.facts))
        if found.later:
            self.stderr.write(f"there are more, up to version {found.version}: --after {found.later}")
        self._hidden(eyes)

    def _trace(self, options: dict[str, Any]) -> None:
        tree = causes.tree(_correlation(options["id"]))
        if tree is None:
            raise LookupError(f"there is no fact, command or correlation {options['id']}")
        eyes = on_record(f"correlation {tree.correlation_id}", options)
        if options["json"]:
            self.print_json(printing.grown(tree, eyes))
        else:
            self.stdout.write("\n".join(printing.branches(tree)))

    def _tail(self, options: dict[str, Any]) -> None:
        wanted, began = Filter.from_query(_query(options)), log.head()
        last = events.page(wanted, limit=options["last"]).lines[::-1] if options["last"] else ()
        self._each([line for line in last if line.position <= began], options)
        for _, lines in following.follow(wanted, began, following.for_seconds(options["seconds"])):
            self._each(lines, options)

    def _each(self, lines: list[events.Line], options: dict[str, Any]) -> None:
        """Lines of a stream without end: no columns, since their widths can't be known."""
        for line in lines:
            if options["json"]:
                self.print_json(printing.plain(line))
            else:
                self.stdout.write("  ".join(map(str, printing.cells(line))))
        self.stdout.flush()

    def _stats(self, options: dict[str, Any]) -> None:
        found = stats.counted() if options["exact"] else stats.numbers()
        if options["json"]:
            tables, types = map(printing.plain, found.tables), map(printing.plain, found.types)
            told = {"schema": 1, "head": found.head, "exact": found.exact}
            self.print_json({**told, "tables": list(tables), "types": list(types)})
            return
        about = "" if found.exact else "about "
        self.stdout.write(f"head of the log: {found.head:,}")
        self.print_table(("table", f"{about}rows", "MB"), map(_size, found.tables))
        self.print_table(("type", f"{about}facts", "last position", "last at"), map(_often, found.types))

    def _hidden(self, eyes: printing.Eyes) -> None:
        if eyes.hidden:
            self.stderr.write(
                f"hidden: {', '.join(sorted(eyes.hidden))}; --personal shows it, and leaves a record"
            )


def _add_filter(act: CommandParser) -> None:
    act.add_argument("--type", action="append", help="of the fact; may be given again")
    act.add_argument("--kind", help="of the stream: article, user, ...")
    act.add_argument("--stream", help="of this stream")
    act.add_argument("--actor", metavar="ID", help="who asked for it")
    act.add_argument("--correlation", metavar="ID", help="what it belongs to")
    act.add_argument("--command", metavar="ID", help="which led to it")
    act.add_argument("--after", metavar="POSITION", help="later than this one")
    act.add_argument("--before", metavar="POSITION", help="earlier than this one")
    act.add_argument("--since", metavar="TIME", help="recorded then or later")
    act.add_argument("--until", metavar="TIME", help="recorded before then")


def _query(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in NAMES if options[name] is not None}


def _position(text: str) -> int:
    try:
        return asking.position(text)
    except ValueError:
        raise LookupError(f"{text!r} is no position") from None


def _correlation(text: str) -> UUID:
    """The correlation that was named by its id, by that of one of its commands, or by the position of a fact."""
    if asking.POSITION.fullmatch(text):
        seen = events.fact(_position(text))
        if seen is None or seen.command is None:
            raise LookupError(f"there is no fact at {text}")
        return seen.command.correlation_id
    try:
        known = commands.attempt(UUID(text))
    except ValueError:
        raise LookupError(f"{text!r} is neither an id nor a position") from None
    return known.attempt.correlation_id if known else UUID(text)


def _size(table: stats.TableNumbers) -> tuple[Any, ...]:
    return table.name, "-" if table.rows is None else table.rows, f"{table.bytes / 2**20:,.1f}"


def _often(each: stats.TypeNumbers) -> tuple[Any, ...]:
    return (
        each.type,
        "-" if each.facts is None else each.facts,
        each.position,
        printing.when(each.recorded_at),
    )
