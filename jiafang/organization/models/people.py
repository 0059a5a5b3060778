"""People: one table for everybody; roles hang on it as dated posts, enrollments and guardianships."""

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiafang.common.models import Scoped
from jiafang.keys.fields import EncryptedTextField
from jiafang.keys.sealing import SealedRow
from jiafang.organization.models.units import GradeCohort, School, SchoolClass, Village


class Sex(models.TextChoices):
    MALE = "m", _("男")
    FEMALE = "f", _("女")


class Person(SealedRow):
    """A human being. A teacher who is also a parent is one person."""

    name = models.CharField(_("姓名"), max_length=50)
    pinyin = models.CharField(max_length=150, blank=True)
    initials = models.CharField(max_length=30, blank=True)
    sex = models.CharField(_("性别"), max_length=1, choices=Sex.choices, blank=True)
    birth_date = models.DateField(_("出生日期"), null=True, blank=True)
    phone = EncryptedTextField(_("手机号"), purpose="person", shown_erased=False)
    phone_hash = models.CharField(max_length=64, blank=True)
    id_number = EncryptedTextField(_("身份证件号"), purpose="person", shown_erased=False)
    id_number_hash = models.CharField(max_length=64, blank=True)
    # As secret as the identity number, for it is mostly a letter before that.
    registry_number = EncryptedTextField(_("学籍号"), purpose="person", shown_erased=False)
    registry_number_hash = models.CharField(max_length=64, blank=True)
    has_smartphone = models.BooleanField(_("有智能手机"), default=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="person")
    deceased = models.BooleanField(_("已故"), default=False)
    erased_on = models.DateField(_("删除日期"), null=True, blank=True)

    class Meta(SealedRow.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["registry_number_hash"],
                condition=~Q(registry_number_hash=""),
                name="person_registry_number_unique",
            )
        ]
        indexes = [
            models.Index(fields=["name"], name="person_name"),
            models.Index(fields=["phone_hash"], name="person_phone", condition=~Q(phone_hash="")),
            models.Index(fields=["id_number_hash"], name="person_id_number", condition=~Q(id_number_hash="")),
        ]

    def __str__(self) -> str:
        return self.name


class Dated(models.Model):
    """Something that holds from a day until a day; an open end holds still. `end` is the first day without it."""

    start = models.DateField(_("自"))
    end = models.DateField(_("至"), null=True, blank=True)

    class Meta:
        abstract = True


def holding(day: dt.date, prefix: str = "") -> Q:
    """The condition that a dated row holds on a day; `prefix` reaches it through a relation ("posts__")."""
    return Q(**{f"{prefix}start__lte": day}) & (Q(**{f"{prefix}end": None}) | Q(**{f"{prefix}end__gt": day}))


_END_AFTER_START = Q(end=None) | Q(end__gte=F("start"))


class Post(Dated, Scoped):
    """What a person is at a unit. Every member of staff has one `employee` post where the personnel file lies."""

    class Kind(models.TextChoices):
        DIRECTOR = "director", _("局长")
        CADRE = "cadre", _("局机关干部")
        ADMINISTRATOR = "administrator", _("管理员")
        PRINCIPAL = "principal", _("校长/园长")
        DEPUTY_PRINCIPAL = "deputy_principal", _("副校长")
        MORAL_DEPUTY = "moral_deputy", _("德育副校长")
        COHORT_LEAD = "cohort_lead", _("年段长")
        HOMEROOM_TEACHER = "homeroom_teacher", _("班主任")
        SUBJECT_TEACHER = "subject_teacher", _("科任教师")
        COUNSELOR = "counselor", _("心理教师")
        COMMUNITY_PARTNER = "community_partner", _("社区/关工委")
        EMPLOYEE = "employee", _("教职工")

    BUREAU_KINDS = (Kind.DIRECTOR, Kind.CADRE, Kind.ADMINISTRATOR, Kind.COMMUNITY_PARTNER)
    SCHOOL_KINDS = (Kind.PRINCIPAL, Kind.DEPUTY_PRINCIPAL, Kind.MORAL_DEPUTY, Kind.COUNSELOR)
    CLASS_KINDS = (Kind.HOMEROOM_TEACHER, Kind.SUBJECT_TEACHER)

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    kind = models.CharField(_("职务"), max_length=20, choices=Kind.choices)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="posts")
    cohort = models.ForeignKey(GradeCohort, models.PROTECT, null=True, blank=True, related_name="posts")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, blank=True, related_name="posts")
    subject = models.CharField(_("学科"), max_length=30, blank=True)
    staff_number = models.CharField(_("工号"), max_length=30, blank=True)

    class Meta(Scoped.Meta):
        constraints = [
            models.CheckConstraint(condition=_END_AFTER_START, name="post_end_after_start"),
            models.CheckConstraint(
                name="post_unit_fits_kind",
                condition=(
                    Q(kind__in=["director", "cadre", "administrator", "community_partner"], school=None)
                    | Q(
                        kind__in=["principal", "deputy_principal", "moral_deputy", "counselor"],
                        school__isnull=False,
                        cohort=None,
                        school_class=None,
                    )
                    | Q(kind="cohort_lead", school__isnull=False, cohort__isnull=False, school_class=None)
                    | Q(
                        kind__in=["homeroom_teacher", "subject_teacher"],
                        school__isnull=False,
                        cohort__isnull=False,
                        school_class__isnull=False,
                    )
                    | Q(kind="employee", cohort=None, school_class=None)
                ),
            ),
            models.UniqueConstraint(
                fields=["school_class"],
                condition=Q(kind="homeroom_teacher", end=None),
                name="post_one_homeroom_teacher",
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "school", "cohort", "school_class", "subject"],
                condition=Q(end=None),
                nulls_distinct=False,
                name="post_held_once",
            ),
            models.UniqueConstraint(
                fields=["school", "staff_number"],
                condition=Q(kind="employee", end=None) & ~Q(staff_number=""),
                nulls_distinct=False,
                name="post_staff_number_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.person_id}"


class Enrollment(Dated, Scoped):
    """A student in a class; a transfer ends one and begins the next, so history stays."""

    class Reason(models.TextChoices):
        TRANSFERRED = "transferred", _("转学/转班")
        LEFT = "left", _("离校")
        GRADUATED = "graduated", _("毕业")
        REMIXED = "remixed", _("重新分班")
        DECEASED = "deceased", _("去世")

    student = models.ForeignKey(Person, models.PROTECT, related_name="enrollments")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="enrollments")
    boarding = models.BooleanField(_("寄宿"), default=False)
    end_reason = models.CharField(_("离开原因"), max_length=20, choices=Reason.choices, blank=True)

    class Meta(Scoped.Meta):
        constraints = [
            models.CheckConstraint(condition=_END_AFTER_START, name="enrollment_end_after_start"),
            models.UniqueConstraint(fields=["student"], condition=Q(end=None), name="enrollment_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.school_class_id}"


class Guardianship(Scoped):
    """An adult answerable for a student; a caregiver (受委托照护人) is not a guardian."""

    class Relation(models.TextChoices):
        FATHER = "father", _("父亲")
        MOTHER = "mother", _("母亲")
        GRANDFATHER = "grandfather", _("祖父")
        GRANDMOTHER = "grandmother", _("祖母")
        MATERNAL_GRANDFATHER = "maternal_grandfather", _("外祖父")
        MATERNAL_GRANDMOTHER = "maternal_grandmother", _("外祖母")
        OTHER = "other", _("其他")

    guardian = models.ForeignKey(Person, models.PROTECT, related_name="wards")
    student = models.ForeignKey(Person, models.PROTECT, related_name="guardianships")
    relation = models.CharField(_("关系"), max_length=24, choices=Relation.choices)
    is_primary = models.BooleanField(_("主要联系人"), default=False)
    is_guardian = models.BooleanField(_("监护人"), default=True)
    may_contact = models.BooleanField(_("可联系"), default=True)
    may_see = models.BooleanField(_("可查看孩子信息"), default=True)
    revoked_on = models.DateField(_("撤销日期"), null=True, blank=True)

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["guardian", "student"], condition=Q(revoked_on=None), name="guardianship_once"
            ),
            models.UniqueConstraint(
                fields=["student"], condition=Q(revoked_on=None, is_primary=True), name="guardianship_one_primary"
            ),
            models.CheckConstraint(condition=~Q(guardian=F("student")), name="guardianship_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id} of {self.student_id}"


class Household(SealedRow):
    """Who lives together; siblings share one. Its own point, else the village's, else the school's (approximate)."""

    address = EncryptedTextField(_("现住址"), purpose="household")
    address_hash = models.CharField(max_length=64, blank=True)
    village = models.ForeignKey(Village, models.PROTECT, null=True, blank=True, related_name="households")
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    lon = models.FloatField(_("经度"), null=True, blank=True)
    preferred_times = EncryptedTextField(_("方便的时间"), purpose="household")

    class Meta(SealedRow.Meta):
        indexes = [models.Index(fields=["address_hash"], name="household_address", condition=~Q(address_hash=""))]
        constraints = [
            models.CheckConstraint(
                condition=Q(lat=None, lon=None) | Q(lat__range=(-90, 90), lon__range=(-180, 180)),
                name="household_point_whole",
            )
        ]

    def __str__(self) -> str:
        return f"household {self.pk}"


class HouseholdMembership(Dated, Scoped):
    household = models.ForeignKey(Household, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="households")

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(end=None), name="membership_one_open"),
            models.CheckConstraint(condition=_END_AFTER_START, name="membership_end_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in household {self.household_id}"


class SeasonalResidence(SealedRow):
    """Where a child lives for part of the year (小候鸟)."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="seasonal_residences")
    place = EncryptedTextField(_("地点"), purpose="household", subject="household_id")
    from_month = models.PositiveSmallIntegerField(_("从(月)"))
    to_month = models.PositiveSmallIntegerField(_("到(月)"))

    class Meta(SealedRow.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(from_month__range=(1, 12), to_month__range=(1, 12)), name="seasonal_months"
            )
        ]

    def __str__(self) -> str:
        return f"seasonal residence {self.pk}"


class Pairing(Dated, Scoped):
    """A cadre of the bureau answerable for a school (点对点下沉), with history."""

    cadre = models.ForeignKey(Person, models.PROTECT, related_name="pairings")
    school = models.ForeignKey(School, models.PROTECT, related_name="pairings")

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["cadre", "school"], condition=Q(end=None), name="pairing_once"),
            models.CheckConstraint(condition=_END_AFTER_START, name="pairing_end_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre_id} with {self.school_id}"


class CareTagKind(models.Model):
    """A kind of care tag; kinds are data. `restricted` tags are seen by the homeroom teacher and above in school."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=30, unique=True)
    restricted = models.BooleanField(_("限知"), default=False)
    onsite = models.BooleanField(_("须上门"), default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class CareTag(Scoped):
    """A reason to look closer, with its source and expiry."""

    student = models.ForeignKey(Person, models.PROTECT, related_name="care_tags")
    kind = models.ForeignKey(CareTagKind, models.PROTECT)
    source = models.CharField(_("来源"), max_length=50)
    since = models.DateField(_("自"))
    expires = models.DateField(_("到期"), null=True, blank=True)

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["student", "kind"], condition=Q(expires=None), name="care_tag_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind_id} of {self.student_id}"
