"""What a family can answer to a window."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.campaigns.models import Channel, Shift
from jiafang.campaigns.services.confirm import MAX_NOTE
from jiafang.organization.models import CorrectionRequest
from jiafang.organization.services.corrections import LONGEST
from jiafang.web.visits.forms import offer
from jiafang.web.visits.words import window

NOTE_ROOM = 120


class AnswerForm(forms.Form):
    """An answer without more to say."""

    def words(self) -> str:
        """What is kept beside the answer."""
        return ""


class OtherTimeForm(AnswerForm):
    """Windows that would suit, or own words."""

    shifts = forms.TypedMultipleChoiceField(
        label=gettext_lazy("哪些时间方便?"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label=gettext_lazy("或者写一句"),
        required=False,
        max_length=NOTE_ROOM,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("如:周日下午都在家")}),
    )

    def __init__(self, *args: Any, shifts: list[Shift], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._words = {shift.pk: window(shift.date, shift.kind) for shift in shifts}
        offer(self, "shifts", list(self._words.items()))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("shifts") and not cleaned.get("note", "").strip():
            raise forms.ValidationError(_("请点一个时间,或写一句方便的时间"))
        return cleaned

    def words(self) -> str:
        """The answer in one line, within the length that is kept."""
        note = self.cleaned_data["note"].strip()
        chosen = "、".join(self._words[pk] for pk in self.cleaned_data["shifts"])
        room = MAX_NOTE - len(note) - 1
        chosen = chosen if len(chosen) <= room else f"{chosen[: room - 1]}…"
        return ";".join(part for part in (chosen, note) if part)


class OtherChannelForm(AnswerForm):
    channel = forms.ChoiceField(label=gettext_lazy("哪种方式更方便?"), widget=forms.RadioSelect)
    note = forms.CharField(label=gettext_lazy("想说的话"), required=False, max_length=NOTE_ROOM)

    def __init__(self, *args: Any, present: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "channel", [choice for choice in Channel.choices if choice[0] != present])

    def words(self) -> str:
        note = self.cleaned_data["note"].strip()
        return ";".join(part for part in (str(Channel(self.cleaned_data["channel"]).label), note) if part)


class DeclineForm(AnswerForm):
    note = forms.CharField(label=gettext_lazy("想说的话"), required=False, max_length=NOTE_ROOM)

    def words(self) -> str:
        return str(self.cleaned_data["note"].strip())


class CorrectionForm(forms.Form):
    """What is wrong, and what would be right."""

    student = forms.ChoiceField(label=gettext_lazy("哪个孩子"))
    about = forms.ChoiceField(label=gettext_lazy("哪一项不对"), choices=CorrectionRequest.About.choices)
    wrong = forms.CharField(label=gettext_lazy("现在写的是"), max_length=LONGEST)
    right = forms.CharField(label=gettext_lazy("应当是"), max_length=LONGEST)

    def __init__(self, *args: Any, children: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "student", children)
