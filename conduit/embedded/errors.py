"""What may go wrong with the embedded server; the message says what a person can do about it."""

import psycopg


class EmbeddedPostgresError(psycopg.OperationalError):
    """The embedded PostgreSQL cannot be used here. To Django it is a database that is out of order."""
