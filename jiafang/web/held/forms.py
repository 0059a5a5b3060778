"""What a teacher decides about a record that is held."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from jiafang.common.clock import at
from jiafang.visits.body import Body
from jiafang.visits.limits import MAX_TEXT
from jiafang.visits.services.settle_held import CURRENT, HELD, Merged

REST = [(HELD, gettext_lazy("手机上的这一份")), (CURRENT, gettext_lazy("已经收下的那一份"))]


def _text(label: Any, *, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": MAX_TEXT}),
    )


class MergeForm(forms.Form):
    """Texts as they shall be; the rest from one of the two."""

    onto = forms.IntegerField(widget=forms.HiddenInput)
    finding = _text(gettext_lazy("一句话记录"), rows=4)
    guardian_opinion = _text(gettext_lazy("家长意见"), rows=3)
    rest_from = forms.ChoiceField(
        label=gettext_lazy("时间、方式、在场的人和勾选的,用哪一份?"), choices=REST, widget=forms.RadioSelect
    )

    def to_merged(self) -> Merged:
        cleaned = self.cleaned_data
        return Merged(cleaned["rest_from"], cleaned["finding"], cleaned["guardian_opinion"])


class CorrectForm(forms.Form):
    """What is most often wrong: the clock of a phone, a text that is too long."""

    day = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(label=gettext_lazy("时间"), widget=forms.TimeInput(attrs={"type": "time"}))
    finding = _text(gettext_lazy("一句话记录"), rows=3)
    guardian_opinion = _text(gettext_lazy("家长意见"), rows=2)

    @staticmethod
    def known(body: Body) -> dict[str, object]:
        local = timezone.localtime(body.started_at)
        return {
            "day": local.date(),
            "time": local.time().replace(second=0, microsecond=0),
            "finding": body.finding,
            "guardian_opinion": body.guardian_opinion,
        }

    @property
    def started_at(self) -> dt.datetime:
        return at(self.cleaned_data["day"], self.cleaned_data["time"])
