from django.db import migrations, models

STATUSES = ["asked", "running", "stopping", "done", "failed", "stopped", "dead"]


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0005_permissions")]

    operations = [
        migrations.AlterField(
            model_name="checkpoint",
            name="status",
            field=models.TextField(
                choices=[("running", "Running"), ("stopped", "Stopped"), ("paused", "Paused")],
                default="running",
            ),
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("who", models.TextField(primary_key=True, serialize=False)),
                ("what", models.TextField()),
                ("since", models.DateTimeField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE eventstore_heartbeat SET UNLOGGED", "ALTER TABLE eventstore_heartbeat SET LOGGED"
        ),
        migrations.CreateModel(
            name="Replay",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("projector", models.TextField()),
                ("check_only", models.BooleanField()),
                ("keep_parked", models.BooleanField()),
                (
                    "status",
                    models.TextField(
                        choices=[(name, name.capitalize()) for name in STATUSES], default="asked"
                    ),
                ),
                ("asked_by", models.TextField()),
                ("reason", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("worker", models.TextField(default="")),
                ("began_at", models.DateTimeField(null=True)),
                ("beat_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("phase", models.TextField(default="")),
                ("position", models.BigIntegerField(default=0)),
                ("head", models.BigIntegerField(default=0)),
                ("events", models.BigIntegerField(default=0)),
                ("seconds", models.FloatField(default=0)),
                ("rows", models.BigIntegerField(default=0)),
                ("differences", models.JSONField(default=dict)),
                ("error", models.TextField(default="")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["asked", "running", "stopping"])),
                        fields=("projector",),
                        name="eventstore_replay_one_at_a_time",
                    )
                ],
            },
        ),
    ]
