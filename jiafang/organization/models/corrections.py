"""What a guardian finds wrong, and what the school answers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiafang.keys.fields import EncryptedTextField
from jiafang.keys.sealing import SealedRow
from jiafang.organization.models.people import Person


class CorrectionRequest(SealedRow):
    """A guardian says what is wrong about the own child and what would be right; the school accepts or declines."""

    class About(models.TextChoices):
        PERSON = "person", _("姓名、性别、出生日期")
        PHONE = "phone", _("联系电话")
        ADDRESS = "address", _("住址")
        SCHOOL = "school", _("学校、班级")
        VISIT = "visit", _("家访的时间或方式")
        OTHER = "other", _("其他")

    class State(models.TextChoices):
        OPEN = "open", _("等学校答复")
        ACCEPTED = "accepted", _("已更正")
        DECLINED = "declined", _("未更正")

    student = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    about = models.CharField(_("哪一项不对"), max_length=10, choices=About.choices)
    wrong = EncryptedTextField(_("哪里不对"), purpose="person", subject="student_id")
    right = EncryptedTextField(_("正确的是"), purpose="person", subject="student_id")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = EncryptedTextField(_("学校的答复"), purpose="person", subject="student_id")
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None) | ~Q(state="open") & Q(answered_at__isnull=False),
                name="correction_answered_or_open",
            )
        ]

    def __str__(self) -> str:
        return f"correction {self.pk}"
