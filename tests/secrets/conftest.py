"""Two sites that were sent every secret in every way, and all that is left of it: one as it is run, one with DEBUG."""

from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from eventstore.database import execute
from tests.secrets import channels
from tests.secrets.canaries import canary
from tests.secrets.world import World, served, visited_in_debug


@pytest.fixture
def left(fresh_database, tmp_path):
    """What two sites have left, one after the other, on one database."""
    mails, temporary = tmp_path / "mails", tmp_path / "tmp"
    temporary.mkdir()
    with fresh_database("secrets"):
        with served(TMPDIR=str(temporary), EMAIL_URL=f"file://{mails}") as site, ExitStack() as ears:
            world = World(site.port, mails, ears)
            world.visited()
            left = world.told() | channels.dump()
        left["log"] = site.log
        execute(b"DELETE FROM eventstore_spending")  # who guessed before is not turned away before it breaks
        unsent = f"smtp://postman:{canary('EMAIL_URL')}@127.0.0.1:1"
        with served(DEBUG="1", TMPDIR=str(temporary), EMAIL_URL=unsent) as site:
            pages = visited_in_debug(site.port, world)
            left |= {f"with DEBUG, {name}": rows for name, rows in channels.dump().items()}
        left["log with DEBUG"] = site.log
    left |= channels.files(temporary) | channels.files(channels.STATIC)
    return SimpleNamespace(
        channels=left, made=world.made, heard=world.heard, pages=pages, passwords=world.passwords
    )
