"""An article's texts are kept as they are, beside its row: its counts change often, and its page is read often."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("blog", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE blog_article ALTER body SET STORAGE EXTERNAL, ALTER html SET STORAGE EXTERNAL",
            "ALTER TABLE blog_article ALTER body SET STORAGE EXTENDED, ALTER html SET STORAGE EXTENDED",
        ),
    ]
