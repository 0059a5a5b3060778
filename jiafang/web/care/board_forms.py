"""What can be chosen on a board, kept under a name, and done with several cases at once."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiafang.access import Actor, scope
from jiafang.access.actor import BUREAU_KINDS
from jiafang.care.models import AlertTier, CaseFile, Category, Level
from jiafang.care.selectors.board import Wanted
from jiafang.care.services.keep_filter import LONGEST_NAME
from jiafang.organization.models import School
from jiafang.web.care.board_words import TIER_WORDS

State = CaseFile.State


class BoardFilter(forms.Form):
    """GET parameters; what is not one of the choices is as if it had not been asked for."""

    state = forms.ChoiceField(label=_("状态"), required=False)
    category = forms.ModelChoiceField(
        label=_("类别"), required=False, queryset=Category.objects.all(), empty_label=_("所有类别")
    )
    tier = forms.ChoiceField(label=_("急不急"), required=False)
    level = forms.ChoiceField(label=_("在哪一级"), required=False)
    school = forms.ModelChoiceField(
        label=_("学校"), required=False, queryset=School.unscoped.none(), empty_label=_("所有学校")
    )
    overdue = forms.BooleanField(label=_("只看超期的"), required=False)
    meeting = forms.BooleanField(label=_("只看提请研究的"), required=False)

    def __init__(self, actor: Actor, data: Any) -> None:
        super().__init__(data)
        self._choices("state", [("", _("没办结的")), *[(state.value, state.label) for state in State]])
        self._choices("tier", [("", _("全部")), *[(tier.value, TIER_WORDS[tier]) for tier in AlertTier]])
        self._choices("level", [("", _("各级")), *Level.choices])
        if actor.kind in BUREAU_KINDS:
            self.fields["school"].queryset = scope(actor, School).order_by("name")  # type: ignore[attr-defined]
        else:
            del self.fields["school"]
            del self.fields["meeting"]

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def wanted(self) -> Wanted:
        self.is_valid()
        found = self.cleaned_data
        category, school = found.get("category"), found.get("school")
        return Wanted(
            state=found.get("state", ""),
            category=category.pk if category else None,
            tier=found.get("tier", ""),
            level=found.get("level", ""),
            school=school.pk if school else None,
            overdue=bool(found.get("overdue")),
            meeting=bool(found.get("meeting")),
        )


class KeepForm(forms.Form):
    name = forms.CharField(label=_("给这个筛选起个名字"), max_length=LONGEST_NAME)


def query_of(part: str, wanted: Wanted) -> str:
    """The selection as a part of an address: known words and numbers, nothing that somebody typed."""
    chosen = {
        "part": part,
        "state": wanted.state,
        "category": wanted.category or "",
        "tier": wanted.tier,
        "level": wanted.level,
        "school": wanted.school or "",
        "overdue": "on" if wanted.overdue else "",
        "meeting": "on" if wanted.meeting else "",
    }
    return "&".join(f"{name}={value}" for name, value in chosen.items() if value != "")
