"""Rules, evenings and the outcome of a plan in words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiafang.campaigns.models import ChannelRule, PlanRun, Tier
from jiafang.campaigns.rules import Rules
from jiafang.web.campaigns.forms import ShiftLine
from jiafang.web.timetable.dates import PARTS_OF_DAY, WEEKDAYS, time_range


def rules_in_words(rules: Rules, tier: str) -> list[str]:
    """The rules as somebody would tell them, the usual things first."""
    family = tier == Tier.TEACHER_FAMILY
    usual = {
        ChannelRule.ANY.value: _("上门、电话、视频都可以"),
        ChannelRule.ONSITE.value: _("一律上门"),
        ChannelRule.REMOTE.value: _("以电话、视频为主") if family else _("以面对面谈话为主,不用上门"),
    }[rules.default_channel]
    said = [usual]
    if family and rules.onsite_for_tags and rules.default_channel != ChannelRule.ONSITE:
        said.append(_("有关爱标签的孩子一定上门"))
    if rules.default_channel != ChannelRule.REMOTE or rules.onsite_for_tags:
        said.append(_("上门至少两位老师同行") if rules.two_visitors_onsite else _("上门可以一个人去"))
        said.append(
            _("一次出门最多 %(stops)s 家,每家约 %(minutes)s 分钟")
            % {"stops": rules.max_stops_per_trip, "minutes": rules.onsite_minutes}
        )
    if family and rules.siblings_together:
        said.append(_("兄弟姐妹一起访"))
    said.append(_most_in_a_shift(rules, tier))
    return said


def _most_in_a_shift(rules: Rules, tier: str) -> str:
    counts = {
        "onsite": min(rules.max_stops_per_trip, rules.max_units_per_shift // rules.onsite_units),
        "remote": rules.max_units_per_shift // rules.remote_units,
    }
    if tier != Tier.TEACHER_FAMILY and rules.default_channel == ChannelRule.REMOTE:
        return _("每人每个时段最多 %(remote)s 次谈话") % counts
    return _("每人每个时段最多 %(onsite)s 家上门,或 %(remote)s 次电话(谈话)") % counts


def shifts_in_words(shifts: Iterable[ShiftLine]) -> list[str]:
    """工作日晚上 18:30–21:00,共 20 次."""
    kinds: dict[tuple[str, str], set[int]] = defaultdict(set)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for shift in shifts:
        key = (shift.kind, time_range(shift.start, shift.end))
        kinds[key].add(shift.date.weekday())
        counts[key] += 1
    said = []
    for (kind, times), weekdays in kinds.items():
        words = {"days": _days(weekdays), "part": PARTS_OF_DAY[kind], "times": times, "count": counts[kind, times]}
        said.append(_("%(days)s%(part)s %(times)s,共 %(count)s 次") % words)
    return said


def _days(weekdays: set[int]) -> str:
    if weekdays <= {5, 6}:
        return _("周末") if len(weekdays) == 2 else str(WEEKDAYS[min(weekdays)])
    if weekdays == {0, 1, 2, 3, 4}:
        return _("工作日")
    return "、".join(str(WEEKDAYS[day]) for day in sorted(weekdays))


@dataclass(frozen=True, slots=True)
class Finding:
    """One level of the objective in words, with a tone."""

    tone: str
    title: str
    note: str


def outcome_in_words(run: PlanRun, unplaced: int, tier: str) -> list[Finding]:
    """What the plan reached, level by level, and what could still be gained."""
    objective, bounds = run.objective, run.bounds
    proven = set(run.proven)
    return [
        _placed(unplaced, "unvisited" in proven, tier),
        _lateness(int(objective.get("lateness", 0)), "lateness" in proven),
        *_moved(objective.get("moved"), "moved" in proven, len(run.moved), tier),
        _travel(int(objective.get("travel_minutes", 0)), bounds.get("travel_minutes"), "travel_minutes" in proven),
    ]


def _placed(unplaced: int, proven: bool, tier: str) -> Finding:
    if not unplaced:
        return Finding("met", _("全部排上"), _("每一位都有了时间"))
    family = tier == Tier.TEACHER_FAMILY
    title = (
        ngettext("%(count)d 家暂时排不上", "%(count)d 家暂时排不上", unplaced)
        if family
        else ngettext("%(count)d 位暂时排不上", "%(count)d 位暂时排不上", unplaced)
    )
    note = _("按现在的时间和规则,已经不能再多排了") if proven else _("多给一点时间,也许还能再排上")
    return Finding("due", title % {"count": unplaced}, note)


def _lateness(days: int, proven: bool) -> Finding:
    if not days:
        return Finding("met", _("没有晚于期限的"), _("都在该完成的日子之前"))
    note = _("已证明不能再早") if proven else _("加几个早一点的时段可以改善")
    return Finding("due", _("晚于期限合计 %(days)s 天") % {"days": days}, note)


def _moved(count: int | None, proven: bool, placed: int, tier: str) -> list[Finding]:
    """Only of a plan after which families had been told of their times."""
    if count is None:
        return []
    if not count:
        return [Finding("met", _("告诉过的时间都没有变"), _("还没有约好的也按原来的时间"))]
    if not placed:
        return []  # whoever lost the place altogether is told of above
    title = (
        ngettext("%(count)d 家换了时间", "%(count)d 家换了时间", placed)
        if tier == Tier.TEACHER_FAMILY
        else ngettext("%(count)d 位换了时间", "%(count)d 位换了时间", placed)
    )
    note = _("已证明不能再少") if proven and count == placed else _("其余排上的都按原来的时间")
    return [Finding("info", title % {"count": placed}, note)]


def _travel(minutes: int, bound: float | None, proven: bool) -> Finding:
    if not minutes:
        return Finding("met", _("不用出门跑路"), "")
    title = _("路程共 %(time)s") % {"time": duration_words(minutes)}
    if proven:
        return Finding("met", title, _("已证明最优,一分钟也省不了"))
    if not bound or bound < minutes / 2:
        # The search ended before it knew; a number would only frighten.
        return Finding("info", title, _("时间不够,还没算出最多能省多少;给它多一点时间就知道"))
    saved = minutes - int(bound)
    return Finding("info", title, _("路程最多还能省 %(minutes)s 分钟") % {"minutes": saved})


def duration_words(minutes: int) -> str:
    """35 分钟, 2 小时 5 分."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s 分钟") % {"minutes": rest}
    if not rest:
        return _("%(hours)s 小时") % {"hours": hours}
    return _("%(hours)s 小时 %(minutes)s 分") % {"hours": hours, "minutes": rest}
