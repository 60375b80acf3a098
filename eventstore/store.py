"""Appending to the log, and finding again what was appended.

An append is one statement. The database refuses it whole when the stream has moved on, when a name is taken,
or when the command was carried out before; which of them it was is the exception that comes out.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore import codec, measures
from eventstore.database import in_transaction, rows, sql, whole
from eventstore.messages import AlreadyTaken, Claim, Missing, Names, Release, Require

ENTANGLED = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


NAMELESS: dict[str, list[str]] = {
    f"{what}_{part}": [] for what in ("claimed", "released", "required") for part in ("kinds", "keys")
}


class StreamMoved(Exception):
    """Somebody appended to the stream since it was read."""


class CommandKnown(Exception):
    """This command's id has been used; `taken` are the kinds of its names that are another's."""

    def __init__(self, command_id: UUID, taken: Iterable[str] = ()) -> None:
        super().__init__(command_id)
        self.taken = tuple(taken)


@dataclass(frozen=True, slots=True)
class Order:
    """A command on its way: its id (the idempotency key) and what its row in the audit says."""

    id: UUID
    name: str
    payload: str
    digest: bytes
    actor_id: UUID | None
    address: str
    correlation_id: UUID
    caused_by: int | None


class Effort(NamedTuple):
    """What an attempt has taken so far: microseconds, and how often it was decided again."""

    duration_us: int = 0
    retries: int = 0


NONE = Effort()


def append(
    order: Order, stream: str, after: int, events: Iterable[object], names: Names, effort: Effort = NONE
) -> tuple[int, ...]:
    """Appends facts (at least one) to a stream whose last version is `after`; their positions, in order.

    In autocommit it is durable on return; inside a transaction, on its commit. Raises `StreamMoved` (also
    when two appends wait for each other's names: decide again), `AlreadyTaken`, `CommandKnown`, `Missing` for
    a name that is required and not held, or `codec.Unstorable`; nothing is stored then.
    """
    facts, named = _facts(events), _named(names)
    params = {**_row(order, stream, effort), "after": after, **facts, **named}
    statement = sql("append", "one" if facts["count"] == 1 else "several", *_needs(named))
    with _measured(facts):
        try:
            with whole():
                positions = tuple(position for position, _ in sorted(rows(statement, params)))
        except IntegrityError as error:
            raise _reason(error, stream, params) from error
        except OperationalError as error:
            if isinstance(error.__cause__, ENTANGLED):
                raise StreamMoved(stream) from error
            raise
        if not positions:
            raise _misfit(stream, params)
    return positions


CONFLICTS: dict[type[Exception], str] = {
    StreamMoved: "version",
    AlreadyTaken: "name",
    Missing: "missing",
    CommandKnown: "command",
}


@contextmanager
def _measured(facts: dict[str, Any]) -> Iterator[None]:
    """Tells whoever counts how the append went: what was appended on commit, a conflict at once."""
    began = perf_counter()
    try:
        yield
    except tuple(CONFLICTS) as conflict:
        measures.conflicted(CONFLICTS[type(conflict)])
        raise
    types = facts["types"] if facts["count"] > 1 else [facts["type"]]
    tell = partial(measures.appended, types, perf_counter() - began)
    if in_transaction():
        transaction.on_commit(tell)
    else:
        tell()


def _row(order: Order, stream: str | None, effort: Effort) -> dict[str, Any]:
    values = {name: getattr(order, name) for name in order.__slots__}
    return {**values, "stream": stream, "duration_us": effort.duration_us, "retries": effort.retries}


def _facts(events: Iterable[object]) -> dict[str, Any]:
    """What the statement needs to know of them: one as it is, several as columns."""
    encoded = [codec.encode(event) for event in events]
    types, schemas, texts = zip(*encoded, strict=True)
    if len(encoded) == 1:
        return {"count": 1, "type": types[0], "schema": schemas[0], "text": texts[0]}
    return {"count": len(encoded), "types": list(types), "schemas": list(schemas), "texts": list(texts)}


def _needs(named: dict[str, list[str]]) -> Iterator[str]:
    """The parts of the append that are about names, if it is about any."""
    if named["required_kinds"]:
        yield "required"
    if named["claimed_kinds"] or named["released_kinds"]:
        yield "named"


def _named(names: Names) -> dict[str, list[str]]:
    """Names as columns: the last word on each, sorted, so that all appends wait for them in one order."""
    if not names:
        return NAMELESS
    last_word = {(isinstance(name, Require), name.kind, name.key): name for name in names}
    ordered = [last_word[place] for place in sorted(last_word)]
    columns = {}
    for prefix, kind in (("claimed", Claim), ("released", Release), ("required", Require)):
        chosen = [name for name in ordered if isinstance(name, kind)]
        columns[f"{prefix}_kinds"] = [name.kind for name in chosen]
        columns[f"{prefix}_keys"] = [name.key for name in chosen]
    return columns


def _reason(error: IntegrityError, stream: str, params: dict[str, Any]) -> Exception:
    cause = error.__cause__
    constraint = cause.diag.constraint_name if isinstance(cause, psycopg.errors.UniqueViolation) else None
    claimed = params["claimed_kinds"], params["claimed_keys"]
    match constraint:
        case "eventstore_event_stream_version":
            return StreamMoved(stream)
        case "eventstore_command_pkey":
            return CommandKnown(params["id"], _taken(stream, *claimed))
        case "eventstore_claim_pkey":
            taken = _taken(stream, *claimed)
            return AlreadyTaken(*taken) if taken else StreamMoved(stream)
        case _:
            return error


def _taken(stream: str, kinds: list[str], keys: list[str]) -> list[str]:
    """Which kinds of the claimed names are another's; none, should their holders have let go by now."""
    taken = rows(
        b"SELECT DISTINCT kind FROM eventstore_claim WHERE stream <> %s AND (kind, key) IN "
        b"(SELECT * FROM unnest(%s::text[], %s::text[])) ORDER BY kind",
        (stream, kinds, keys),
    )
    return [kind for (kind,) in taken]


def _misfit(stream: str, params: dict[str, Any]) -> Exception:
    absent = rows(
        b"SELECT kind FROM unnest(%s::text[], %s::text[]) AS required (kind, key) WHERE NOT EXISTS "
        b"(SELECT FROM eventstore_claim AS held WHERE held.kind = required.kind AND held.key = required.key) "
        b"ORDER BY kind",
        (params["required_kinds"], params["required_keys"]),
    )
    return Missing(f"{absent[0][0]} not found") if absent else StreamMoved(stream)


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier use of a command id led to."""

    outcome: str
    reason: str
    stream: str | None
    first_version: int | None
    last_version: int | None
    digest: bytes


def known(command_id: UUID) -> Known | None:
    """The command with this id, if there was one."""
    found = rows(
        b"SELECT outcome, reason, stream, first_version, last_version, digest "
        b"FROM eventstore_command WHERE id = %s",
        (command_id,),
    )
    return Known(*found[0]) if found else None


class Consequence(NamedTuple):
    """A fact that came of a command, or of a policy's reaction to one that did."""

    position: int
    stream: str
    type: str


def consequences(command_id: UUID) -> list[Consequence]:
    """All that a command has led to so far."""
    return list(map(Consequence._make, rows(sql("consequences"), (command_id,))))


def record(
    order: Order,
    stream: str | None,
    outcome: str,
    reason: str,
    effort: Effort = NONE,
    using: BaseDatabaseWrapper = connection,
) -> bool:
    """Writes the row of a command that left no fact; False if its id was known."""
    params = {**_row(order, stream, effort), "outcome": outcome, "reason": reason}
    return bool(rows(sql("record_command"), params, using))
