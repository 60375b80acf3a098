"""A history with every kind of fact in every schema that was ever written, as it stands in the log.

Lines are added to history.ndjson, never changed: it is what makes sure that old logs can still be read.
`python -m tests.golden.history` prints a digest of the rows that it makes.
"""

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from accounts.aggregates import user
from blog.aggregates import article, author, comment, favorite, follow
from eventstore.log import Fact
from eventstore.projector import projectors
from eventstore.testing import BEGINNING, Rows

LINES: list[dict[str, Any]] = [
    json.loads(line) for line in Path(__file__).with_suffix(".ndjson").read_text("utf-8").splitlines()
]
DECIDERS = {
    "user": user, "author": author, "follow": follow, "article": article, "favorite": favorite,
    "comment": comment,
}  # fmt: skip
IDENTITY = {
    "accounts.": ("user", "user_id"),
    "blog.author_created": ("author", "author_id"),
    "blog.author_": ("follow", "follower_id", "author_id"),
    "blog.article_commented": ("comment", "comment_id"),
    "blog.comment_": ("comment", "comment_id"),
    "blog.article_favorited": ("favorite", "article_id", "reader_id"),
    "blog.article_unfavorited": ("favorite", "article_id", "reader_id"),
    "blog.article_": ("article", "article_id"),
}


def stream(line: dict[str, Any]) -> str:
    """The stream that a line of the history belongs to."""
    kind, *names = next(found for start, found in IDENTITY.items() if line["type"].startswith(start))
    return "-".join([kind, *(line["data"][name] for name in names)])


def history() -> list[Fact]:
    """The lines as facts, a second apart, each in its stream."""
    streams: list[str] = []
    facts = []
    for position, line in enumerate(LINES, start=1):
        streams.append(stream(line))
        at = BEGINNING + timedelta(seconds=position)
        version, data = streams.count(streams[-1]), json.dumps(line["data"])
        facts.append(
            Fact(position, streams[-1], version, line["type"], line["schema"], data, UUID(int=position), at)
        )
    return facts


def projected() -> Rows:
    """The rows that all projectors make of the history."""
    rows = Rows()
    for projector in projectors:
        for fact in history():
            rows.apply(projector.project(fact))
    return rows


def digest() -> str:
    """One word for every byte of every row."""
    rows = projected()
    tables = [(table.__name__, rows.all(table)) for projector in projectors for table in projector.tables]
    return sha256(repr(tables).encode()).hexdigest()


if __name__ == "__main__":
    import django

    django.setup()
    print(digest())  # noqa: T201
