"""How much one person may say in a while: more than anybody has to say, less than would drown the others."""

from uuid import UUID

from eventstore.budgets import MINUTE, Counter, Limit, spend_generously

COMMENTS = Limit(300, 5 * MINUTE)


def one_more_comment(author_id: UUID) -> None:
    """Raises `TooMany`."""
    spend_generously(Counter("comments", str(author_id), COMMENTS))
