"""Forms of the tables of care: a category with the rule of each level, a section and its members."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jiafang.care.models import BureauSection, Category, CategoryRule, Level, Role, SubjectKind
from jiafang.care.services.categories import LONGEST_DAYS, OWNERS, CategoryDraft, RuleDraft
from jiafang.organization.models import Person

DAYS = {
    "days_green": _("一般(天)"),
    "days_yellow": _("留意(天)"),
    "days_orange": _("较急(天)"),
    "days_red": _("紧急(天)"),
}


class CategoryForm(forms.Form):
    name = forms.CharField(label=_("类别"), max_length=20)
    subjects = forms.MultipleChoiceField(
        label=_("可以关于谁"), choices=SubjectKind.choices, widget=forms.CheckboxSelectMultiple
    )
    section = forms.ModelChoiceField(
        label=_("由哪个科室管"),
        queryset=BureauSection.objects.none(),
        required=False,
        empty_label=_("上报时再选"),
    )
    order = forms.IntegerField(label=_("排在第几"), min_value=0, max_value=999, required=False)
    confided = forms.BooleanField(label=_("老师自己的这类事,本人同意才往上报"), required=False)
    active = forms.BooleanField(label=_("在用"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections = BureauSection.objects.filter(active=True)
        self.fields["section"].queryset = sections  # type: ignore[attr-defined]  # a ModelChoiceField

    def draft(self, rules: tuple[RuleDraft, ...]) -> CategoryDraft:
        told = self.cleaned_data
        return CategoryDraft(
            name=told["name"],
            subjects=tuple(told["subjects"]),
            section_id=told["section"].pk if told["section"] else None,
            confided=told["confided"],
            active=told["active"],
            order=told["order"] or 0,
            rules=rules,
        )


class RuleForm(forms.Form):
    """One level; its fields are called after it, as in "school-owner"."""

    owner = forms.ChoiceField(label=_("由谁负责"))
    days_green = forms.IntegerField(label=DAYS["days_green"], min_value=1, max_value=LONGEST_DAYS)
    days_yellow = forms.IntegerField(label=DAYS["days_yellow"], min_value=1, max_value=LONGEST_DAYS)
    days_orange = forms.IntegerField(label=DAYS["days_orange"], min_value=1, max_value=LONGEST_DAYS)
    days_red = forms.IntegerField(label=DAYS["days_red"], min_value=1, max_value=LONGEST_DAYS)
    readers = forms.MultipleChoiceField(
        label=_("另外谁能看"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, level: Level, initial: dict[str, Any]) -> None:
        super().__init__(data, prefix=level.value, initial=initial)
        self.level = level
        choices = [(role.value, role.label) for role in OWNERS[level]]
        self.fields["owner"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[name] for name in DAYS]

    def draft(self) -> RuleDraft:
        told = self.cleaned_data
        return RuleDraft(
            level=self.level.value,
            owner=told["owner"],
            readers=tuple(told["readers"]),
            **{name: told[name] for name in DAYS},
        )


def initial_of_category(row: Category) -> dict[str, Any]:
    names = ("name", "subjects", "section", "order", "confided", "active")
    return {name: getattr(row, name) for name in names}


def initial_of_rule(rule: CategoryRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in ("owner", "readers", *DAYS)}


class SectionForm(forms.Form):
    name = forms.CharField(label=_("科室"), max_length=40)
    duties = forms.CharField(label=_("管什么"), max_length=200, required=False)
    active = forms.BooleanField(label=_("在用"), required=False, initial=True)


class MemberForm(forms.Form):
    person = forms.ModelChoiceField(label=_("干部"), queryset=Person.unscoped.none(), empty_label=_("请选择"))
    head = forms.BooleanField(label=_("是负责人,科室的事先到这里"), required=False)
    end = forms.DateField(
        label=_("到哪天为止"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("临时帮忙的填上;不填就一直在"),
    )

    def __init__(self, *args: Any, cadres: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = cadres  # type: ignore[attr-defined]  # a ModelChoiceField
