"""What cases are about and who answers for them: categories, their rules, the sections of the bureau."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiafang.common.models import Scoped
from jiafang.organization.models import Person
from jiafang.organization.models.people import Dated


class SubjectKind(models.TextChoices):
    """Whom or what a case is about."""

    STUDENT = "student", _("学生")
    TEACHER = "teacher", _("教师")
    PRINCIPAL = "principal", _("校长/园长")
    CADRE = "cadre", _("局机关干部")
    SCHOOL = "school", _("学校")


# What somebody who works here finds hard; it may be told in confidence.
OWN_MATTERS = [SubjectKind.TEACHER, SubjectKind.PRINCIPAL, SubjectKind.CADRE]


# The category for what fits no other; it can be about everybody, and a bureau cannot close it.
OTHER = "other"


class Level(models.TextChoices):
    """Where a case is dealt with; escalation climbs in this order."""

    CLASS = "class", _("班级")
    COHORT = "cohort", _("年段")
    SCHOOL = "school", _("学校")
    SECTION = "section", _("局科室")
    DIRECTOR = "director", _("局长")


class Role(models.TextChoices):
    """In which role somebody owns or reads a case; who that is follows from the posts of the day."""

    HOMEROOM_TEACHER = "homeroom_teacher", _("班主任")
    COHORT_LEAD = "cohort_lead", _("年段长")
    COUNSELOR = "counselor", _("心理教师")
    MORAL_DEPUTY = "moral_deputy", _("德育副校长")
    PRINCIPAL = "principal", _("校长/园长")
    CADRE = "cadre", _("挂钩干部")
    SECTION = "section", _("局科室")
    DIRECTOR = "director", _("局长")


class AlertTier(models.TextChoices):
    GREEN = "green", _("一般,老师跟进")
    YELLOW = "yellow", _("留意,请心理教师看看")
    ORANGE = "orange", _("较急,学校和家长一起")
    RED = "red", _("紧急,马上送医或求助")


class BureauSection(models.Model):
    """A section (科室) of the bureau; a plain list without secrets."""

    name = models.CharField(_("科室"), max_length=40, unique=True)
    duties = models.CharField(_("管什么"), max_length=200, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class SectionMember(Dated, Scoped):
    """A cadre who works in a section; its cases go to the head."""

    section = models.ForeignKey(BureauSection, models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    head = models.BooleanField(_("负责人"), default=False)

    class Meta(Scoped.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=F("start")), name="section_member_end_after_start"
            ),
            models.UniqueConstraint(fields=["section", "person"], condition=Q(end=None), name="section_member_once"),
            models.UniqueConstraint(fields=["section"], condition=Q(end=None, head=True), name="section_has_one_head"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.section_id}"


class Category(models.Model):
    """What a difficulty is about; kept as data, so that a bureau adds its own."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(_("类别"), max_length=20)
    subjects = ArrayField(models.CharField(max_length=10, choices=SubjectKind.choices))
    section = models.ForeignKey(BureauSection, models.PROTECT, null=True, blank=True, related_name="+")
    confided = models.BooleanField(
        _("本人同意才往上报"), default=False, help_text="of a teacher: read by teacher and principal, upward by consent"
    )
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class CategoryRule(models.Model):
    """Who owns a category on a level, by when, and who reads besides the owner and whoever raised it."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="rules")
    level = models.CharField(max_length=10, choices=Level.choices)
    owner = models.CharField(_("由谁负责"), max_length=20, choices=Role.choices)
    readers = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)
    days_green = models.PositiveSmallIntegerField(default=30)
    days_yellow = models.PositiveSmallIntegerField(default=14)
    days_orange = models.PositiveSmallIntegerField(default=3)
    days_red = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["category", "level"], name="category_rule_once")]

    def __str__(self) -> str:
        return f"{self.category_id} on {self.level}"

    def days(self, tier: str) -> int:
        """How many days a case of that alert tier has on this level."""
        days: int = getattr(self, f"days_{tier}")
        return days
