"""What is done about a case: actions, referrals, checklists, before and after, where help is found."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiafang.care.models.case import CaseFile
from jiafang.care.models.catalogue import AlertTier, Role
from jiafang.common.models import Scoped
from jiafang.keys.fields import EncryptedTextField
from jiafang.keys.sealing import SealedRow
from jiafang.organization.models import Person, School


class Resource(models.Model):
    """Where help is found; no secrets in it. Without a school it is for the whole district."""

    class Kind(models.TextChoices):
        COUNSELOR = "counselor", _("心理辅导")
        HOTLINE = "hotline", _("热线")
        HOSPITAL = "hospital", _("医院")
        CIVIL_AFFAIRS = "civil_affairs", _("民政救助")
        LEGAL_AID = "legal_aid", _("法律援助")
        POLICE = "police", _("公安")
        VOLUNTEERS = "volunteers", _("志愿者/关工委")
        PRACTICE = "practice", _("假期实践活动")

    kind = models.CharField(_("类别"), max_length=15, choices=Kind.choices)
    name = models.CharField(_("名称"), max_length=60)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    address = models.CharField(_("地址"), max_length=120, blank=True)
    hours = models.CharField(_("时间"), max_length=60, blank=True)
    about = models.CharField(_("能帮什么"), max_length=200, blank=True)
    school = models.ForeignKey(School, models.CASCADE, null=True, blank=True, related_name="+")
    emergency = models.BooleanField(_("紧急时先打"), default=False)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "name", "school"], nulls_distinct=False, name="resource_once")
        ]

    def __str__(self) -> str:
        return self.name


class CaseAction(SealedRow):
    """Something that was done (or decided) about a case. `shared` lets the family or the teacher concerned read it."""

    class Kind(models.TextChoices):
        TALK = "talk", _("谈心谈话")
        GUIDANCE = "guidance", _("正面引导")
        COUNSELING = "counseling", _("心理辅导")
        SUPPORT = "support", _("情绪疏导")
        TALK_WITH_GUARDIAN = "talk_with_guardian", _("与家长沟通")
        VISIT = "visit", _("家访/回访")
        MEASURES_AGREED = "measures_agreed", _("商定措施")
        MATERIAL_HELP = "material_help", _("物质帮扶")
        DECISION = "decision", _("研究决定")
        OTHER = "other", _("其他")

    origin = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(CaseFile, models.CASCADE, related_name="actions")
    kind = models.CharField(_("做了什么"), max_length=20, choices=Kind.choices)
    on = models.DateField(_("日期"))
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    text = EncryptedTextField(_("经过"), purpose="case", subject="case_id")
    resource = models.ForeignKey(Resource, models.SET_NULL, null=True, blank=True, related_name="+")
    shared = models.BooleanField(_("对方也能看到"), default=False)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["on", "id"]
        indexes = [models.Index(fields=["case", "on"], name="case_action_case")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.case_id}"


class Referral(SealedRow):
    """A case handed to a counselor (or another role), who accepts, refuses or returns it with a reason."""

    class State(models.TextChoices):
        ASKED = "asked", _("等待答复")
        ACCEPTED = "accepted", _("已接")
        REFUSED = "refused", _("未接")
        RETURNED = "returned", _("已交回")

    case = models.ForeignKey(CaseFile, models.CASCADE, related_name="referrals")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    to_person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    to_role = models.CharField(max_length=20, choices=Role.choices)
    # Said here as well: who is asked does not read the case yet.
    to_school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+")
    about = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    alert_tier = models.CharField(max_length=8, choices=AlertTier.choices)
    reason = EncryptedTextField(_("为什么转介"), purpose="case", subject="case_id")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = EncryptedTextField(_("答复"), purpose="case", subject="case_id")

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "to_person"],
                condition=Q(state__in=["asked", "accepted"]),
                name="referral_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at=None) | (~Q(state="asked") & Q(answered_at__isnull=False)),
                name="referral_answered_at",
            ),
        ]
        indexes = [models.Index(fields=["to_person", "state"], name="referral_to")]

    def __str__(self) -> str:
        return f"referral of {self.case_id}"


class ChecklistTick(Scoped):
    """One item of the protocol of an alert tier that was done; the items are in care/protocol.py."""

    case = models.ForeignKey(CaseFile, models.CASCADE, related_name="ticks")
    tier = models.CharField(max_length=8, choices=AlertTier.choices)
    item = models.CharField(max_length=30)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta(Scoped.Meta):
        constraints = [models.UniqueConstraint(fields=["case", "tier", "item"], name="checklist_tick_once")]

    def __str__(self) -> str:
        return f"{self.item} for {self.case_id}"


class Measure(SealedRow):
    """How calm or anxious somebody was, student and guardian apart: what a person saw, no score of a scale."""

    class Who(models.TextChoices):
        STUDENT = "student", _("学生")
        GUARDIAN = "guardian", _("家长")

    class Mood(models.TextChoices):
        VERY_ANXIOUS = "1", _("很焦虑")
        ANXIOUS = "2", _("焦虑")
        SO_SO = "3", _("一般")
        CALM = "4", _("平静")
        VERY_CALM = "5", _("很平静")

    case = models.ForeignKey(CaseFile, models.CASCADE, related_name="measures")
    who = models.CharField(max_length=10, choices=Who.choices)
    on = models.DateField()
    mood = EncryptedTextField(purpose="case", subject="case_id")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["on", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "who", "on"], name="measure_once_a_day")]

    def __str__(self) -> str:
        return f"{self.who} of {self.case_id}"


class Progress(SealedRow):
    """A mark or an attendance of somebody, if entered: a small trend, never a ranking."""

    class Kind(models.TextChoices):
        MARK = "mark", _("成绩")
        ATTENDANCE = "attendance", _("出勤率")

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    on = models.DateField()
    label = models.CharField(_("名称"), max_length=30)
    value = EncryptedTextField(purpose="person", subject="person_id")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["on", "id"]
        constraints = [models.UniqueConstraint(fields=["person", "kind", "on", "label"], name="progress_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"
