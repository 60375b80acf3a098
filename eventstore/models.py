"""The log's own tables: facts, the commands behind them, claimed names, and how far each reader has come."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class Event(models.Model):
    """One fact. Written once by `append`, never changed: the database itself refuses it."""

    position = models.BigAutoField(primary_key=True)
    stream = models.TextField()
    version = models.IntegerField()
    type = models.TextField()
    schema = models.SmallIntegerField()
    data = models.JSONField()
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "version"], name="eventstore_event_stream_version"),
        ]
        indexes = [
            models.Index(fields=["type", "position"], name="eventstore_event_type"),
            BrinIndex(fields=["recorded_at"], name="eventstore_event_recorded_at"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.type}"


class Command(models.Model):
    """One attempt to change something: who asked for what, when, and how it ended."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted"
        REFUSED = "refused"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    stream = models.TextField(null=True)  # noqa: DJ001 - refused before it was known
    first_version = models.IntegerField(null=True)
    last_version = models.IntegerField(null=True)
    actor_id = models.UUIDField(null=True)
    correlation_id = models.UUIDField()
    caused_by = models.BigIntegerField(null=True)
    outcome = models.TextField(choices=Outcome)
    reason = models.TextField(default="")
    payload = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=16)
    address = models.TextField(default="")
    duration_us = models.IntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["correlation_id"], name="eventstore_command_correlation"),
            models.Index(fields=["actor_id", "recorded_at"], name="eventstore_command_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.outcome}"


class Claim(models.Model):
    """A name that a stream holds alone: a username, an address, a slug."""

    pk = models.CompositePrimaryKey("kind", "key")
    kind = models.TextField()
    key = models.TextField()
    stream = models.TextField()

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Checkpoint(models.Model):
    """The last position that a projector or policy has dealt with. Its row's lock is the fence."""

    class Status(models.TextChoices):
        RUNNING = "running"
        STOPPED = "stopped"

    name = models.TextField(primary_key=True)
    position = models.BigIntegerField(default=0)
    status = models.TextField(choices=Status, default=Status.RUNNING)
    last_error = models.TextField(default="")
    moved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class Parked(models.Model):
    """A fact that a projector could not apply, or a later one of the same stream."""

    pk = models.CompositePrimaryKey("projector", "position")
    projector = models.TextField()
    position = models.BigIntegerField()
    stream = models.TextField()
    error = models.TextField()
    tries = models.IntegerField()
    parked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.projector} {self.position}"


class Skipped(models.Model):
    """A fact that an operator decided a projector shall never apply; a rebuild leaves it out as well."""

    pk = models.CompositePrimaryKey("projector", "position")
    projector = models.TextField()
    position = models.BigIntegerField()
    command_id = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.projector} {self.position}"
