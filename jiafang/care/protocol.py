"""What is done on each alert tier: a list to tick, in the words of those who do it. No scale, no score, no diagnosis.

Whom to call is data of the district (resources marked as emergency numbers), not of this list.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiafang.care.models import AlertTier

# From calm to urgent.
ORDER = (AlertTier.GREEN, AlertTier.YELLOW, AlertTier.ORANGE, AlertTier.RED)
URGENT = (AlertTier.ORANGE, AlertTier.RED)


@dataclass(frozen=True)
class Item:
    """One thing to do; `help` says how, where the words alone would leave somebody alone with it."""

    code: str
    words: Any
    help: Any = ""


PROTOCOL: dict[str, tuple[Item, ...]] = {
    AlertTier.GREEN: (
        Item("talked", _("老师单独和孩子谈过"), _("先听他说,不急着讲道理")),
        Item("family_spoken", _("和家长通过话或见过面")),
        Item("next_talk", _("约好下次什么时候再谈")),
    ),
    AlertTier.YELLOW: (
        Item("counselor_saw", _("心理教师见过孩子"), _("由老师陪着去,说清楚是帮忙,不是处分")),
        Item("family_heard", _("和家长说了看到的情况,也听了家长怎么看")),
        Item("eyes_on", _("说好在校时每天谁多看一眼"), _("班主任、科任老师、寄宿的加上宿管")),
        Item("again_two_weeks", _("两周内再看一次,是升级、保持还是解除")),
    ),
    AlertTier.ORANGE: (
        Item("not_alone", _("一直有大人陪着,不让孩子独处")),
        Item("guardians_told", _("当天告诉监护人,请监护人到校"), _("告诉谁、几点,写在办理经过里")),
        Item("team_met", _("危机小组当天碰头"), _("校领导、德育、年段长、班主任、心理教师")),
        Item("dangers_away", _("高处、刀具、药物等危险都移开了")),
        Item("doctor_advised", _("建议监护人带孩子去专科门诊")),
        Item("handed_to_guardians", _("当面交给监护人,说好夜里和周末由谁陪")),
        Item("return_agreed", _("返校后的安排和家长商定了")),
    ),
    AlertTier.RED: (
        Item("called_or_hospital", _("先打急救或报警电话,或马上送医"), _("电话在上面,点一下就拨出")),
        Item("adult_present", _("有大人寸步不离")),
        Item("guardians_called", _("已通知监护人")),
        Item("principal_told", _("已报告校长")),
        Item("handed_to_doctors", _("已交给医生或警察,记下时间和姓名")),
        Item("others_cared_for", _("照顾好在场的同学,不传照片和议论")),
        Item("return_agreed", _("返校后的安排和家长、医生商定了")),
    ),
}


def items_of(tier: str) -> tuple[Item, ...]:
    return PROTOCOL.get(tier, ())


def item_of(tier: str, code: str) -> Item | None:
    return next((item for item in items_of(tier) if item.code == code), None)


def is_higher(tier: str, than: str) -> bool:
    return ORDER.index(AlertTier(tier)) > ORDER.index(AlertTier(than))
