from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organization", "0001_initial_tables")]

    operations = [
        migrations.AddField(
            model_name="rosterimport",
            name="plan",
            field=models.BinaryField(blank=True, default=b""),
        ),
    ]
