"""The short forms by which somebody does something with a case; each keeps what was typed when it is shown again."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiafang.care.models import CaseAction, CaseFile, SubjectKind
from jiafang.care.selectors.thread import Audience
from jiafang.common.clock import today

LONGEST = 2000
Choices = list[tuple[Any, Any]]


def words(label: Any, *, required: bool = True, help_text: Any = "", rows: int = 3) -> forms.CharField:
    """A text of some lines."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": LONGEST}),
    )


def day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"})
    )


class VerbForm(forms.Form):
    """`choices` are those that depend on the case and on who asks; `revision` is what was looked at."""

    needs: ClassVar[str] = ""
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, case: CaseFile, choices: dict[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        self.initial.setdefault("revision", case.revision)
        self.offered = {name: [value for value, _label in pairs] for name, pairs in choices.items()}
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered
            if not offered:
                del self.fields[name]

    def look_again(self, case: CaseFile) -> None:
        """It is shown again beside the case as it is now: what is sent next was decided in view of that."""
        if isinstance(self.data, QueryDict):
            self.data = {**self.data.dict(), "revision": str(case.revision)}

    @property
    def complete(self) -> bool:
        """Whether there is somebody or something to choose, where that is what it is for."""
        return not self.needs or self.needs in self.fields

    def clean(self) -> dict[str, Any] | None:
        if not self.complete:
            raise forms.ValidationError(gettext("现在没有可以选的,请刷新页面再看"))
        return super().clean()


class SeatField(forms.ChoiceField):
    """A person in a role, written as `role:person`."""

    def clean(self, value: Any) -> Any:
        chosen = super().clean(value)
        if not chosen:
            return None
        role, _colon, person = chosen.partition(":")
        return role, int(person)


class ActForm(VerbForm):
    origin = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("做了什么"), choices=CaseAction.Kind.choices)
    on = day(_("哪一天"))
    text = words(_("经过"), help_text=_("一两句就行"))
    resource_id = forms.TypedChoiceField(label=_("用到的资源"), required=False, coerce=int, empty_value=None)
    shared = forms.BooleanField(label=_("家长也能看到这一条"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("origin", uuid.uuid4())
        self.initial.setdefault("on", today())
        if self.case.subject_kind == SubjectKind.SCHOOL:
            del self.fields["shared"]  # there, everybody on the list reads the inner work
        elif self.case.subject_kind != SubjectKind.STUDENT:
            self.fields["shared"].label = gettext("本人也能看到这一条")

    def clean_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["on"]
        if on > today():
            raise forms.ValidationError(_("这一天还没到"))
        return on


class ProposeForm(VerbForm):
    result = forms.ChoiceField(
        label=_("办得怎么样"),
        widget=forms.RadioSelect,
        choices=[(value, CaseFile.Result(value).label) for value in ("solved", "partly", "conditions")],
        initial=CaseFile.Result.SOLVED,
    )
    words = words(_("结果"), help_text=_("确认的人会看到这几句话"))
    ask_person_id = forms.TypedChoiceField(
        label=_("请谁确认"), required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask = self.fields.get("ask_person_id")
        if isinstance(ask, forms.ChoiceField):
            offered = self.offered["ask_person_id"]
            ask.required = self.case.confirmer_id == self.case.owner_id
            ask.error_messages["required"] = gettext("解决没有要由别人说:请选一位来确认")
            first = offered[0] if len(offered) == 1 else None
            self.initial.setdefault(
                "ask_person_id", self.case.confirmer_id if self.case.confirmer_id in offered else first
            )


class TakeBackForm(VerbForm):
    words = words(_("为什么收回结果"), rows=2, help_text=_("被请来确认的人也看得到"))


class HandOverForm(VerbForm):
    needs = "seat"
    seat = SeatField(label=_("交接给谁"))


class ConfirmForm(VerbForm):
    words = words(_("想说的话"), required=False, rows=2)


class DenyForm(VerbForm):
    words = words(_("还有什么没解决"), rows=2)


class ConfirmOrallyForm(VerbForm):
    needs = "guardian_id"
    guardian_id = forms.TypedChoiceField(label=_("哪位家长"), coerce=int)
    words = words(_("家长怎么说的"), rows=2)


class ReopenForm(VerbForm):
    words = words(_("为什么要重新打开"), rows=2)


class WithdrawForm(VerbForm):
    words = words(_("为什么收回"), rows=2)


class AssignForm(VerbForm):
    needs = "seat"
    seat = SeatField(label=_("交给谁办"))
    due = day(_("期限"), required=False, help_text=_("不填就照原来的期限"))
    note = words(_("嘱咐一句"), required=False, rows=2, help_text=_("只改期限的,提出的人也看得到这一句"))


class SendUpForm(VerbForm):
    words = words(_("为什么要往上报"), help_text=_("已经做过什么、卡在哪里"))
    section_id = forms.TypedChoiceField(label=_("报给哪个科室"), required=False, coerce=int, empty_value=None)
    for_meeting = forms.BooleanField(label=_("提请局里研究"), required=False)


class SendDownForm(VerbForm):
    needs = "seat"
    seat = SeatField(label=_("交给谁办"))
    due = day(_("期限"))
    decision = words(_("决定怎么办"))


class MergeForm(VerbForm):
    needs = "into_id"
    into_id = forms.TypedChoiceField(label=_("并入哪一件"), coerce=int)
    words = words(_("说明"), rows=2)


class ReferForm(VerbForm):
    needs = "seat"
    seat = SeatField(label=_("转给谁"))
    reason = words(_("为什么转介"), help_text=_("对方接下之前只看到是谁的事、急不急和这几句话"))


class NameReaderForm(VerbForm):
    needs = "seat"
    seat = SeatField(label=_("让谁看"), help_text=_("从现在起能看到整件事,包括内部的话"))


class ConsentForm(VerbForm):
    """Nothing to write."""


class SayForm(forms.Form):
    """Each audience says in its value who will be able to read: whoever has joined since makes it another choice."""

    origin = forms.UUIDField(widget=forms.HiddenInput)
    text = words(_("想说的话"))
    audience = forms.ChoiceField(
        label=_("给谁看"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("请选择给谁看"),
            "invalid_choice": _("能看到的人刚刚变了。您写的还在,请看一眼现在是谁能看到,再选。"),
        },
    )

    def __init__(self, *args: Any, offered: Collection[Audience], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {_value(one): one for one in offered}
        self.initial.setdefault("origin", uuid.uuid4())
        self.initial.setdefault("audience", next(iter(self.offered), ""))
        field = self.fields["audience"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(value, value) for value in self.offered]

    def clean_audience(self) -> Audience:
        return self.offered[self.cleaned_data["audience"]]


def _value(one: Audience) -> str:
    return f"{'+'.join(one.sides)}:{'.'.join(str(reader.person_id) for reader in one.people)}"


class AnswerReferralForm(forms.Form):
    words = words(_("答复"), required=False, rows=2, help_text=_("不接时请写明原因"))
    take_over = forms.BooleanField(label=_("由我来负责办这件事"), required=False)


class ReturnReferralForm(forms.Form):
    words = words(_("交回时要说明的"), rows=2)
