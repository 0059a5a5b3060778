"""Short forms beside a case: how somebody was, a mark, another alert tier."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiafang.care.models import AlertTier, Measure, Progress
from jiafang.care.services import progress, raise_tier
from jiafang.common.clock import today

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MeasureForm(forms.Form):
    who = forms.ChoiceField(label=_("谁"), choices=Measure.Who.choices, widget=forms.RadioSelect)
    mood = forms.ChoiceField(label=_("当时看起来"), choices=Measure.Mood.choices, widget=forms.RadioSelect)
    on = forms.DateField(label=_("日期"), initial=today, widget=DAY)


class TrackForm(forms.Form):
    kind = forms.ChoiceField(label=_("记什么"), choices=Progress.Kind.choices, widget=forms.RadioSelect)
    label = forms.CharField(
        label=_("名称"),
        max_length=progress.LONGEST,
        help_text=_("同一个名称连成一条线,如“数学月考”“本学期”"),
    )
    value = forms.CharField(
        label=_("数值"), max_length=8, widget=forms.TextInput(attrs={"inputmode": "decimal"}), help_text=_("只填数字")
    )
    on = forms.DateField(label=_("日期"), initial=today, widget=DAY)


class TierForm(forms.Form):
    tier = forms.ChoiceField(label=_("改为"), choices=AlertTier.choices)
    words = forms.CharField(
        label=_("看到了什么"),
        max_length=raise_tier.LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("写看到的、听到的,不写诊断和量表分数"),
    )

    def __init__(self, *args: Any, tiers: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if tiers is not None:
            choices = [choice for choice in AlertTier.choices if choice[0] in tiers]
            self.fields["tier"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
