"""What may go wrong with the embedded server; the message says what a person can do about it."""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be used here; setting DATABASE_URL to a real server avoids it."""
