"""What is written down of a suspicion, while it is fresh."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiafang.care.services.sealed_report import LONGEST, ReportDraft


def _moment(label: Any, *, required: bool, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=help_text,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class ReportForm(forms.Form):
    origin = forms.UUIDField(widget=forms.HiddenInput)
    about = forms.CharField(
        label=_("涉及哪个孩子"),
        max_length=LONGEST,
        help_text=_("姓名、班级;不知道姓名就写您知道的"),
        widget=forms.TextInput(),
    )
    seen = forms.CharField(
        label=_("看到、听到了什么"),
        max_length=LONGEST,
        help_text=_("写原话、原样,不用判断,也不要追问孩子细节"),
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": LONGEST}),
    )
    noticed_at = _moment(_("什么时候发现"), required=True)
    police_called_at = _moment(_("什么时候报的警"), required=False, help_text=_("还没报警,请先拨 110,回来再补"))
    police_receipt = forms.CharField(
        label=_("警方受理回执号"), required=False, max_length=200, help_text=_("还没有可以以后再补")
    )
    bureau_only = forms.BooleanField(label=_("可能涉及本校的人,只交教育局,不让本校知道"), required=False)

    def to_draft(self) -> ReportDraft:
        return ReportDraft(**self.cleaned_data)


class AdditionForm(forms.Form):
    origin = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("补充"),
        max_length=LONGEST,
        help_text=_("如:警方回执号、谁接手了、孩子现在在哪里"),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST}),
    )


class ReaderForm(forms.Form):
    """One of those who hold a leading post; the value is "role:person"."""

    reader = forms.ChoiceField(label=_("让谁也能看"))

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reader"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("请选")), *choices]

    def chosen(self) -> tuple[str, int]:
        role, _colon, person = self.cleaned_data["reader"].partition(":")
        return role, int(person)


def new_origin() -> dict[str, Any]:
    return {"origin": uuid.uuid4()}
