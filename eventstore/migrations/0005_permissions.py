from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0004_inspection")]

    operations = [
        migrations.AlterModelOptions(
            name="event",
            options={
                "permissions": [
                    ("see_metadata", "Can see who did what and when"),
                    ("see_payloads", "Can see what was said"),
                    ("see_personal_data", "Can see personal data, each look on record"),
                    ("operate_projectors", "Can pause, resume and rebuild projectors"),
                ]
            },
        ),
    ]
