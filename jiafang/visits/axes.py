"""What a visit looks at, tier by tier, and the common findings that can be ticked instead of typed."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiafang.campaigns.models import Tier


@dataclass(frozen=True)
class Chip:
    """One common finding; `attention` marks those that usually need a second look."""

    code: str
    label: str | Promise
    attention: bool = False


@dataclass(frozen=True)
class Axis:
    code: str
    label: str | Promise
    chips: tuple[Chip, ...]


_FAMILY = (
    Axis(
        "study",
        _("在家学习"),
        (
            Chip("study_steady", _("学习自觉")),
            Chip("study_improved", _("比以前有进步")),
            Chip("homework_late", _("作业拖拉"), True),
            Chip("no_study_place", _("没有安静的学习角落"), True),
            Chip("needs_study_help", _("想要学习上的帮助"), True),
        ),
    ),
    Axis(
        "life",
        _("生活"),
        (
            Chip("rhythm_good", _("作息规律")),
            Chip("helps_at_home", _("常帮家里做事")),
            Chip("sleeps_late", _("睡得晚"), True),
            Chip("phone_too_much", _("手机用得多"), True),
            Chip("with_grandparents", _("老人照看"), True),
        ),
    ),
    Axis(
        "mind",
        _("心理"),
        (
            Chip("mood_good", _("情绪平稳")),
            Chip("talks_with_family", _("和家人聊得来")),
            Chip("exam_worry", _("为考试着急"), True),
            Chip("mood_low", _("最近情绪低"), True),
            Chip("family_tension", _("和家人有些别扭"), True),
        ),
    ),
)
_TEACHER = (
    Axis(
        "family",
        _("家庭"),
        (
            Chip("home_steady", _("家里都好")),
            Chip("elders_to_care", _("老人要照顾"), True),
            Chip("children_young", _("孩子小,两头忙"), True),
            Chip("commute_long", _("上班路远"), True),
        ),
    ),
    Axis(
        "teaching",
        _("教学"),
        (
            Chip("teaching_smooth", _("教学顺手")),
            Chip("load_heavy", _("课多事杂"), True),
            Chip("wants_training", _("想学习培训"), True),
            Chip("title_question", _("职称有疑问"), True),
        ),
    ),
    Axis(
        "health",
        _("健康"),
        (
            Chip("health_good", _("身体都好")),
            Chip("tired", _("有些疲惫"), True),
            Chip("health_care", _("需要休养或看病"), True),
        ),
    ),
)
_SCHOOL = (
    Axis(
        "teaching",
        _("教学"),
        (
            Chip("order_good", _("教学秩序好")),
            Chip("visits_going", _("家访有序进行")),
            Chip("staff_short", _("缺教师"), True),
            Chip("quality_worry", _("教学质量有压力"), True),
        ),
    ),
    Axis(
        "difficulties",
        _("困难"),
        (
            Chip("no_difficulty", _("暂无困难")),
            Chip("buildings", _("校舍设施要修"), True),
            Chip("safety", _("安全上有担心"), True),
            Chip("funds_short", _("经费紧"), True),
            Chip("dropout_risk", _("有学生可能辍学"), True),
        ),
    ),
)
AXES: dict[str, tuple[Axis, ...]] = {
    Tier.TEACHER_FAMILY: _FAMILY,
    Tier.PRINCIPAL_TEACHER: _TEACHER,
    Tier.BUREAU_TEACHER: _TEACHER,
    Tier.BUREAU_PRINCIPAL: _SCHOOL,
}
LABELS: dict[str, str | Promise] = {
    chip.code: chip.label for axes in (_FAMILY, _TEACHER, _SCHOOL) for axis in axes for chip in axis.chips
}


def codes_of(tier: str) -> frozenset[str]:
    """The chips that a record on this tier may carry."""
    return frozenset(chip.code for axis in AXES[tier] for chip in axis.chips)


def axes_of(tier: str) -> frozenset[str]:
    """The axes on which a note on this tier may be."""
    return frozenset(axis.code for axis in AXES[tier])
