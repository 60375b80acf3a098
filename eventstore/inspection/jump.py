"""One box to go anywhere: a position, a stream, a command, a correlation, a time, a name."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from eventstore.database import rows, sql
from eventstore.inspection import asking, picking
from eventstore.inspection.limits import bounded
from eventstore.inspection.privacy import is_public_somewhere
from eventstore.log import head
from eventstore.text import NEVER, identity

LONGEST = 300


class Target(NamedTuple):
    """What was meant: `kind` is event, stream, command, correlation or actor; `key` its position, name or id."""

    kind: str
    key: str


def jump(text: str) -> Target | None:
    """What the text names, the first that is there of: a position; a stream; the id of a command, of a correlation,
    of what a stream is about, of an actor; a date or time (the first fact from then on); a name that is public,
    such as a slug or a username, whose stream is meant. None if it is nothing of that.

    Of an address within the site its last part counts. Names that are not public, such as addresses of mail, lead
    nowhere.
    """
    text = text.strip()
    if not text or len(text) > LONGEST or NEVER.search(text):
        return None
    if "/" in text:
        text = text.rstrip("/").rpartition("/")[2]
    with bounded():
        return next(filter(None, (way(text) for way in WAYS)), None)


def _position(text: str) -> Target | None:
    try:
        position = asking.position(text)
    except ValueError:
        return None
    return Target("event", str(position)) if rows(sql("inspect_fact"), (position,)) else None


def _stream(text: str) -> Target | None:
    return Target("stream", text) if rows(sql("inspect_versions"), (text,)) else None


def _id(text: str) -> Target | None:
    try:
        found = rows(sql("inspect_id"), {"id": UUID(text), "streams": _about(UUID(text))})
    except ValueError:
        return None
    return Target(*found[0]) if found else None


def _about(id_: UUID) -> list[str]:
    """The streams that may be about something."""
    kinds = {kind for occurs_in in picking.kinds().values() for kind in occurs_in}
    return [f"{kind}-{id_}" for kind in sorted(kinds)]


def _time(text: str) -> Target | None:
    if asking.AGO.fullmatch(text):
        return None
    try:
        [position] = picking.positions([asking.moment(text)])
    except (ValueError, OverflowError):
        return None
    return Target("event", str(position)) if position <= head() else None


def _name(text: str) -> Target | None:
    kinds = [kind for (kind,) in rows(sql("inspect_claim_kinds")) if is_public_somewhere(kind)]
    keys = list(dict.fromkeys((text, identity(text))))
    found = rows(sql("inspect_holder"), {"kinds": kinds, "keys": keys})
    return Target("stream", found[0][0]) if found else None


WAYS: tuple[Callable[[str], Target | None], ...] = (_position, _stream, _id, _time, _name)
