from django.db import migrations, models

import jiafang.keys.fields

TEXTS = {"person": ["phone", "id_number"], "household": ["address"]}


def refuse_texts_of_the_first_kind(apps, schema_editor):
    """Texts sealed under one key for all are not carried over: only demonstrations were ever made of them."""
    for table, columns in TEXTS.items():
        found = " OR ".join(f"octet_length({column}) > 0" for column in columns)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM organization_{table} WHERE {found})")  # noqa: S608
            if cursor.fetchone()[0]:
                raise RuntimeError("This demonstration was made before data keys: `make demo-reset` builds it anew.")


class Migration(migrations.Migration):
    dependencies = [("keys", "0001_data_keys"), ("organization", "0002_roster_plan")]

    operations = [
        migrations.RunPython(refuse_texts_of_the_first_kind, migrations.RunPython.noop),
        migrations.RemoveField("household", "preferred_times"),
        migrations.AddField(
            "household",
            "preferred_times",
            jiafang.keys.fields.EncryptedTextField(blank=True, default="", verbose_name="方便的时间"),
        ),
        migrations.RemoveField("person", "registry_number"),
        migrations.AddField(
            "person",
            "registry_number",
            jiafang.keys.fields.EncryptedTextField(blank=True, default="", verbose_name="学籍号"),
        ),
        migrations.AddField("person", "registry_number_hash", models.CharField(blank=True, max_length=64, default="")),
        migrations.AlterField("person", "registry_number_hash", models.CharField(blank=True, max_length=64)),
        migrations.AlterField(
            "rosterfile", "content", jiafang.keys.fields.EncryptedBytesField(blank=True, default=b"")
        ),
        migrations.AlterField(
            "rosterimport", "plan", jiafang.keys.fields.EncryptedBytesField(blank=True, default=b"")
        ),
        migrations.RemoveField("rosterimport", "preview"),
        migrations.AddField(
            "rosterimport", "preview", jiafang.keys.fields.EncryptedJSONField(blank=True, default=dict)
        ),
        migrations.RemoveField("seasonalresidence", "place"),
        migrations.AddField(
            "seasonalresidence",
            "place",
            jiafang.keys.fields.EncryptedTextField(blank=True, default="", verbose_name="地点"),
        ),
        migrations.AddConstraint(
            "person",
            models.UniqueConstraint(
                condition=models.Q(("registry_number_hash", ""), _negated=True),
                fields=("registry_number_hash",),
                name="person_registry_number_unique",
            ),
        ),
    ]
