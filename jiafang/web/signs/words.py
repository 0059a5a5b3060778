"""Why a rule points to a student, in words that a person can check."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.insight.models import Sign, SignRule

Kind = SignRule.Kind

HELP = {
    Kind.MOOD_NOTES: gettext_lazy("多少天里,家访记录里至少几次记下“心理”一栏的留意项"),
    Kind.FALLING_MARKS: gettext_lazy("多少天里,同一个名称的成绩最近连续几次一次比一次低(班主任在学生页上记)"),
    Kind.ABSENCES: gettext_lazy("多少天里,最近一次出勤率低于百分之几(班主任在学生页上记)"),
    Kind.EXAM_SEASON: gettext_lazy("毕业年级、有心理关注标签,离 6 月 7 日不到多少天"),
    Kind.NO_CONTACT: gettext_lazy("超过多少天没有人联系过"),
    Kind.TAGS_TOGETHER: gettext_lazy("同时有几种重点关注标签"),
}


def reason(sign: Sign) -> str:
    """One sentence, made of the numbers that were kept with it."""
    numbers = sign.numbers
    if sign.kind == Kind.MOOD_NOTES:
        return _("%(days)s 天里有 %(times)s 次家访记下了心理方面的留意项") % numbers
    if sign.kind == Kind.FALLING_MARKS:
        return _("同一科最近 %(times)s 次成绩一次比一次低") % numbers
    if sign.kind == Kind.ABSENCES:
        return _("最近一次出勤率 %(percent)s%%,低于 %(below)s%%") % numbers
    if sign.kind == Kind.EXAM_SEASON:
        return _("离毕业考试还有 %(days)s 天,有心理关注标签") % numbers
    if sign.kind == Kind.NO_CONTACT:
        return _("已有 %(days)s 天没有联系") % numbers if numbers.get("days") else _("还没有联系过")
    return _("同时有 %(times)s 种重点关注") % numbers
