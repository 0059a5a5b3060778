"""The categories that the concerns of earlier records already name."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIRST = [
    ("study", "学习", ["student"], False),
    ("life", "生活", ["student", "teacher", "principal"], False),
    ("mind", "心理", ["student", "teacher", "principal"], True),
    ("family", "家庭", ["student", "teacher", "principal"], True),
    ("teaching", "教学", ["teacher", "principal", "school"], False),
    ("health", "健康", ["student", "teacher", "principal"], True),
    ("conditions", "办学条件", ["school", "teacher", "principal"], False),
    ("safety", "安全", ["student", "teacher", "principal", "school"], False),
    ("tutoring", "校外培训", ["student", "school"], False),
    ("other", "其他", ["student", "teacher", "principal", "school"], False),
]


def add(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    category = apps.get_model("care", "Category")
    category.objects.bulk_create(
        [
            category(code=code, name=name, subjects=subjects, confided=confided, order=order)
            for order, (code, name, subjects, confided) in enumerate(FIRST)
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("care", "0002_tally_kept_by_trigger")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
