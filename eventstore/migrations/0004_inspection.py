"""Indexes by which the audit is read, built beside readers and writers.

By name and time, for attempts of one name, of any (the names, merged), and of a time; and those that came to
nothing by themselves, which are few. Facts need no index more: they are found through the rows of their commands.
"""

from django.db import migrations, models


def index(model: str, built: models.Index, create: str) -> list[migrations.operations.base.Operation]:
    """Building one waits for older transactions and blocks nobody; what a build that failed has left goes first."""
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {built.name}"
    patience = ["SET lock_timeout = '60s'", drop, create, "RESET lock_timeout"]
    return [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddIndex(model, built)],
            database_operations=[migrations.RunSQL(patience, drop)],
        )
    ]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("eventstore", "0003_skipped")]

    operations = [
        *index(
            "command",
            models.Index(fields=["name", "recorded_at"], name="eventstore_command_name"),
            "CREATE INDEX CONCURRENTLY eventstore_command_name ON eventstore_command (name, recorded_at)",
        ),
        *index(
            "command",
            models.Index(
                fields=["recorded_at"],
                name="eventstore_command_in_vain",
                condition=models.Q(outcome__in=["refused", "failed"]),
            ),
            "CREATE INDEX CONCURRENTLY eventstore_command_in_vain ON eventstore_command (recorded_at)"
            " WHERE outcome IN ('refused', 'failed')",
        ),
    ]
