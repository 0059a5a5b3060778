"""The kinds of care tags a new district begins with; from then on they are data."""

from jiafang.organization.models import CareTagKind

FIRST_KINDS = [
    # code, name, restricted, onsite
    ("left_behind", "留守儿童", False, True),
    ("single_parent", "单亲家庭", True, True),
    ("hardship", "困难家庭", True, True),
    ("disability", "残疾", True, True),
    ("dropout_risk", "控辍保学", True, True),
    ("psychological", "心理关注", True, True),
    ("orphan", "孤儿/事实无人抚养", True, True),
    ("migrant", "随迁子女", False, False),
    ("by_water", "临水居住", False, False),
    ("transferred_in", "转入", False, False),
    ("seasonal", "小候鸟", False, False),
    ("final_year", "毕业年级", False, False),
]


def ensure_care_tag_kinds() -> dict[str, CareTagKind]:
    """The kinds by name, those of a new district created where they are missing."""
    CareTagKind.objects.bulk_create(
        [
            CareTagKind(code=code, name=name, restricted=restricted, onsite=onsite, order=order)
            for order, (code, name, restricted, onsite) in enumerate(FIRST_KINDS)
        ],
        ignore_conflicts=True,
    )
    return {kind.name: kind for kind in CareTagKind.objects.all()}
