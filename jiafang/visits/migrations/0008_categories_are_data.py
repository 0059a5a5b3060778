from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("visits", "0007_concern_becomes_case")]

    operations = [
        migrations.AlterField(
            model_name="raisedconcern",
            name="category",
            field=models.CharField(max_length=20, verbose_name="类别"),
        ),
    ]
