"""Restoring a log from its export: identical rows at identical positions, into a database without a log.

The whole file is checked against its manifest before a row is written. Rows are written in pieces that stand when
they are written; what an interrupted import has left is compared with the file, row by row, and the rest follows.
While it runs, nobody projects or reacts to what is there so far.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain, groupby, islice
from time import monotonic
from typing import Any, BinaryIO

import msgspec
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from eventstore.database import cursor, execute, rows
from eventstore.exporting import (
    FORMAT,
    PAGE,
    SECTIONS,
    Manifest,
    Progress,
    Section,
    lines,
    numbering,
    snapshot,
)

PIECE = 10_000
PATIENCE = "5s"
BY_NAME = {section.name: section for section in SECTIONS}
DECODERS = {section.name: msgspec.json.Decoder(dict[str, section.row]) for section in SECTIONS}  # type: ignore[name-defined]
MANIFEST = msgspec.json.Decoder(dict[str, Manifest])


class Unfit(Exception):
    """The file, or the database, is not fit for this; nothing has been written."""


class Running(Exception):
    """Another import is at work, or somebody is projecting."""


def verified(file: BinaryIO) -> Manifest:
    """The manifest of a file that is whole, from its first byte to its last; raises `Unfit` for any other."""
    digest, count, last = hashlib.sha256(), 0, b""
    file.seek(0)
    for line in file:
        digest.update(last)
        count, last = count + 1, line
    manifest = _manifest(last)
    if digest.hexdigest() != manifest.sha256:
        raise Unfit("what the file holds is not what its manifest says: the SHA-256 differs")
    if count - 1 != sum(manifest.rows.values()):
        raise Unfit(
            f"the file holds {count - 1:,} rows, and its manifest says {sum(manifest.rows.values()):,}"
        )
    return manifest


def _manifest(line: bytes) -> Manifest:
    try:
        manifest = MANIFEST.decode(line)["manifest"]
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError):
        raise Unfit("the file does not end with its manifest: it was cut short, or is no export") from None
    if not line.endswith(b"\n"):
        raise Unfit("the file ends in the middle of its last line: it was cut short")
    if not 1 <= manifest.format <= FORMAT:
        raise Unfit(f"the file has format {manifest.format}; this code reads 1 to {FORMAT}")
    return manifest


class Import:
    """One restore of one file."""

    def __init__(self, file: BinaryIO, watch: Callable[[Progress], object] = lambda at: None) -> None:
        self._file, self._watch, self._began = file, watch, monotonic()
        self.resumed_at = 0
        """How many of the file's rows were there before."""

    def run(self) -> Manifest:
        """Raises `Unfit` before anything is written, `Running`; must not be called inside a transaction."""
        self.manifest = verified(self._file)
        self._total = sum(self.manifest.rows.values())
        with _nobody_follows():
            self._file.seek(0)
            self.resumed_at = self._compare()
            _draw_after(self.manifest.last_drawn)
            self._load()
            self._compare_counts()
        return self.manifest

    def _compare(self) -> int:
        """How many rows there are, each the same as in the file; the file stands after them."""
        nth = 0
        with snapshot():
            for nth, there in enumerate(chain.from_iterable(map(lines, SECTIONS)), start=1):
                if nth > self._total or not self._same(nth, there, self._file.readline()):
                    raise Unfit(
                        "the database is neither empty nor the beginning of this file: "
                        f"its row {nth:,} is not the one in line {nth:,}"
                    )
                self._show(nth)
        return nth

    def _same(self, nth: int, there: bytes, line: bytes) -> bool:
        """Letter by letter; a file of an earlier format says the same row in other letters."""
        if there == line or self.manifest.format == FORMAT:
            return there == line
        section = BY_NAME[_section((nth, there))]
        return _row(section, nth, there) == _row(section, nth, line)

    def _load(self) -> None:
        numbered = enumerate(self._file, start=self.resumed_at + 1)
        for done in range(self.resumed_at, self._total, PIECE):
            piece = islice(numbered, min(PIECE, self._total - done))
            with transaction.atomic():
                execute(b"SET LOCAL statement_timeout = 0", prepare=False)
                for name, some in groupby(piece, key=_section):
                    _copy(BY_NAME[name], some)
            self._show(done + PIECE)

    def _show(self, line: int) -> None:
        if line % PAGE == 0:
            self._watch(Progress(line, self._total, monotonic() - self._began))

    def _compare_counts(self) -> None:
        found = {section.name: _count(section) for section in SECTIONS}
        if (found, numbering()[0]) != (self.manifest.rows, self.manifest.last_position):
            raise Unfit(f"somebody else has written to the database meanwhile: it has {found}")
        for section in SECTIONS:
            execute(b"ANALYZE " + section.table.encode(), prepare=False)


def _section(numbered: tuple[int, bytes]) -> str:
    """The name of the section that a line says it belongs to."""
    nth, line = numbered
    name = line[2 : line.find(b'"', 2)].decode(errors="replace")
    if name not in BY_NAME:
        raise Unfit(f"line {nth:,} is no row of a log")
    return name


def _copy(section: Section, numbered: Iterable[tuple[int, bytes]]) -> None:
    """COPY writes the positions that it is given, whatever the sequence says."""
    with cursor() as bare, bare.copy(f"COPY {section.table} ({section.columns}) FROM STDIN".encode()) as copy:
        for nth, line in numbered:
            copy.write_row(_values(section, nth, line))


def _row(section: Section, nth: int, line: bytes) -> msgspec.Struct:
    try:
        return DECODERS[section.name].decode(line)[section.name]  # type: ignore[no-any-return]
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError) as error:
        raise Unfit(f"line {nth:,} is no {section.name}: {error}") from None


def _values(section: Section, nth: int, line: bytes) -> list[Any]:
    values = msgspec.structs.astuple(_row(section, nth, line))
    return [bytes(value).decode() if isinstance(value, msgspec.Raw) else value for value in values]


def _draw_after(position: int) -> None:
    """The next fact gets a position after all that were ever drawn."""
    if position:
        rows(
            b"SELECT setval(pg_get_serial_sequence('eventstore_event', 'position')::regclass, %s)",
            (position,),
        )


def _count(section: Section) -> int:
    return int(rows(f"SELECT count(*) FROM {section.table}".encode())[0][0])  # noqa: S608 - a name of our own


@contextmanager
def _nobody_follows() -> Iterator[None]:
    """Holds the checkpoints, on a connection of its own: no projector moves, no policy reacts, no import runs."""
    with closing(connection.copy()) as own:
        own.settings_dict["OPTIONS"].pop("pool", None)
        with own.cursor() as holding:
            holding.execute("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0")
            holding.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            try:
                holding.execute("LOCK TABLE eventstore_checkpoint IN EXCLUSIVE MODE")
            except OperationalError as error:
                if isinstance(error.__cause__, LockNotAvailable):
                    raise Running from error
                raise
            yield
            holding.execute("ROLLBACK")
