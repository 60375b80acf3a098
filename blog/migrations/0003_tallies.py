from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("blog", "0002_texts_beside_the_row")]

    operations = [migrations.AlterModelOptions(name="tally", options={"verbose_name_plural": "tallies"})]
