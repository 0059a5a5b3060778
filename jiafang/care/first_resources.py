"""The public numbers that hold in the whole country; a district adds its own, and may change these."""

from jiafang.care.models import Resource

Kind = Resource.Kind
FIRST_RESOURCES = [
    # kind, name, phone, what it helps with, to be called first in an emergency
    (Kind.HOSPITAL, "急救", "120", "有人受伤、服药、昏迷,先打这个", True),
    (Kind.POLICE, "报警", "110", "有人正在受伤害、失踪、要伤害自己或别人", True),
    (Kind.HOTLINE, "心理援助热线", "12356", "心里难受、睡不着、想不开,孩子和家长都可以打", False),
    (Kind.HOTLINE, "青少年服务台", "12355", "成长、学习、家庭关系和权益方面的问题", False),
    (Kind.LEGAL_AID, "法律援助热线", "12348", "抚养、赔偿、侵权等法律问题", False),
]


def ensure_resources() -> None:
    """Enter those that are missing; one that a district has changed keeps its name and stays as it is."""
    Resource.objects.bulk_create(
        [
            Resource(kind=kind, name=name, phone=phone, about=about, emergency=emergency)
            for kind, name, phone, about, emergency in FIRST_RESOURCES
        ],
        ignore_conflicts=True,
    )
