"""Forms of the roster import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiafang.common.clock import today
from jiafang.organization.models import RosterImport


class UploadForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("这次导入是"),
        choices=[
            (RosterImport.Kind.UPDATE, _("更新名册:第一次导入,或学年中间有人变动")),
            (RosterImport.Kind.ROLL_OVER, _("学年升级:新学年开始,毕业、升级、新生、重新分班")),
        ],
        widget=forms.RadioSelect,
    )
    school_year = forms.TypedChoiceField(label=_("学年"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = today().year
        self.fields["school_year"].choices = [  # type: ignore[attr-defined]  # a choice field
            (first, f"{first}-{first + 1}") for first in (year + 1, year, year - 1, year - 2)
        ]


def choices_of(data: Mapping[str, Any], preview: Mapping[str, Any]) -> dict[str, Any]:
    """What the form of the preview says, limited to what the preview offers."""
    getlist: Any = data.getlist  # type: ignore[attr-defined]  # a QueryDict
    report = preview.get("report") or {}
    schools = {absent["school"] for absent in report.get("absent", [])}
    siblings = {group["key"] for group in report.get("siblings", [])} | {"guardian", "all"}
    doubts = {doubt["key"] for doubt in report.get("doubts", [])}
    decisions = {key: data[f"doubt-{key}"] for key in doubts if data.get(f"doubt-{key}") in ("same", "new")}
    if data.get("doubt-rest") == "new":
        decisions["*"] = "new"
    return {
        "skip_faulty": "skip_faulty" in data,
        "new_classes": "new_classes" in data,
        "students_complete": sorted(set(getlist("students_complete")) & schools),
        "staff_complete": sorted(set(getlist("staff_complete")) & schools),
        "siblings": sorted(set(getlist("siblings")) & siblings),
        "decisions": decisions,
    }
