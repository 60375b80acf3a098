from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_api_tokens")]

    operations = [
        migrations.AddField(
            model_name="user", name="permissions", field=models.JSONField(default=list), preserve_default=True
        ),
    ]
