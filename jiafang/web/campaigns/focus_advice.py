"""What a cohort's visits are usually about, to begin with; every word can be changed."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from jiafang.campaigns.models import Campaign
from jiafang.organization.models import GradeCohort, Stage, first_year_of, is_final_year
from jiafang.web.timetable.dates import day_words

# The usual first day of the exam that ends the stage: (month, day).
EXAMS = {Stage.SENIOR.value: (6, 7), Stage.VOCATIONAL.value: (6, 7), Stage.JUNIOR.value: (6, 15)}
BEFORE_EXAM = dt.timedelta(days=14)


@dataclass(frozen=True)
class Advice:
    initial: dict[str, Any]
    note: str


def advice_for(cohort: GradeCohort, campaign: Campaign) -> Advice:
    """Topics by stage; a final year is to be met early, before the exam."""
    final = is_final_year(cohort.stage, cohort.entry_year, campaign.start)
    first = first_year_of(campaign.start) == cohort.entry_year
    topics = _topics(cohort.stage, first=first, final=final)
    initial: dict[str, Any] = {"topics": topics, "talking_points": _talking_points(cohort.stage), "notices": ""}
    initial["notices"] = _("防溺水“六不准”;交通安全;有难处随时联系班主任")
    if not final or cohort.stage == Stage.KINDERGARTEN:
        return Advice(initial, "")
    initial["due"] = due = _due_of_final_year(cohort.stage, campaign)
    return Advice(initial, _("毕业年段,建议在 %(day)s 前先访完") % {"day": day_words(due)})


def _due_of_final_year(stage: str, campaign: Campaign) -> dt.date:
    """Two weeks before the exam when the campaign reaches that far, else in its first half."""
    half = campaign.start + (campaign.end - campaign.start) / 2
    if stage not in EXAMS:
        return half
    exam = dt.date(first_year_of(campaign.start) + 1, *EXAMS[stage])
    early = exam - BEFORE_EXAM
    return early if campaign.start <= early <= campaign.end else half


def _topics(stage: str, *, first: bool, final: bool) -> str:
    if stage == Stage.KINDERGARTEN:
        return _("入园适应和自理;家里谁带、怎么陪") if first else _("作息和饮食;家里的陪伴和安全")
    if stage == Stage.PRIMARY:
        if first:
            return _("入学适应;作息和习惯;接送安全")
        return _("升学前的准备;手机和作业;青春期的话题") if final else _("作业和睡眠;手机管理;亲子陪伴")
    if final:
        return _("备考的状态和睡眠;家里怎么帮而不添压力;升学去向")
    return _("新环境适应;作息;亲子沟通") if first else _("学习状态;手机管理;亲子沟通;情绪和朋友")


def _talking_points(stage: str) -> str:
    if stage == Stage.KINDERGARTEN:
        return _("先说孩子在园里可爱的一件事;问问在家的作息;听听家里的难处")
    return _("先说孩子的一个优点;问问在家的作息和情绪;听听家里的难处和想法")
