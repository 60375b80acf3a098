"""What may be shown without the permission to see personal data: the fields that contexts have made public.

The list is `feed.public.PUBLIC`; whatever is not on it is private, in facts, in the payloads of commands and in
folded states alike.
"""

from typing import Any

from eventstore.feed.public import PUBLIC

HIDDEN = "hidden"
"""Stands where a private value would."""


def private_in_fact(type_name: str, data: dict[str, Any]) -> frozenset[str]:
    """The fields of a fact's data that are private."""
    publication = PUBLIC.get(type_name)
    return frozenset(data) - (publication.fields if publication else frozenset())


def private_in_context(name: str, data: dict[str, Any]) -> frozenset[str]:
    """The fields of a command's payload, or a state, that no public fact of its context has; `name` is any name
    of the context, such as "accounts.register_user"."""
    context = _context(name)
    told = (publication.fields for type_name, publication in PUBLIC.items() if _context(type_name) == context)
    return frozenset(data).difference(*told)


def is_public_somewhere(field: str) -> bool:
    """Whether some public fact has a field of this name."""
    return any(field in publication.fields for publication in PUBLIC.values())


def masked(data: dict[str, Any], private: frozenset[str]) -> dict[str, Any]:
    """The data with `HIDDEN` for each private value."""
    return {name: HIDDEN if name in private else value for name, value in data.items()}


def _context(name: str) -> str:
    return name.partition(".")[0]
