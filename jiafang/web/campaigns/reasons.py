"""Why somebody could not be placed, in words, and where to mend it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.campaigns.models import Channel
from jiafang.web.campaigns.reads import Moved, Told, Unplaced
from jiafang.web.timetable.dates import shift_words

SHOWN_SHIFTS = 3


@dataclass(frozen=True, slots=True)
class UnplacedLine:
    names: str
    where: str
    reason: str
    ways: tuple[str, ...]
    action_label: str
    action_url: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """What ids in a reason stand for."""

    campaign_id: int
    shifts: Mapping[int, str]
    visitors: Mapping[int, str]
    may_change_rules: bool = False

    def shift_words(self, ids: Sequence[Any]) -> str:
        named = [self.shifts[pk] for pk in map(_key, ids) if pk in self.shifts]
        if len(named) > SHOWN_SHIFTS:
            first = "、".join(named[:SHOWN_SHIFTS])
            return _("%(first)s 等 %(count)s 个时段") % {"first": first, "count": len(named)}
        return "、".join(named)

    def visitor_words(self, ids: Sequence[Any]) -> str:
        return "、".join(self.visitors[pk] for pk in map(_key, ids) if pk in self.visitors) or _("负责的老师")


def _key(planner_id: Any) -> int:
    """The row behind an id of the planner, which begins with a letter for its kind."""
    digits = str(planner_id).lstrip("svgp")
    return int(digits) if digits.isdecimal() else 0


def unplaced_lines(entries: Iterable[Unplaced], lookup: Lookup) -> list[UnplacedLine]:
    """One line for each reason and class, with all its names, so that one cause reads as one."""
    together: dict[tuple[str, str, tuple[str, ...], str, str], list[str]] = {}
    for entry in entries:
        key = (entry.where, reason_words(entry, lookup), way_words(entry, lookup), *_action(entry, lookup))
        together.setdefault(key, []).append(entry.names)
    return [
        UnplacedLine("、".join(names), where, reason, ways, label, url)
        for (where, reason, ways, label, url), names in together.items()
    ]


@dataclass(frozen=True, slots=True)
class MovedLine:
    names: str
    where: str
    was: str
    now: str
    reason: str


def moved_lines(entries: Iterable[Moved]) -> list[MovedLine]:
    """One line for each reason, class and exchange of times, by the time that was told first."""
    together: dict[tuple[str, Told, Told, str], list[str]] = {}
    for entry in sorted(entries, key=lambda one: (one.was.date, one.now.date, one.where)):
        together.setdefault((entry.where, entry.was, entry.now, entry.code), []).append(entry.names)
    return [
        MovedLine("、".join(names), where, *_exchange(was, now), _moved_because(code))
        for (where, was, now, code), names in together.items()
    ]


def _exchange(was: Told, now: Told) -> tuple[str, str]:
    """Both times; how they meet only where that changes."""
    times = [shift_words(told.date, told.kind) for told in (was, now)]
    if was.channel != now.channel:
        times = [f"{time} {Channel(told.channel).label}" for time, told in zip(times, (was, now), strict=True)]
    return times[0], times[1]


def _moved_because(code: str) -> str:
    words = {
        "evening_cancelled": _("那个时段取消了"),
        "family_not_free": _("对方那时不方便"),
        "channel_changed": _("换了走访方式"),
        "lead_not_free": _("负责走访的人那时没空"),
        "no_co_visitor": _("那时没有同行的人"),
    }
    return words.get(code, _("让出时间,别人才排得上"))


def way_words(entry: Unplaced, lookup: Lookup) -> tuple[str, ...]:
    """What the planner tried out and found to be enough; the other meetings stay as they are."""
    ways = []
    for way in entry.params.get("advice", ()):
        if any(_key(one) not in lookup.visitors for one in way["visitors"]):
            continue  # to name some of them would say that they are enough
        told = {"who": lookup.visitor_words(way["visitors"]), "shift": lookup.shift_words([way["shift"]])}
        if not told["shift"]:
            continue
        if way["family"] and way["visitors"]:
            ways.append(_("家里和%(who)s都空出 %(shift)s") % told)
        elif way["family"]:
            ways.append(_("家里空出 %(shift)s") % told)
        else:
            ways.append(_("%(who)s空出 %(shift)s") % told)
    return tuple(ways)


def reason_words(entry: Unplaced, lookup: Lookup) -> str:
    """The reason as a colleague would tell it."""
    shifts = lookup.shift_words(entry.params.get("shifts", ()))
    told = {
        "shifts": shifts,
        "leads": lookup.visitor_words(entry.params.get("leads", ())),
        "needed": entry.params.get("needed", ""),
    }
    sentences = {
        "no_window": _("家里说的时间和活动的时段都对不上。"),
        "lead_never_free": _("家里有空的时候,%(leads)s 都来不了。能空出其中一个时段就行:%(shifts)s。"),
        "no_co_visitor": _("%(leads)s 和家里都有空的时候,没有同行的老师。请一位老师空出其中一个时段:%(shifts)s。"),
        "visit_too_long": _("来回路程加上家访要 %(needed)s 分钟,这些时段放不下:%(shifts)s。"),
        "call_too_long": _("通话要 %(needed)s 分钟,这些时段放不下:%(shifts)s。"),
        "units_used_up": _("合适的时段里,老师的工作量已经满了:%(shifts)s。"),
        "trips_fixed": _("合适的时段里,已经有约好不动的行程:%(shifts)s。"),
        "no_stops_allowed": _("规则里一次出门 0 家,没法上门。"),
        "crowded": _("合适的时段都排给了别的家庭:%(shifts)s。再加一个时段就排得上。"),
        "stopped": _("时间到了还没轮到这一家,再排一次可能就排上了。"),
    }
    return sentences.get(entry.code, _("现有的时段里放不下,加几个时段再排一次。")) % told


def _action(entry: Unplaced, lookup: Lookup) -> tuple[str, str]:
    campaign = {"pk": lookup.campaign_id}
    if entry.code == "no_window" and entry.duty_id:
        return _("改家里的时间"), reverse("duty_windows", kwargs={"pk": entry.duty_id})
    if entry.code in ("lead_never_free", "no_co_visitor"):
        return _("看老师的时间"), reverse("campaign_availability", kwargs=campaign)
    if entry.code == "trips_fixed":
        return _("看安排表"), reverse("timetable", kwargs=campaign)
    if entry.code == "stopped":
        return _("再排一次"), reverse("campaign_plan", kwargs=campaign)
    if lookup.may_change_rules:
        return _("加时段或改规则"), reverse("campaign_rules", kwargs=campaign)
    return _("看时段和规则"), reverse("campaign", kwargs=campaign)
