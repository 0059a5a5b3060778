"""Forms to find and correct people and units."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jiafang.common.clock import today
from jiafang.organization.models import Enrollment, Person, School, SchoolClass, Sex, Village
from jiafang.organization.selectors import GUARDIAN, STAFF, STUDENT

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FindForm(forms.Form):
    q = forms.CharField(
        label=_("找谁"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("姓名、拼音、首字母或班级,如 zxy 高一1班")}),
    )
    role = forms.ChoiceField(
        label=_("身份"),
        required=False,
        choices=[("", _("所有人")), (STUDENT, _("学生")), (STAFF, _("教职工")), (GUARDIAN, _("家长"))],
    )


class PersonForm(forms.Form):
    name = forms.CharField(label=_("姓名"), max_length=50)
    sex = forms.ChoiceField(label=_("性别"), required=False, choices=[("", _("未填")), *Sex.choices])
    birth_date = forms.DateField(label=_("出生日期"), required=False, widget=DAY)
    phone = forms.CharField(
        label=_("手机号"),
        required=False,
        max_length=11,
        validators=[RegexValidator(r"^1[3-9]\d{9}$", _("手机号应为 11 位数字,以 1 开头"))],
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    has_smartphone = forms.BooleanField(label=_("有智能手机"), required=False)


class PlaceForm(forms.Form):
    lat = forms.FloatField(label=_("纬度"), required=False, validators=[MinValueValidator(-90), MaxValueValidator(90)])
    lon = forms.FloatField(
        label=_("经度"), required=False, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )


class HouseholdForm(PlaceForm):
    address = forms.CharField(label=_("现住址"), required=False, max_length=200)
    village = forms.ModelChoiceField(
        label=_("村(社区)"), required=False, queryset=Village.objects.all(), empty_label=_("未填")
    )
    preferred_times = forms.CharField(
        label=_("方便的时间"), required=False, max_length=100, help_text=_("如:周末上午,晚上 8 点以后")
    )
    field_order = ["address", "village", "preferred_times", "lat", "lon"]


class SchoolForm(PlaceForm):
    township = forms.CharField(label=_("乡镇"), required=False, max_length=50)
    address = forms.CharField(label=_("地址"), required=False, max_length=200)
    cohort_lead_label = forms.CharField(label=_("年段长的叫法"), required=False, max_length=20)
    homeroom_label = forms.CharField(label=_("班主任的叫法"), required=False, max_length=20)
    field_order = ["township", "address", "lat", "lon", "cohort_lead_label", "homeroom_label"]


class MoveForm(forms.Form):
    to = forms.ModelChoiceField(label=_("转到"), queryset=SchoolClass.unscoped.none(), required=False)
    reason = forms.ChoiceField(
        label=_("或离校"),
        required=False,
        choices=[
            ("", _("不离校,只是转班或转学")),
            (Enrollment.Reason.LEFT, Enrollment.Reason.LEFT.label),
            (Enrollment.Reason.GRADUATED, Enrollment.Reason.GRADUATED.label),
            (Enrollment.Reason.DECEASED, Enrollment.Reason.DECEASED.label),
        ],
    )
    on = forms.DateField(label=_("日期"), initial=today, widget=DAY)

    def __init__(self, *args: Any, classes: QuerySet[SchoolClass], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = today()
        self.fields["to"].queryset = classes  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["to"].label_from_instance = lambda c: f"{c.cohort.school.name} {c.full_name(day)}"  # type: ignore[attr-defined]  # as above

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("to")) == bool(data.get("reason")) and not self.errors:
            self.add_error("to", _("请选一个班级,或选离校的原因"))
        return data


class HomeroomForm(forms.Form):
    teacher = forms.ModelChoiceField(label=_("班主任"), queryset=Person.unscoped.none())
    on = forms.DateField(label=_("自"), initial=today, widget=DAY)

    def __init__(self, *args: Any, staff: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teacher"].queryset = staff  # type: ignore[attr-defined]  # a ModelChoiceField


class PairForm(forms.Form):
    cadre = forms.ModelChoiceField(label=_("挂钩干部"), queryset=Person.unscoped.none())

    def __init__(self, *args: Any, cadres: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cadre"].queryset = cadres  # type: ignore[attr-defined]  # a ModelChoiceField


class SchoolFindForm(forms.Form):
    q = forms.CharField(
        label=_("找学校"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("校名、乡镇或学校标识码")}),
    )


class VillagePointForm(forms.Form):
    lat = forms.FloatField(label=_("纬度"), validators=[MinValueValidator(-90), MaxValueValidator(90)])
    lon = forms.FloatField(label=_("经度"), validators=[MinValueValidator(-180), MaxValueValidator(180)])


def initial_of(row: School | Person, names: list[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
