"""Whether the read models agree with the log: at any moment, up to their checkpoints; and in the end, to its head."""

from eventstore import log
from eventstore.database import rows
from eventstore.projector import projectors
from eventstore.rebuild import Rebuild
from eventstore.status import standings
from eventstore.tables import listed, quoted, table_of
from eventstore.testing import Rows
from tests.eventstore.tools import ask


def rows_agree_with_checkpoints():
    """Every row of every projector is what the facts up to its checkpoint amount to: no more, no less."""
    facts = list(log.read_all())
    checkpoints = dict(ask("SELECT name, position FROM eventstore_checkpoint"))
    for projector in projectors:
        at, folded = checkpoints.get(projector.name, 0), Rows()
        for fact in facts:
            if fact.position <= at and projector.follows(fact.type):
                folded.apply(projector.project(fact))
        for model in projector.tables:
            assert by_key(stored(model), model) == by_key(folded.all(model), model), (projector, at)
    return True


def stored(model):
    """The rows of a table, as the database holds them."""
    table = table_of(model)
    found = rows(f"SELECT {listed(table.columns)} FROM {quoted(table.name)}".encode())
    return [dict(zip(table.columns, row, strict=True)) for row in found]


def by_key(found, model):
    return {table_of(model).key(row): row for row in found}


def all_is_done():
    """Nobody lags or has stopped, and a replay comes to the same rows."""
    assert [standing for standing in standings() if not standing.up_to_date] == []
    assert [Rebuild(projector).run(check=True).differing for projector in projectors] == [0] * len(projectors)
    return True
