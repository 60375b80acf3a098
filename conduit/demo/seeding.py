"""Writing a crowd's history to the log: each chapter in a transaction, its facts at positions drawn as they are copied.

What has been written stays written: the same seed again goes on where it ended. Names, versions and ids are
checked by the database as in an append.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from conduit.demo.aside import chapters
from conduit.demo.history import Chapter, Done
from eventstore.database import cursor, execute, rows
from eventstore.ids import derived
from eventstore.messages import Claim, Release

COMMANDS = (
    b"COPY eventstore_command (id, name, stream, first_version, last_version, actor_id, correlation_id, caused_by,"
    b" outcome, reason, payload, digest, address, duration_us, recorded_at) FROM STDIN"
)
FACTS = b"COPY eventstore_event (stream, version, type, schema, data, command_id, recorded_at) FROM STDIN"
PLACES = (
    b"SELECT stream, version, position FROM unnest(%s::text[], %s::int[]) AS wanted (stream, version)"
    b" JOIN eventstore_event USING (stream, version)"
)
GIVE_BACK = (
    b"DELETE FROM eventstore_claim AS held USING unnest(%s::text[], %s::text[]) AS given (kind, key)"
    b" WHERE held.kind = given.kind AND held.key = given.key"
)
CLAIM = b"INSERT INTO eventstore_claim SELECT * FROM unnest(%s::text[], %s::text[], %s::text[])"
TABLES = ("event", "command", "claim")
WHOLE_READS = (b"enable_seqscan", b"enable_hashjoin", b"enable_mergejoin")
"""Plans for finding some rows that read all of them: the planner knows nothing yet of what a load has written."""


class Clash(Exception):
    """The log holds something else where this seed would write: choose another seed."""

    def __str__(self) -> str:
        return self.__doc__ or ""


class Progress(NamedTuple):
    """Facts of the history so far, those of them that were there before, and seconds."""

    facts: int
    known: int
    seconds: float

    @property
    def events_per_s(self) -> float:
        return (self.facts - self.known) / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Times:
    """The history's time is laid evenly over what lies between two times, from the first fact that is new."""

    since: datetime
    until: datetime
    facts: int
    first: float | None = None

    def begin(self, place: float) -> None:
        """The first fact that is new stands here, unless one was before."""
        self.first = place if self.first is None else self.first

    def at(self, place: float) -> datetime:
        first = self.first or 0
        share = (place - first) / max(1, self.facts - first)
        return self.since + min(1.0, share) * (self.until - self.since)


class Seeding:
    """One load. Others may read and write meanwhile."""

    def __init__(
        self, seed: int, facts: int, span: timedelta, watch: Callable[[Progress], object] = lambda at: None
    ) -> None:
        self._seed, self._facts, self._watch = seed, facts, watch
        self._times = Times(*_free_time(span), facts)
        self._told = self._known = 0
        self._resuming = True
        self._began = monotonic()

    def run(self) -> Progress:
        """Raises `Clash`; what was written before stands."""
        with _at_full_speed(), chapters(self._seed, self._facts) as made:
            for chapter in made:
                self._write(chapter)
        for table in TABLES:
            execute(f"ANALYZE eventstore_{table}".encode(), prepare=False)
        return self._progress()

    def _write(self, chapter: Chapter) -> None:
        try:
            with transaction.atomic():
                # What a crash of the machine loses, the same seed writes again; the end of a load is durable.
                execute(b"SET LOCAL synchronous_commit = off", prepare=False)
                for other_way in WHOLE_READS:
                    execute(b"SET LOCAL " + other_way + b" = off", prepare=False)
                new = sum(self._write_part(part) for part in chapter.parts)
        except IntegrityError as error:
            raise Clash from error
        self._resuming = self._resuming and new < chapter.facts
        self._told += chapter.facts
        self._known += chapter.facts - new
        self._watch(self._progress())

    def _write_part(self, part: list[Done]) -> int:
        """Writes what is not there yet; how many facts that is."""
        named = _with_ids(part)
        if self._resuming:
            known = _known([id_ for id_, _, _ in named])
            named = [each for each in named if each[0] not in known]
        if not named:
            return 0
        self._times.begin(named[0][2].at)
        timed = [(*each, self._times.at(each[-1].at)) for each in named]
        _copy(COMMANDS, (_command(*each) for each in timed))
        _change_names(done for _, _, done in named)
        _copy(FACTS, (row for each in timed for row in _facts(*each)))
        return sum(len(done.facts) for _, _, done in named)

    def _progress(self) -> Progress:
        return Progress(self._told, self._known, monotonic() - self._began)


Named = tuple[UUID, int | None, Done]
"""A command with its id, and the position of the fact that caused it."""


def _with_ids(part: list[Done]) -> list[Named]:
    """The commands of a part; those of policies have the ids that the policies would give them."""
    causes = [done.cause for done in part if done.cause]
    columns = [cause.stream for cause in causes], [cause.version for cause in causes]
    at = (
        {(stream, version): position for stream, version, position in rows(PLACES, columns)} if causes else {}
    )
    return [_with_id(done, at[done.cause[:2]] if done.cause else None) for done in part]


def _with_id(done: Done, caused_by: int | None) -> Named:
    id_ = done.id or (done.cause and derived(caused_by, done.cause.policy, done.cause.nth))
    assert id_  # noqa: S101 - it has one of the two
    return id_, caused_by, done


def _known(ids: list[UUID]) -> set[UUID]:
    return {id_ for (id_,) in rows(b"SELECT id FROM eventstore_command WHERE id = ANY(%s)", (ids,))}


def _command(id_: UUID, caused_by: int | None, done: Done, at: datetime) -> tuple[Any, ...]:
    chance = done.correlation_id.int
    address = "" if done.cause else f"203.0.113.{chance % 254 + 1}"
    who = done.actor_id, done.correlation_id, caused_by
    ending = "refused" if done.reason else "accepted", done.reason, done.payload, done.digest, address
    return id_, done.name, done.stream, *done.versions, *who, *ending, 300 + chance % 3000, at


def _facts(id_: UUID, _: int | None, done: Done, at: datetime) -> Iterator[tuple[Any, ...]]:
    for version, fact in enumerate(done.facts, start=done.version + 1):
        yield done.stream, version, *fact, id_, at


def _copy(statement: bytes, lines: Iterable[tuple[Any, ...]]) -> None:
    with cursor() as bare, bare.copy(statement) as copy:
        for line in lines:
            copy.write_row(line)


def _change_names(dones: Iterable[Done]) -> None:
    """The last word on each name: given back, and then claimed by whoever holds it in the end."""
    last: dict[tuple[str, str], str | None] = {}
    for done in dones:
        for name in done.names:
            if isinstance(name, Claim | Release):
                last[name.kind, name.key] = done.stream if isinstance(name, Claim) else None
    held = [(*name, stream) for name, stream in last.items() if stream]
    if given_back := [name for name, stream in last.items() if not stream]:
        execute(GIVE_BACK, list(map(list, zip(*given_back, strict=True))))
    if held:
        execute(CLAIM, list(map(list, zip(*held, strict=True))))


@contextmanager
def _at_full_speed() -> Iterator[None]:
    """What is made here forms no cycles: looking for some among so many short lives costs a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _free_time(span: timedelta) -> tuple[datetime, datetime]:
    """Since the last fact, but no longer than the span; until now."""
    now = timezone.now()
    found = rows(b"SELECT recorded_at FROM eventstore_event ORDER BY position DESC LIMIT 1")
    return max(now - span, found[0][0]) if found else now - span, now
