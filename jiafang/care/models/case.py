"""The case, who reads it, and each step it has taken."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiafang.care.models.catalogue import OWN_MATTERS, AlertTier, BureauSection, Category, Level, Role, SubjectKind
from jiafang.common.models import Scoped
from jiafang.keys.fields import EncryptedTextField
from jiafang.keys.sealing import SealedRow
from jiafang.organization.models import GradeCohort, Person, School, SchoolClass


class CaseFile(SealedRow):
    """A difficulty that somebody owns until whoever raised it says that it is solved (个案).

    `origin` is the id made by whoever raised it, so that what is sent twice is raised once. Every text about the case
    is sealed under the key of the case.
    """

    class State(models.TextChoices):
        OPEN = "open", _("新提出")
        ASSIGNED = "assigned", _("已分派")
        ACTING = "acting", _("办理中")
        AWAITING = "awaiting", _("等确认")
        CLOSED = "closed", _("已办结")
        REOPENED = "reopened", _("重新打开")

    class Result(models.TextChoices):
        SOLVED = "solved", _("已解决")
        PARTLY = "partly", _("部分解决")
        CONDITIONS = "conditions", _("条件不具备,已说明")
        UPWARD = "upward", _("已往上报")
        MERGED = "merged", _("并入另一件")
        WITHDRAWN = "withdrawn", _("提出人收回")

    origin = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subject_kind = models.CharField(_("对象"), max_length=10, choices=SubjectKind.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="cases")
    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="cases", help_text="empty: of a cadre of the bureau"
    )
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, blank=True, related_name="cases")
    category = models.ForeignKey(Category, models.PROTECT, related_name="cases")
    alert_tier = models.CharField(_("预警等级"), max_length=8, choices=AlertTier.choices, default=AlertTier.GREEN)
    level = models.CharField(_("办理层级"), max_length=10, choices=Level.choices)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.OPEN)
    text = EncryptedTextField(_("是什么事"), purpose="case")
    raised_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    raised_as = models.CharField(max_length=20, help_text="the kind of capacity in which it was raised")
    raised_at = models.DateTimeField(auto_now_add=True)
    confirmer = models.ForeignKey(Person, models.PROTECT, related_name="+", help_text="who says whether it is solved")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    owner_role = models.CharField(max_length=20, choices=Role.choices)
    section = models.ForeignKey(BureauSection, models.PROTECT, null=True, blank=True, related_name="+")
    due = models.DateField(_("期限"))
    on_this_level_since = models.DateTimeField()
    for_meeting = models.BooleanField(_("提请研究"), default=False)
    confided = models.BooleanField(
        default=False, help_text="told in confidence when it was raised; what becomes of the category changes nothing"
    )
    consent_upward = models.BooleanField(_("本人同意往上报"), default=False)
    result = models.CharField(_("结果"), max_length=12, choices=Result.choices, blank=True)
    result_words = EncryptedTextField(_("结果说明"), purpose="case")
    awaiting_since = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by_silence = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    times_reopened = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["due", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(subject_kind="school", person=None) | (~Q(subject_kind="school") & Q(person__isnull=False))
                ),
                name="case_subject_fits_kind",
            ),
            models.CheckConstraint(
                condition=(Q(state="closed", closed_at__isnull=False) & ~Q(result=""))
                | (~Q(state="closed") & Q(closed_at=None)),
                name="case_closed_with_result",
            ),
            models.CheckConstraint(
                condition=(Q(state="awaiting", awaiting_since__isnull=False) & ~Q(result=""))
                | (~Q(state="awaiting") & Q(awaiting_since=None)),
                name="case_awaits_since",
            ),
            models.CheckConstraint(
                condition=(Q(result="merged", merged_into__isnull=False, state="closed"))
                | (~Q(result="merged") & Q(merged_into=None)),
                name="case_merged_into_another",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="case_not_into_itself"),
            models.CheckConstraint(
                condition=~Q(level="section") | Q(section__isnull=False), name="case_of_section_has_section"
            ),
            models.CheckConstraint(
                condition=Q(confided=False) | Q(subject_kind__in=[kind.value for kind in OWN_MATTERS]),
                name="case_confided_of_own_matters",
            ),
            models.CheckConstraint(
                condition=(Q(subject_kind="cadre", school=None) | (~Q(subject_kind="cadre") & Q(school__isnull=False))),
                name="case_of_a_school_or_a_cadre",
            ),
        ]
        indexes = [
            models.Index(fields=["due"], name="case_live_due", condition=~Q(state="closed")),
            models.Index(fields=["school", "state"], name="case_school_state"),
            models.Index(fields=["awaiting_since"], name="case_awaiting", condition=Q(state="awaiting")),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class Side(models.TextChoices):
    """The parties of a thread; the inner work on a case is read by bureau and school alone."""

    BUREAU = "bureau", _("教育局")
    SCHOOL = "school", _("学校")
    TEACHER = "teacher", _("教师本人")
    FAMILY = "family", _("家庭")


INNER_SIDES = (Side.BUREAU, Side.SCHOOL)
# Those of whom the matter is: whoever joins them later reads what was said to them from then on.
OWN_SIDES = (Side.TEACHER, Side.FAMILY)


class CaseReader(Scoped):
    """Somebody on the list of readers, in one capacity; nobody else reads a case.

    `kind`, `school`, `school_class` and `cohort` say under which capacity it is read: a homeroom teacher who gives up
    the class, or a lead the cohort, reads it no more, whatever has become of this row.
    """

    class Why(models.TextChoices):
        OWNER = "owner", _("负责人")
        RAISER = "raiser", _("提出人")
        CONCERNED = "concerned", _("本人或家长")
        ROLE = "role", _("按类别规定")
        REFERRAL = "referral", _("转介")
        NAMED = "named", _("被邀请")
        FORMER = "former", _("曾经办理")

    case = models.ForeignKey(CaseFile, models.CASCADE, related_name="readers")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, help_text="the kind of capacity")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, blank=True, related_name="+")
    cohort = models.ForeignKey(GradeCohort, models.PROTECT, null=True, blank=True, related_name="+")
    side = models.CharField(max_length=10, choices=Side.choices)
    why = models.CharField(max_length=10, choices=Why.choices)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person", "kind", "school", "school_class", "cohort", "why"],
                condition=Q(until=None),
                nulls_distinct=False,
                name="case_reader_once",
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="case_reader_on_a_side"),
        ]
        indexes = [models.Index(fields=["person", "kind"], name="case_reader_person", condition=Q(until=None))]

    def __str__(self) -> str:
        return f"{self.person_id} reads {self.case_id}"


class CaseStep(SealedRow):
    """One step of the workflow, for the line of time. An `internal` step is read by bureau and school alone."""

    case = models.ForeignKey(CaseFile, models.CASCADE, related_name="steps")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", help_text="empty: the machine, by a rule"
    )
    verb = models.CharField(max_length=20)
    from_state = models.CharField(max_length=10, choices=CaseFile.State.choices, blank=True)
    to_state = models.CharField(max_length=10, choices=CaseFile.State.choices)
    from_level = models.CharField(max_length=10, choices=Level.choices, blank=True)
    to_level = models.CharField(max_length=10, choices=Level.choices)
    from_owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    to_owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    internal = models.BooleanField(default=True)
    note = EncryptedTextField(purpose="case", subject="case_id")

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["at", "id"]
        indexes = [models.Index(fields=["case", "at"], name="case_step_case")]

    def __str__(self) -> str:
        return f"{self.verb} of {self.case_id}"
