"""The units: district, villages, schools, cohorts, classes, and the calendar they share."""

import datetime as dt
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from jiafang.common.models import Scoped


class Stage(models.TextChoices):
    KINDERGARTEN = "kindergarten", _("幼儿园")
    PRIMARY = "primary", _("小学")
    JUNIOR = "junior", _("初中")
    SENIOR = "senior", _("高中")
    VOCATIONAL = "vocational", _("中职")
    SPECIAL = "special", _("特教")


STAGE_YEARS = {
    Stage.KINDERGARTEN: 3,
    Stage.PRIMARY: 6,
    Stage.JUNIOR: 3,
    Stage.SENIOR: 3,
    Stage.VOCATIONAL: 3,
    Stage.SPECIAL: 9,
}
GRADE_NAMES = {
    Stage.KINDERGARTEN: ["小班", "中班", "大班"],
    Stage.PRIMARY: ["一年级", "二年级", "三年级", "四年级", "五年级", "六年级"],
    Stage.JUNIOR: ["七年级", "八年级", "九年级"],
    Stage.SENIOR: ["高一", "高二", "高三"],
    Stage.VOCATIONAL: ["职一", "职二", "职三"],
    Stage.SPECIAL: ["一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级"],
}


class District(models.Model):
    """The one district of this installation."""

    code = models.CharField(_("行政区划代码"), max_length=6, unique=True)
    name = models.CharField(_("名称"), max_length=50)
    bureau_name = models.CharField(_("教育局名称"), max_length=50)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    demonstration = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Village(models.Model):
    """A village or community; its point is set once and serves every household without one of its own (WGS-84)."""

    township = models.CharField(_("乡镇"), max_length=50)
    name = models.CharField(_("村(社区)"), max_length=50)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    lon = models.FloatField(_("经度"), null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["township", "name"], name="village_unique")]
        ordering: ClassVar[list[str]] = ["township", "name"]

    def __str__(self) -> str:
        return f"{self.township}{self.name}"


class School(Scoped):
    """A school, kindergarten or teaching point; `parent` is the central school it belongs to."""

    code = models.CharField(
        _("学校标识码"),
        max_length=10,
        unique=True,
        validators=[RegexValidator(r"^\d{10}$", _("学校标识码为 10 位数字"))],
    )
    name = models.CharField(_("学校名称"), max_length=80)
    stages = ArrayField(models.CharField(max_length=20, choices=Stage.choices), verbose_name=_("学段"))
    township = models.CharField(_("乡镇"), max_length=50, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    lon = models.FloatField(_("经度"), null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="branches")
    cohort_lead_label = models.CharField(_("年段长的叫法"), max_length=20, default="年段长")
    homeroom_label = models.CharField(_("班主任的叫法"), max_length=20, default="班主任")

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return self.name


class SchoolYear(models.Model):
    """From 1 September to 31 August; `first_year` 2026 is 2026-2027."""

    first_year = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-first_year"]

    def __str__(self) -> str:
        return f"{self.first_year}-{self.first_year + 1}"

    @property
    def begins(self) -> dt.date:
        return dt.date(self.first_year, 9, 1)


def first_year_of(day: dt.date) -> int:
    """The calendar year in which the school year of a day began."""
    return day.year if day.month >= 9 else day.year - 1


class Term(models.Model):
    year = models.ForeignKey(SchoolYear, models.PROTECT, related_name="terms")
    name = models.CharField(_("学期"), max_length=50)
    start = models.DateField(_("开始"))
    end = models.DateField(_("结束"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "name"], name="term_unique"),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="term_end_after_start"),
        ]
        ordering: ClassVar[list[str]] = ["-start"]

    def __str__(self) -> str:
        return f"{self.year}{self.name}"


class CalendarDay(models.Model):
    """A public holiday, or a weekend day moved to be a working day (调休); `school` empty means everybody."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("放假")
        WORKDAY = "workday", _("调休上班")
        RETURN_DAY = "return_day", _("返校/离校日")

    date = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=50, blank=True)
    school = models.ForeignKey(School, models.CASCADE, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["date", "school"], nulls_distinct=False, name="calendar_day_unique")
        ]
        ordering: ClassVar[list[str]] = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class GradeCohort(Scoped):
    """The pupils who entered a stage of a school in one year; its grade name follows from the date."""

    school = models.ForeignKey(School, models.PROTECT, related_name="cohorts")
    stage = models.CharField(_("学段"), max_length=20, choices=Stage.choices)
    entry_year = models.PositiveSmallIntegerField(_("入学年份"))

    class Meta(Scoped.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "stage", "entry_year"], name="cohort_unique")]
        ordering: ClassVar[list[str]] = ["school", "stage", "-entry_year"]

    def __str__(self) -> str:
        return f"{self.entry_year}级{self.get_stage_display()}"

    def grade_name(self, day: dt.date) -> str:
        """高一 in its year; 2023级 once it has left the stage or before it entered."""
        return grade_name(self.stage, self.entry_year, day)


def grade_name(stage: str, entry_year: int, day: dt.date) -> str:
    """The name of the grade a cohort is in on a day."""
    grade, names = first_year_of(day) - entry_year, GRADE_NAMES[Stage(stage)]
    return names[grade] if 0 <= grade < len(names) else f"{entry_year}级"


def is_final_year(stage: str, entry_year: int, day: dt.date) -> bool:
    """Whether the cohort is in the last grade of its stage on a day."""
    return first_year_of(day) - entry_year == STAGE_YEARS[Stage(stage)] - 1


class SchoolClass(Scoped):
    cohort = models.ForeignKey(GradeCohort, models.PROTECT, related_name="classes")
    name = models.CharField(_("班级"), max_length=20)
    number = models.PositiveSmallIntegerField(_("班号"), default=0)

    class Meta(Scoped.Meta):
        constraints = [models.UniqueConstraint(fields=["cohort", "name"], name="class_unique")]
        ordering: ClassVar[list[str]] = ["cohort", "number", "name"]

    def __str__(self) -> str:
        return self.name

    def full_name(self, day: dt.date) -> str:
        """高一1班 in its year; reads the cohort (select_related it)."""
        return f"{self.cohort.grade_name(day)}{self.name}"
