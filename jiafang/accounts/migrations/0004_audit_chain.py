import json

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


def seal_what_is_there(apps, schema_editor):
    """Entries of before are sealed as they stand, so that an entry without a seal is never one of ours."""
    from jiafang.accounts.audit.form import Entry, canonical, microseconds, sealed
    from jiafang.accounts.audit.keys import seal_keys

    entries = apps.get_model("accounts", "AuditEntry").objects
    key = seal_keys()[0]
    for row in entries.order_by("pk").iterator():
        entry = Entry(
            microseconds(row.at), row.user_id, row.person_id, row.capacity, row.action, row.object_kind,
            row.object_id, row.why, row.subjects, json.dumps(row.details),
        )  # fmt: skip
        entries.filter(pk=row.pk).update(seal=sealed(canonical(entry), key))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_activation_codes")]

    operations = [
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(unique=True)),
                ("hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.AlterField("auditentry", "at", models.DateTimeField()),
        migrations.AddField(
            "auditentry", "seal", models.BinaryField(default=b"", max_length=32), preserve_default=False
        ),
        migrations.AddField(
            "auditentry",
            "subjects",
            django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
        migrations.RunPython(seal_what_is_there, migrations.RunPython.noop),
        migrations.AddIndex(
            "auditentry", django.contrib.postgres.indexes.GinIndex(fields=["subjects"], name="audit_subjects")
        ),
    ]
