from django.db import migrations

import jiafang.keys.fields


class Migration(migrations.Migration):
    dependencies = [("keys", "0001_data_keys"), ("visits", "0002_last_contact")]

    operations = [
        migrations.RemoveField("participant", "relation"),
        migrations.AddField(
            "participant",
            "relation",
            jiafang.keys.fields.EncryptedTextField(blank=True, default="", verbose_name="关系"),
        ),
    ]
