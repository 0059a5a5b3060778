"""What guardians find wrong about their children, for those who lead the class or the school."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access import CHANGE, may, scope
from jiafang.access.actor import ADMINISTRATOR, PRINCIPAL, TEACHER
from jiafang.access.registry import VIEW
from jiafang.accounts.audit import Reading
from jiafang.common.clock import today
from jiafang.organization.models import CorrectionRequest, Enrollment, Person, holding
from jiafang.organization.services.corrections import LONGEST, answer_correction
from jiafang.web.components.shapes import Choice
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.opening import note_opened
from jiafang.web.told import told

PAGE = 20
ANSWERING = frozenset({ADMINISTRATOR, PRINCIPAL, TEACHER})
TONES = {"open": "due", "accepted": "met", "declined": "declined"}


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("给家长的话"),
        required=False,
        max_length=LONGEST,
        help_text=gettext_lazy("没有更正时必填,家长会看到"),
        widget=forms.TextInput(),
    )


@gate(ANSWERING, permission="correction.answer")
def correction_list(request: ActorRequest) -> HttpResponse:
    """Those that wait first by default."""
    answered = request.GET.get("show") == "answered"
    rows = scope(request.actor, CorrectionRequest, VIEW).select_related("student")
    waiting = rows.filter(state=CorrectionRequest.State.OPEN)
    rows = rows.exclude(state=CorrectionRequest.State.OPEN) if answered else waiting.order_by("id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    classes = _classes(request, [row.student_id for row in page])
    names = _names(request, {pk for row in page for pk in (row.asked_by_id, row.answered_by_id) if pk})
    note_opened(request, Reading.CORRECTIONS, {pk for row in page for pk in (row.student_id, row.asked_by_id)})
    return render(
        request,
        "organization/corrections.html",
        {
            "page": page,
            "rows": [
                {
                    "request": row,
                    "tone": TONES[row.state],
                    "class_name": classes.get(row.student_id, ""),
                    "asked_by": names.get(row.asked_by_id, _("原来的家长")),
                    "answered_by": names.get(row.answered_by_id or 0, ""),
                    "form": AnswerForm(auto_id=f"{row.pk}-%s"),
                }
                for row in page
            ],
            "answered": answered,
            "may_edit": may(request.actor, "people.correct"),
            "choices": [
                Choice(_("等答复"), "?", active=not answered),
                Choice(_("已答复"), "?show=answered", active=answered),
            ],
        },
    )


def _classes(request: ActorRequest, students: list[int]) -> dict[int, str]:
    day = today()
    rows = scope(request.actor, Enrollment).filter(holding(day), student_id__in=students)
    return {row.student_id: row.school_class.full_name(day) for row in rows.select_related("school_class__cohort")}


def _names(request: ActorRequest, people: set[int]) -> dict[int, str]:
    """Of those within reach. Joined, the others would take their requests with them: the database hides such rows."""
    return dict(scope(request.actor, Person).filter(pk__in=people).values_list("pk", "name"))


@gate(ANSWERING, permission="correction.answer", methods=("POST",))
def correction_answer(request: ActorRequest, pk: int) -> HttpResponse:
    """已更正 or 不更正, with a word to the guardian."""
    row = scoped_or_404(request.actor, CorrectionRequest, purpose=CHANGE, pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["answer"])))
        return redirect("correction_list")
    words = form.cleaned_data["answer"]
    accepted = request.POST.get("decision") == "accept"
    told(
        request,
        lambda: answer_correction(by=request.actor, request=row, accepted=accepted, answer=words),
        _("已答复,家长能看到"),
    )
    return redirect("correction_list")
