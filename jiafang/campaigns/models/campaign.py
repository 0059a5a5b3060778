"""A campaign of home visits on one tier, its focus per cohort, and who is to be met by whom."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiafang.campaigns.rules import Rules
from jiafang.common.models import Scoped
from jiafang.organization.models import GradeCohort, Household, Person, School, SchoolClass, Term


class Tier(models.TextChoices):
    BUREAU_PRINCIPAL = "bureau_principal", _("局领导干部走访校园长")
    BUREAU_TEACHER = "bureau_teacher", _("局领导干部走访教师")
    PRINCIPAL_TEACHER = "principal_teacher", _("校园长走访教师")
    TEACHER_FAMILY = "teacher_family", _("教师家访")


class ChannelRule(models.TextChoices):
    """What a duty asks for: on site, remote, or either."""

    ANY = "any", _("不限")
    ONSITE = "onsite", _("上门")
    REMOTE = "remote", _("电话或视频")


class Channel(models.TextChoices):
    """How a meeting takes place."""

    ONSITE = "onsite", _("上门")
    AT_SCHOOL = "at_school", _("到校")
    PHONE = "phone", _("电话")
    VOICE = "voice", _("语音")
    VIDEO = "video", _("视频")


class Campaign(Scoped):
    """One round of visits: draft → launched → published → closed.

    A bureau campaign on the tiers of the schools (`school` empty) opens one child campaign in every school.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("未启动")
        LAUNCHED = "launched", _("已启动")
        PUBLISHED = "published", _("安排表已发布")
        CLOSED = "closed", _("已结束")

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    tier = models.CharField(_("层级"), max_length=20, choices=Tier.choices)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="campaigns")
    term = models.ForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="campaigns")
    title = models.CharField(_("名称"), max_length=100)
    tone = models.TextField(_("寄语"), blank=True)
    basis_number = models.CharField(_("依据文件文号"), max_length=100, blank=True)
    basis_name = models.CharField(_("依据文件名称"), max_length=200, blank=True)
    basis_file = models.BinaryField(null=True, blank=True)
    basis_file_name = models.CharField(max_length=200, blank=True)
    party_building = models.BooleanField(_("党建引领"), default=False)
    start = models.DateField(_("开始"))
    end = models.DateField(_("结束"))
    rules = models.JSONField(default=dict)
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.DRAFT)
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    launched_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["-start", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="campaign_end_after_start"),
            models.UniqueConstraint(
                fields=["parent", "school"], condition=Q(parent__isnull=False), name="campaign_one_child_per_school"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def typed_rules(self) -> Rules:
        return Rules.from_json(self.rules)

    @property
    def is_umbrella(self) -> bool:
        """Whether the visits happen in child campaigns, one per school."""
        return self.school_id is None and self.tier in (Tier.PRINCIPAL_TEACHER, Tier.TEACHER_FAMILY)


class CohortFocus(Scoped):
    """What one cohort's visits are about (年段家访工作重点)."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="focuses")
    cohort = models.ForeignKey(GradeCohort, models.PROTECT, related_name="+")
    topics = models.TextField(_("重点"))
    talking_points = models.TextField(_("谈话要点"), blank=True)
    notices = models.TextField(_("要告知的事"), blank=True)
    due = models.DateField(_("完成日期"), null=True, blank=True)

    class Meta(Scoped.Meta):
        constraints = [models.UniqueConstraint(fields=["campaign", "cohort"], name="focus_unique")]

    def __str__(self) -> str:
        return self.topics[:40]


class VisitGroup(Scoped):
    """Who visits together: a class's homeroom teacher with co-visitors, a principal, a cadre (the planner's group)."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="groups")
    lead = models.ForeignKey(Person, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, blank=True, related_name="+")
    co_visitors = models.ManyToManyField(Person, related_name="+", blank=True)

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "lead", "school_class"], nulls_distinct=False, name="visit_group_unique"
            )
        ]

    def __str__(self) -> str:
        return f"group of {self.lead_id}"


class Duty(Scoped):
    """One person to be met in a campaign: the denominator of coverage. A follow-up hangs on a parent duty."""

    class State(models.TextChoices):
        DUE = "due", _("待访")
        MET = "met", _("已访")
        DECLINED = "declined", _("这次先不家访")
        VOID = "void", _("不再需要")

    class VoidReason(models.TextChoices):
        LEFT = "left", _("已离校")
        GRADUATED = "graduated", _("已毕业")
        DECEASED = "deceased", _("去世")
        POST_ENDED = "post_ended", _("职务变动")
        WITHDRAWN = "withdrawn", _("不用回访了")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="duties")
    person = models.ForeignKey(Person, models.PROTECT, related_name="duties")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="follow_ups")
    group = models.ForeignKey(VisitGroup, models.SET_NULL, null=True, blank=True, related_name="duties")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    cohort = models.ForeignKey(GradeCohort, models.PROTECT, null=True, blank=True, related_name="+")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, blank=True, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField(_("要求的方式"), max_length=10, choices=ChannelRule.choices, default=ChannelRule.ANY)
    weight = models.PositiveSmallIntegerField(default=1)
    due = models.DateField(_("完成日期"))
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.DUE)
    void_reason = models.CharField(max_length=20, choices=VoidReason.choices, blank=True)
    met_on = models.DateField(null=True, blank=True)

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["campaign", "person"], condition=Q(parent=None), name="duty_once"),
            models.CheckConstraint(
                condition=Q(state="void") & ~Q(void_reason="") | ~Q(state="void") & Q(void_reason=""),
                name="duty_void_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="met", met_on__isnull=False) | ~Q(state="met") & Q(met_on=None),
                name="duty_met_has_day",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "school_class", "state"], name="duty_campaign_class"),
            models.Index(fields=["group", "state"], name="duty_group"),
        ]

    def __str__(self) -> str:
        return f"duty {self.pk}"
