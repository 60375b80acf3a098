from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0002_immutable")]

    operations = [
        migrations.CreateModel(
            name="Skipped",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "projector", "position", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("projector", models.TextField()),
                ("position", models.BigIntegerField()),
                ("command_id", models.UUIDField()),
            ],
        ),
    ]
