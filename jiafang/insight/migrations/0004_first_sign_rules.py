"""The rules of early signs that a district begins with."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIRST = [
    ("mood_notes", 120, 2),
    ("falling_marks", 365, 3),
    ("absences", 60, 85),
    ("exam_season", 90, 1),
    ("no_contact", 120, 1),
    ("tags_together", 1, 3),
]


def add(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    rule = apps.get_model("insight", "SignRule")
    rule.objects.bulk_create(
        [rule(kind=kind, days=days, times=times) for kind, days, times in FIRST], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("insight", "0003_early_signs")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
