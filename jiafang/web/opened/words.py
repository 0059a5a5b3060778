"""Openings of a file as a family reads them: by day, who, in which role, what for."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access import actor as kinds
from jiafang.accounts.audit import Reading
from jiafang.accounts.models import AuditEntry
from jiafang.organization.opened import school_of
from jiafang.web.visits.words import clock, near_day

TIMES = 4  # are told of one day; more are hinted at
FILES = {Reading.EXPORT: "download", Reading.CALENDAR: "calendar-event"}
ROLES = {
    kinds.ADMINISTRATOR: gettext_lazy("教育局管理员"),
    kinds.DIRECTOR: gettext_lazy("教育局领导"),
    kinds.CADRE: gettext_lazy("教育局干部"),
    kinds.PRINCIPAL: gettext_lazy("学校领导"),
    kinds.COHORT_LEAD: gettext_lazy("年段长"),
    kinds.TEACHER: gettext_lazy("教师"),
    kinds.COUNSELOR: gettext_lazy("心理教师"),
    kinds.COMMUNITY_PARTNER: gettext_lazy("社区/关工委"),
    kinds.GUARDIAN: gettext_lazy("家长"),
}


@dataclass(slots=True)
class Opening:
    """One person who did the same thing on one day, once or several times; the newest time first."""

    name: str
    role: str
    what: str
    icon: str
    count: int = 0
    minutes: list[str] = field(default_factory=list)

    @property
    def when(self) -> str:
        return "、".join(self.minutes[:TIMES]) + ("…" if len(self.minutes) > TIMES else "")


def by_day(entries: list[Any], schools: dict[int, str]) -> list[tuple[str, list[Opening]]]:
    """The days in the order of the entries (with their readers' names), each with what happened on it."""
    days: dict[dt.date, dict[tuple[object, ...], Opening]] = {}
    for entry in entries:
        of_day = days.setdefault(timezone.localdate(entry.at), {})
        key = (entry.person_id, entry.capacity, entry.action)
        if key not in of_day:
            reading = Reading(entry.action)
            of_day[key] = Opening(
                name=entry.reader or _("系统"),
                role=role_words(entry, schools),
                what=str(reading.label),
                icon=FILES.get(reading, "eye"),
            )
        opening, minute = of_day[key], clock(entry.at)
        opening.count += 1
        if minute not in opening.minutes:
            opening.minutes.append(minute)
    return [(near_day(day), list(found.values())) for day, found in days.items()]


def role_words(entry: AuditEntry, schools: dict[int, str]) -> str:
    """班主任 or 任课教师 is 教师 here: which class somebody taught on a past day is not asked."""
    kind = entry.capacity.partition(":")[0]
    school = schools.get(school_of(entry), "")
    return " · ".join(str(word) for word in (ROLES.get(kind, ""), school) if word)
