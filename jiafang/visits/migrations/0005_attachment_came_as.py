from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("visits", "0004_phones"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="came_as",
            field=models.CharField(default="", help_text="keyed hash of the bytes that came", max_length=64),
            preserve_default=False,
        ),
    ]
