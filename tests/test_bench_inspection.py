"""The bench of the admin's pages about the log finds every page where it looks for it, and times it."""

from io import StringIO

from django.core.management import call_command

from tests.eventstore.tools import start

EVERY_PAGE = """
from bench import inspection
for name in inspection.PAGES:
    print(name, *inspection.times(name, 2), sep="|")
"""
PAGES = {
    "events", "events, further back", "events of a type", "events of a kind", "events of a stream",
    "events by an actor", "events of a correlation", "events of an hour", "an event", "a stream", "a correlation",
    "commands", "commands refused", "commands by an actor", "commands of an hour",
    "jump to a stream", "jump to an id", "jump to a time", "the dashboard",
}  # fmt: skip


def test_every_page_can_be_asked_for_and_is_timed(database):
    call_command("seed_demo", "--events", "300", "--yes", stdout=StringIO())
    with start("-c", EVERY_PAGE) as running:
        out, complaint = running.communicate(timeout=120)
    assert not complaint
    found = {name: list(map(float, times)) for name, *times in (line.split("|") for line in out.splitlines())}
    assert found.keys() == PAGES
    assert all(len(times) == 2 and min(times) > 0 for times in found.values())
