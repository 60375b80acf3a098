"""What the management commands share: exit codes, one JSON object or plain lines on stdout, progress on
stderr."""

import json
import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from textwrap import fill
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, OperationalError

from eventstore.log import LogBusy
from eventstore.printable import Printable, on_a_line
from eventstore.projector import Projector, projectors
from eventstore.rebuild import RebuildRunning, ReplayFailed
from eventstore.text import NEVER, character_name

OK, FAILED, USAGE, DIFFERENT, EXCEEDED, LOCKED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

EVERY_S = 2.0
DIGITS = 18  # of a number that is meant, and that every machine can count to
HELP_WIDTH = 79


class Console(BaseCommand):
    """A command with `--json`, and examples under its help."""

    examples = ""
    requires_system_checks: list[
        str
    ] = []  # an operator wants an answer at once: `check`, `migrate` and `serve` check

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        from argparse import RawDescriptionHelpFormatter

        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if self.examples:
            parser.formatter_class = RawDescriptionHelpFormatter
            parser.epilog = f"Examples:\n{self.examples}"
            parser.description = fill(self.help, HELP_WIDTH)
        return parser

    def execute(self, *args: Any, **options: Any) -> Any:
        """Every end that no command foresees has its words and its exit code; stdout gets what is printable."""
        refuse_odd(options)
        options["stdout"] = Printable(options.get("stdout") or sys.stdout)
        try:
            return super().execute(*args, **options)
        except (OperationalError, InterfaceError) as error:
            raise CommandError(str(error).strip(), returncode=FAILED) from error
        except KeyboardInterrupt:
            raise CommandError("interrupted", returncode=INTERRUPTED) from None
        except BrokenPipeError:  # `| head` has all that it wanted, and nobody is left to be told anything
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(FAILED)

    def print_json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, default=str))

    def print_table(self, head: Iterable[str], lines: Iterable[Iterable[Any]]) -> None:
        """Columns as wide as their widest cell; numbers to the right."""
        table = [[str(cell) for cell in head], *([_cell(cell) for cell in line] for line in lines)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for line in table:
            cells = (_aligned(cell, width) for cell, width in zip(line, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def refuse_odd(options: Mapping[str, Any]) -> None:
    """The gate of every command: a usage error for a character that no text may have, halves of characters included."""
    for name, said in options.items():
        for text in said if isinstance(said, list) else [said]:
            if isinstance(text, str) and (found := NEVER.search(text)):
                words = f"{name} contains a character that is never valid ({character_name(found[0])})"
                raise CommandError(words, returncode=USAGE)


class ProgressLine:
    """A line on stderr every two seconds; rewritten in place on a terminal, plain lines elsewhere."""

    def __init__(self, command: BaseCommand) -> None:
        self._err, self._next = command.stderr, monotonic() + EVERY_S

    def show(self, text: str, *, now: bool = False) -> None:
        if now or monotonic() >= self._next:
            self._next = monotonic() + EVERY_S
            animated = sys.stderr.isatty()
            self._err.write(f"\r\x1b[K{text}" if animated else text, ending="" if animated else "\n")


def positive(text: str) -> int:
    """An argument that counts something: 1 or more."""
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS and int(text) > 0):
        raise ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def not_negative(text: str) -> int:
    """An argument that counts something: 0 or more."""
    return 0 if text == "0" else positive(text)


def seconds(text: str) -> float:
    """An argument that says how long."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise ArgumentTypeError(f"{text!r} is no number of seconds")
    return found


def chosen(names: Iterable[str]) -> list[Projector]:
    """The projectors of these names, all if there are none; a usage error names the ones that exist."""
    known = {projector.name: projector for projector in projectors}
    if unknown := [name for name in names if name not in known]:
        raise CommandError(
            f"there is no projector {', '.join(unknown)}; there are {', '.join(sorted(known))}",
            returncode=USAGE,
        )
    return [known[name] for name in names] or list(projectors)


@contextmanager
def rebuilding() -> Iterator[None]:
    """Every end of a rebuild has its words and its exit code; the read models are as they were."""
    try:
        yield
    except RebuildRunning as running:
        raise CommandError(f"{running} is being rebuilt already", returncode=LOCKED) from None
    except LogBusy as busy:
        raise CommandError(str(busy), returncode=EXCEEDED) from None
    except (ReplayFailed, DatabaseError) as failed:
        raise CommandError(f"{failed}; the read models are as they were") from failed
    except KeyboardInterrupt:
        message = "interrupted; the read models are as they were"
        raise CommandError(message, returncode=INTERRUPTED) from None


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else on_a_line(str(value))


def _aligned(cell: str, width: int) -> str:
    return cell.rjust(width) if cell.replace(",", "").replace(".", "").isdigit() else cell.ljust(width)
