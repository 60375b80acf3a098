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
        permissions = [
            ("see_metadata", "Can see who did what and when"),
            ("see_payloads", "Can see what was said"),
            ("see_personal_data", "Can see personal data, each look on record"),
            ("operate_projectors", "Can pause, resume and rebuild projectors"),
        ]
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
    retries = models.SmallIntegerField(db_default=0)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["correlation_id"], name="eventstore_command_correlation"),
            models.Index(fields=["actor_id", "recorded_at"], name="eventstore_command_actor"),
            models.Index(fields=["name", "recorded_at"], name="eventstore_command_name"),
            models.Index(
                fields=["recorded_at"],
                name="eventstore_command_in_vain",
                condition=models.Q(outcome__in=["refused", "failed"]),
            ),
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
        PAUSED = "paused"

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


class Heartbeat(models.Model):
    """A worker's sign of life. Not on record: what a crash of the database takes away is a second old."""

    who = models.TextField(primary_key=True)
    what = models.TextField()
    since = models.DateTimeField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.who} {self.what}"


class Spending(models.Model):
    """How often something was tried in a window. Not in the database's journal: a crash begins anew."""

    key = models.BinaryField(max_length=16, primary_key=True)
    began = models.DateTimeField()
    ends = models.DateTimeField()
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.count} until {self.ends}"


class Replay(models.Model):
    """A rebuild or a check that an operator has asked for, and how far the worker that took it has come."""

    class Status(models.TextChoices):
        ASKED = "asked"
        RUNNING = "running"
        STOPPING = "stopping"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True)
    projector = models.TextField()
    check_only = models.BooleanField()
    keep_parked = models.BooleanField()
    status = models.TextField(choices=Status, default=Status.ASKED)
    asked_by = models.TextField()
    reason = models.TextField()
    asked_at = models.DateTimeField()
    worker = models.TextField(default="")
    began_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    phase = models.TextField(default="")
    position = models.BigIntegerField(default=0)
    head = models.BigIntegerField(default=0)
    events = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    rows = models.BigIntegerField(default=0)
    differences = models.JSONField(default=dict)
    error = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["projector"],
                condition=models.Q(status__in=["asked", "running", "stopping"]),
                name="eventstore_replay_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.projector} {self.status}"
