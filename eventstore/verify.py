"""Verifying the log: what an append guarantees is looked up again, row by row, in one snapshot and little memory.

The names that are held are a fold of the log like any other table: they are folded anew and compared.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import connection, transaction

from eventstore import codec, log
from eventstore.database import execute, rows, sql
from eventstore.decider import Decider, deciders, names_of
from eventstore.messages import Claim, Release

PAGE = 500

Name = tuple[str, str]


class Problem(NamedTuple):
    """A row, trigger or the like that is not as it must be: what it is, its name, and what is wrong with it."""

    kind: str
    name: dict[str, Any]
    what: str

    def __str__(self) -> str:
        """One line, whatever the row holds."""
        line = f"{self.kind} {', '.join(f'{part} {value}' for part, value in self.name.items())}: {self.what}"
        return line if line.isprintable() else ascii(line)[1:-1]


class Recorded(NamedTuple):
    """A fact as it is stored, and what its command's row says: None where there is no such row."""

    position: int
    stream: str
    version: int
    type: str
    schema: int
    data: str
    command_id: UUID
    command: str | None
    outcome: str | None
    command_stream: str | None
    of_its_versions: bool


@dataclass(slots=True)
class Found:
    """What was looked at, and how many problems there are. The names of some streams can't be compared: those
    whose commands this code does not know (by command), and those that have other problems."""

    events: int = 0
    streams: int = 0
    commands: int = 0
    names: int = 0
    problems: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


class Progress(NamedTuple):
    """How far the reading has come: facts, of about so many, and seconds."""

    events: int
    head: int
    seconds: float


class Verification:
    """One look at the whole log. Readers and writers go on meanwhile."""

    def __init__(
        self, tell: Callable[[Problem], None], watch: Callable[[Progress], None] = lambda progress: None
    ) -> None:
        """`tell` hears of each problem as it is found, `watch` of every page of facts."""
        self.tell, self.watch = tell, watch
        self.found = Found()
        self._deciders = deciders.by_name()
        self._names: list[tuple[str | None, str | None, str]] = []
        self._began = monotonic()

    def run(self) -> Found:
        """Looks at everything; must not be called inside a transaction."""
        with transaction.atomic():
            execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", prepare=False)
            execute(b"SET LOCAL statement_timeout = 0", prepare=False)
            execute(b"CREATE TEMP TABLE verified_name (kind text, key text, stream text) ON COMMIT DROP")
            self._guards()
            self._facts()
            self._commands()
            self._claims()
        self.found.seconds = monotonic() - self._began
        return self.found

    def _problem(self, kind: str, what: str, /, **name: Any) -> None:
        self.found.problems += 1
        self.tell(Problem(kind, name, what))

    def _guards(self) -> None:
        """The triggers, constraints and numbers that every other promise rests on."""
        for kind, name, what in rows(sql("verify_guards")):
            self._problem(kind, what, name=name)

    def _facts(self) -> None:
        for stream, facts in groupby(self._watched(), key=attrgetter("stream")):
            self.found.streams += 1
            names = self._followed(facts)
            self._note([(None, None, stream)] if names is None else [(*name, stream) for name in names])
        self._write_down()

    def _watched(self) -> Iterator[Recorded]:
        head = log.head()
        for fact in map(Recorded._make, _pages(sql("verify_facts"))):
            yield fact
            self.found.events += 1
            if self.found.events % PAGE == 0:
                self.watch(Progress(self.found.events, head, monotonic() - self._began))

    def _followed(self, facts: Iterable[Recorded]) -> set[Name] | None:
        """Checks the facts of one stream; the names that it holds by them, None if that can't be told."""
        fold, before = Fold(), None
        for fact in facts:
            if before is None:
                fold.decider = self._deciders.get(fact.command or "")
                self.found.unknown.update([fact.command] if fact.command and not fold.decider else [])
            problems = [*_out_of_order(fact, before), *_not_of_its_command(fact), *fold.take(fact)]
            for what in problems:
                self._problem("event", what, **{name: getattr(fact, name) for name in NAMING})
            fold.sound = fold.sound and not problems
            before = fact
        return fold.names if fold.sound and fold.decider else None

    def _note(self, names: Iterable[tuple[str | None, str | None, str]]) -> None:
        self._names += names
        if len(self._names) > PAGE:
            self._write_down()

    def _write_down(self) -> None:
        columns = [list(column) for column in zip(*self._names, strict=True)] or [[], [], []]
        execute(
            b"INSERT INTO verified_name SELECT * FROM unnest(%s::text[], %s::text[], %s::text[])", columns
        )
        self._names = []

    def _commands(self) -> None:
        for id_, name, what in _pages(sql("verify_commands")):
            self._problem("command", what, id=id_, name=name)
        [(self.found.commands,)] = rows(b"SELECT count(*) FROM eventstore_command")

    def _claims(self) -> None:
        for kind, key, stream, what in _pages(sql("verify_names")):
            self._problem("claim", what, kind=kind, key=key, stream=stream)
        [(self.found.names,)] = rows(b"SELECT count(*) FROM eventstore_claim")


class Fold:
    """The names that one stream holds, followed from fact to fact while nothing is wrong with it."""

    def __init__(self) -> None:
        self.decider: Decider | None = None
        self.names: set[Name] = set()
        self.sound = True
        self._state: Any = None

    def take(self, fact: Recorded) -> Iterator[str]:
        """Reads the fact and follows it; what is wrong if that can't be done."""
        try:
            event = codec.decode(fact.type, fact.schema, fact.data)
            if self.sound and self.decider:
                self._follow(self.decider, event, first=fact.version == 1)
        except Exception as error:  # noqa: BLE001 - whatever an upcaster or an aggregate makes of it
            yield f"it can't be read: {type(error).__name__}: {error}"

    def _follow(self, decider: Decider, event: Any, *, first: bool) -> None:
        before = decider.initial if first else self._state
        self._state = decider.evolve(before, event)
        for name in names_of(decider, before, event):
            if isinstance(name, Claim):
                self.names.add((name.kind, name.key))
            elif isinstance(name, Release):
                self.names.discard((name.kind, name.key))


NAMING = ("position", "stream", "version", "type")


def _out_of_order(fact: Recorded, before: Recorded | None) -> Iterator[str]:
    version, position = (before.version, before.position) if before else (0, 0)
    if fact.version != version + 1:
        yield f"version {version + 1} is missing before it" if version else "its stream does not begin with 1"
    if fact.position <= position:
        yield f"it stands before version {version}, at {position}" if before else "no reader begins before it"


def _not_of_its_command(fact: Recorded) -> Iterator[str]:
    if fact.command is None:
        yield f"there is no command {fact.command_id}"
    elif fact.outcome != "accepted":
        yield f"its command {fact.command_id} was {fact.outcome}"
    elif fact.command_stream != fact.stream:
        yield f"its command {fact.command_id} was about {fact.command_stream}"
    elif not fact.of_its_versions:
        yield f"its command {fact.command_id} led to other versions"


def _pages(statement: bytes) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, however many they are, with one page of them in memory."""
    with connection.wrap_database_errors, psycopg.ServerCursor(connection.connection, "verify_log") as pages:
        pages.itersize = PAGE
        yield from pages.execute(statement, binary=True)
