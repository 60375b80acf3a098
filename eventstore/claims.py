"""Who holds a name: the log's own word on identity, exact at the moment it is asked."""

from eventstore.database import rows


def holder(kind: str, key: str) -> str | None:
    """The stream that holds a name, such as ("username", "jake"); None if nobody does."""
    found = rows(b"SELECT stream FROM eventstore_claim WHERE kind = %s AND key = %s", (kind, key))
    return str(found[0][0]) if found else None
