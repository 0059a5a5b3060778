"""The form of a difficulty, with what follows from each choice said beside it."""

import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.care.entitled import AT_BUREAU
from jiafang.care.models import OWN_MATTERS, AlertTier, Role, SubjectKind
from jiafang.care.rules import FIRST_LEVEL
from jiafang.care.selectors.subjects import Subject
from jiafang.care.services.foresee import Foreseen, Known, OfCategory
from jiafang.care.services.raise_case import LONGEST, Difficulty
from jiafang.web.visits.forms import offer


class RaiseForm(forms.Form):
    """`foreseen` says what follows; faults of the service are put to the fields named here."""

    origin = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("是什么事"),
        max_length=LONGEST,
        help_text=gettext_lazy("一两句就行:看到了什么、从什么时候开始、希望怎么帮。"),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST, "data-count": ""}),
        error_messages={"required": gettext_lazy("请写一句是什么事")},
    )
    category = forms.ChoiceField(
        label=gettext_lazy("是哪一类事"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择是哪一类事")},
    )
    alert_tier = forms.ChoiceField(
        label=gettext_lazy("急不急"), widget=forms.RadioSelect, initial=AlertTier.GREEN, choices=AlertTier.choices
    )
    heard = forms.BooleanField(required=False)
    heard_from = forms.TypedChoiceField(
        label=gettext_lazy("是谁告诉您的"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=gettext_lazy("选了以后,他(她)能看到办理的情况,办好后由他(她)说解决了没有。"),
    )
    consent_upward = forms.BooleanField(
        label=gettext_lazy("学校办不了的,我同意往教育局报"),
        required=False,
        help_text=gettext_lazy("不勾也行:没有您同意,这件事只留在学校。以后随时可以再同意。"),
    )

    def __init__(
        self, *args: Any, subject: Subject, foreseen: Foreseen, leaders: Collection[tuple[int, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.subject, self.foreseen = subject, foreseen
        self.initial.setdefault("origin", uuid.uuid4())
        offer(self, "category", [(one.code, one.name) for one in foreseen.categories])
        offer(self, "alert_tier", tier_choices(subject.kind))
        colleague = subject.kind in (SubjectKind.TEACHER, SubjectKind.PRINCIPAL) and not subject.oneself
        if colleague:
            self.fields["heard"].label = _("这是%(name)s自己告诉我的") % {"name": subject.name}
            self.fields["heard"].help_text = _("勾了以后,本人能看到办理的情况,办好后由本人说解决了没有。")
        else:
            del self.fields["heard"]
        if leaders:
            offer(self, "heard_from", [("", _("是我自己看到的")), *leaders])
        else:
            del self.fields["heard_from"]
        if not subject.oneself or not any(one.confided for one in foreseen.categories):
            del self.fields["consent_upward"]
        elif FIRST_LEVEL[SubjectKind(subject.kind)] in AT_BUREAU:
            self.fields["consent_upward"].label = _("科室办不了的,我同意往局长报")
            self.fields["consent_upward"].help_text = _("不勾也行:没有您同意,这件事不往上报。以后随时可以再同意。")

    def difficulty(self) -> Difficulty:
        told = self.cleaned_data
        heard_from = told.get("heard_from") or (self.subject.person_id if told.get("heard") else None)
        about_school = self.subject.kind == SubjectKind.SCHOOL
        return Difficulty(
            category=told["category"],
            text=told["text"],
            alert_tier=told["alert_tier"],
            subject_kind=self.subject.kind,
            person_id=None if about_school else self.subject.person_id,
            school_id=self.subject.school_id,
            heard_from=heard_from,
            consent_upward=told.get("consent_upward", False),
            origin=told["origin"],
        )

    @property
    def kept(self) -> str:
        """What goes no further than it is told without a word of the one whose own matter it is."""
        own = self.subject.kind in OWN_MATTERS
        return "、".join(one.name for one in self.foreseen.categories if own and one.confided)

    @property
    def common(self) -> OfCategory:
        """What follows from most categories; the others say where they differ."""
        alike = Counter((one.owner, one.readers) for one in self.foreseen.categories)
        usual = alike.most_common(1)[0][0]
        return next(one for one in self.foreseen.categories if (one.owner, one.readers) == usual)

    def categories(self) -> list["Option"]:
        usual = self.common
        return [
            Option(widget, [] if (one.owner, one.readers) == (usual.owner, usual.readers) else [known_by(one)])
            for widget, one in zip(self["category"].subwidgets, self.foreseen.categories, strict=True)
        ]

    def tiers(self) -> list["Option"]:
        return [
            Option(widget, self._of_tier(tier))
            for widget, tier in zip(self["alert_tier"].subwidgets, AlertTier.values, strict=True)
        ]

    def _of_tier(self, tier: str) -> list[str]:
        days = sorted({one.days[tier] for one in self.foreseen.categories})
        span = str(days[0]) if len(days) == 1 else f"{days[0]}~{days[-1]}"
        lines = [_("%(days)s 天内办") % {"days": span}]
        extra = [one for one in self.foreseen.tiers[tier] if one != self.common.owner]
        if extra:
            lines.append(_("还会知道:%(who)s") % {"who": named(extra)})
        return lines


@dataclass(frozen=True, slots=True)
class Option:
    """A choice with what follows from it."""

    widget: Any
    lines: list[str]


def tier_choices(subject_kind: str) -> list[tuple[str, str]]:
    if subject_kind == SubjectKind.STUDENT:
        return [(value, str(label)) for value, label in AlertTier.choices]
    return [
        (AlertTier.GREEN, _("不急")),
        (AlertTier.YELLOW, _("尽快")),
        (AlertTier.ORANGE, _("比较急")),
        (AlertTier.RED, _("很紧急")),
    ]


def named(people: Collection[Known]) -> str:
    return "、".join(f"{one.name}({Role(one.role).label})" for one in people)


def known_by(one: OfCategory) -> str:
    """Who will know, the one who is responsible first."""
    if one.owner is None:
        nobody = _("谁会知道:现在没有校长,先放着,谁也看不到;校长到任了就由校长办。")
        if not one.instead:
            return nobody
        agreed = _("本人同意往教育局报的,由局里办:%(who)s") % {"who": named(one.instead)}
        return f"{nobody}{agreed}"
    owner = _("%(name)s(%(role)s,负责办)") % {"name": one.owner.name, "role": Role(one.owner.role).label}
    return _("谁会知道:%(who)s") % {"who": "、".join([owner, *([named(one.readers)] if one.readers else [])])}
