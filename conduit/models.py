"""What the API keeps for a while, beside the log: answers that may be asked for again, and counts of requests."""

from django.db import models


class GivenAnswer(models.Model):
    """What a write with an Idempotency-Key was answered, and a hash of what it had asked. No token is in it."""

    id = models.UUIDField(primary_key=True)
    asked = models.CharField(max_length=255)
    status = models.SmallIntegerField()
    headers = models.JSONField()
    body = models.BinaryField()
    given_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.id}: {self.status}"


class WriteCount(models.Model):
    """How often somebody has written in a minute. Not in the database's journal: a crash begins anew."""

    who = models.TextField(primary_key=True)
    minute = models.BigIntegerField()
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.who}: {self.count}"
