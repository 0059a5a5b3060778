"""请您多看一眼: students to whom the rules point, for the homeroom teacher; the rules for those who set them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access import CHANGE, scope
from jiafang.access.actor import ADMINISTRATOR, DIRECTOR, TEACHER
from jiafang.accounts.audit import Reading
from jiafang.common.clock import today
from jiafang.common.errors import InputFault
from jiafang.insight.models import Sign, SignRule
from jiafang.insight.services.decide_sign import decide_sign
from jiafang.insight.services.sign_rules import MOST_DAYS, MOST_TIMES, change_sign_rule
from jiafang.organization.models import Enrollment, holding
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate, listed_or_404, scoped_or_404
from jiafang.web.opening import note_opened
from jiafang.web.signs.words import HELP, reason

PAGE = 30
SETTING = frozenset({ADMINISTRATOR, DIRECTOR})


class RuleForm(forms.Form):
    active = forms.BooleanField(label=gettext_lazy("使用这条"), required=False)
    days = forms.IntegerField(label=gettext_lazy("看多少天以内"), min_value=1, max_value=MOST_DAYS)
    times = forms.IntegerField(label=gettext_lazy("几次(或百分之几)"), min_value=1, max_value=MOST_TIMES)


@gate({TEACHER}, permission="sign.decide")
def early_signs(request: ActorRequest) -> HttpResponse:
    """Open ones of the own class, with the reason in words; nothing here is a judgment of a child."""
    rows = scope(request.actor, Sign).filter(state=Sign.State.OPEN).select_related("student")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    note_opened(request, Reading.CLASS, [row.student_id for row in page])
    duties = _classes(request, [row.student_id for row in page])
    return render(
        request,
        "signs/signs.html",
        {
            "page": page,
            "trail": [Crumb(_("我的班级"), reverse("my_class")), Crumb(_("请您多看一眼"))],
            "rows": [
                {
                    "pk": row.pk,
                    "name": row.student.name,
                    "where": duties.get(row.student_id, ""),
                    "why": row.get_kind_display(),
                    "reason": reason(row),
                    "sheet_url": reverse("student_sheet", args=[row.student_id]),
                    "raise_url": f"{reverse('case_raise')}?person={row.student_id}&sign={row.pk}",
                }
                for row in page
            ],
        },
    )


def _classes(request: ActorRequest, students: list[int]) -> dict[int, str]:
    held = scope(request.actor, Enrollment).filter(holding(today()), student_id__in=students)
    return {row.student_id: row.school_class.full_name(today()) for row in held.select_related("school_class__cohort")}


@gate({TEACHER}, permission="sign.decide", methods=("POST",))
def decide(request: ActorRequest, pk: int) -> HttpResponse:
    """The teacher has been in touch, or puts it aside. A matter is raised from the form of matters itself."""
    row = scoped_or_404(request.actor, Sign, purpose=CHANGE, pk=pk)
    followed = request.POST.get("then") == "followed"
    decide_sign(by=request.actor, sign_id=row.pk, followed=followed)
    messages.success(request, _("好的,已记为跟进过") if followed else _("好的,先放一放"))
    return redirect("early_signs")


@gate(SETTING, permission="sign.rules")
def sign_rules(request: ActorRequest) -> HttpResponse:
    rows = [(rule, HELP[SignRule.Kind(rule.kind)]) for rule in SignRule.objects.all()]
    return render(request, "signs/rules.html", {"rows": rows, "trail": _trail(Crumb(_("早期提醒的规则")))})


@gate(SETTING, permission="sign.rules", methods=("GET", "POST"))
def sign_rule(request: ActorRequest, pk: int) -> HttpResponse:
    rule = listed_or_404(request.actor, SignRule.objects.all(), pk)
    known: dict[str, Any] = {"active": rule.active, "days": rule.days, "times": rule.times}
    form = RuleForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            change_sign_rule(by=request.actor, rule_id=rule.pk, **form.cleaned_data)
        except InputFault as fault:
            form.add_error(fault.place or None, fault.message)
        else:
            messages.success(request, _("已保存,今晚起按新的规则看"))
            return redirect("sign_rules")
    trail = _trail(Crumb(_("早期提醒的规则"), reverse("sign_rules")), Crumb(rule.get_kind_display()))
    help_text = HELP[SignRule.Kind(rule.kind)]
    return render(request, "signs/rule.html", {"rule": rule, "form": form, "trail": trail, "help": help_text})


def _trail(*below: Crumb) -> list[Crumb]:
    return [Crumb(_("事项设置"), reverse("care_tables")), *below]
