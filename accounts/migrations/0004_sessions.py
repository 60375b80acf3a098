from django.db import migrations, models

FORGET = "DELETE FROM django_session"
"""The keys of these sessions stand there in clear: everybody signs in once more."""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_permissions"), ("sessions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("user_id", models.UUIDField(null=True)),
                ("data", models.TextField()),
                ("browser", models.CharField(max_length=100)),
                ("began_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user_id"], name="accounts_session_user"),
                    models.Index(fields=["expires_at"], name="accounts_session_expiry"),
                ],
            },
        ),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
    ]
