from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0006_operating")]

    operations = [
        migrations.CreateModel(
            name="Spending",
            fields=[
                ("key", models.BinaryField(max_length=16, primary_key=True, serialize=False)),
                ("began", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                ("count", models.IntegerField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE eventstore_spending SET UNLOGGED", "ALTER TABLE eventstore_spending SET LOGGED"
        ),
    ]
