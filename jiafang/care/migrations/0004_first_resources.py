"""The public numbers that a new district begins with."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIRST = [
    ("hospital", "急救", "120", "有人受伤、服药、昏迷,先打这个", True),
    ("police", "报警", "110", "有人正在受伤害、失踪、要伤害自己或别人", True),
    ("hotline", "心理援助热线", "12356", "心里难受、睡不着、想不开,孩子和家长都可以打", False),
    ("hotline", "青少年服务台", "12355", "成长、学习、家庭关系和权益方面的问题", False),
    ("legal_aid", "法律援助热线", "12348", "抚养、赔偿、侵权等法律问题", False),
]


def add(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    resource = apps.get_model("care", "Resource")
    resource.objects.bulk_create(
        [
            resource(kind=kind, name=name, phone=phone, about=about, emergency=emergency)
            for kind, name, phone, about, emergency in FIRST
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("care", "0003_first_categories")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
