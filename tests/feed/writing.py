"""What happens while others listen: many hearts, hearts in an open transaction, a database that goes away."""

from contextlib import contextmanager

import psycopg

from tests.eventstore.tools import another, place

INSERT = """
INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at)
SELECT
    'favorite-' || gen_random_uuid(), 1,
    coalesce(%s, CASE nth %% 2 WHEN 0 THEN 'blog.article_favorited' ELSE 'blog.article_unfavorited' END), 1,
    jsonb_build_object('article_id', gen_random_uuid(), 'reader_id', gen_random_uuid()), gen_random_uuid(),
    clock_timestamp()
FROM generate_series(1, %s::int) AS nth
"""


def hearts(number, name=None):
    """Appends so many facts as one, and commits them."""
    with another() as raw:
        raw.execute(INSERT, (name, number))


@contextmanager
def open_hearts(number=1):
    """A transaction that has drawn the next positions, and has not ended."""
    with psycopg.connect(**place()) as raw:
        raw.execute(INSERT, (None, number))
        yield raw
        raw.rollback()


@contextmanager
def away():
    """Nobody is let into the test's database, and whoever is in is sent out."""
    name = place()["dbname"]
    with another(dbname="postgres") as raw:
        raw.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        raw.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            raw.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


BIOGRAPHIES = """
INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at)
SELECT
    'user-' || gen_random_uuid(), 1, 'accounts.profile_updated', 1,
    jsonb_build_object('user_id', gen_random_uuid(), 'bio', repeat('x', %s::int)), gen_random_uuid(), clock_timestamp()
FROM generate_series(1, %s::int)
"""


def biographies(number, length):
    """Appends so many texts of that length, and commits them. They cost whoever projects them little."""
    with another() as raw:
        raw.execute(BIOGRAPHIES, (length, number))
