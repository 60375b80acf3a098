from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="GivenAnswer",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("asked", models.CharField(max_length=255)),
                ("status", models.SmallIntegerField()),
                ("headers", models.JSONField()),
                ("body", models.BinaryField()),
                ("given_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="WriteCount",
            fields=[
                ("who", models.TextField(primary_key=True, serialize=False)),
                ("minute", models.BigIntegerField()),
                ("count", models.IntegerField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE conduit_writecount SET UNLOGGED", "ALTER TABLE conduit_writecount SET LOGGED"
        ),
    ]
