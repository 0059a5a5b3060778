"""Adding questions: what is asked on each tier, a draft from a workbook, its preview, publishing and retiring."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, scope
from jiafang.access.actor import ADMINISTRATOR, DIRECTOR, PRINCIPAL
from jiafang.common.errors import InputFault
from jiafang.visits.models import QuestionSet
from jiafang.visits.questions.faults import WorkbookFault
from jiafang.visits.questions.template import example_workbook
from jiafang.visits.questions.versions import asked_of
from jiafang.visits.services import questions as services
from jiafang.web.components.shapes import Choice, Crumb
from jiafang.web.downloads import EXCEL, download
from jiafang.web.gate import ActorRequest, gate, row_or_404, scoped_or_404
from jiafang.web.questions.forms import AddForm, uploaded
from jiafang.web.questions.presenters import number_of, remarks_of, set_row, shown_faults, speaks_english

MANAGERS = {ADMINISTRATOR, DIRECTOR, PRINCIPAL}
PAGE = 30
PUBLISHED, DRAFT = QuestionSet.State.PUBLISHED, QuestionSet.State.DRAFT


@gate(MANAGERS, permission="questions.manage")
def question_list(request: ActorRequest) -> HttpResponse:
    """Own sets, tier by tier; then what the other side asks."""
    rows = scope(request.actor, QuestionSet).defer("definition").select_related("school")
    own = scope(request.actor, QuestionSet, CHANGE).defer("definition").select_related("school")
    by_tier: dict[str, list[Any]] = {}
    for row in own.order_by("-version"):
        by_tier.setdefault(row.tier, []).append(set_row(row))
    others = rows.filter(state=PUBLISHED).exclude(pk__in=own.values("pk")).order_by("tier", "school__name", "pk")
    page = Paginator(others, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "questions/list.html",
        {
            "tiers": [(tier.label, tier.value, by_tier.get(tier, [])) for tier in services.tiers_of(request.actor)],
            "page": page,
            "others": [set_row(row) for row in page],
            "of_school": request.actor.kind == PRINCIPAL,
        },
    )


@gate(MANAGERS, permission="questions.manage")
def question_example(request: ActorRequest) -> HttpResponse:
    return download(example_workbook(), name=_("附加题目示例.xlsx"), content_type=EXCEL)


@gate(MANAGERS, permission="questions.manage", methods=("GET", "POST"))
def question_add(request: ActorRequest) -> HttpResponse:
    tiers = services.tiers_of(request.actor)
    initial = {"tier": request.GET.get("tier", tiers[-1])}
    form = AddForm(request.POST or None, actor=request.actor, initial=initial)
    faults, errors = [], []
    if request.method == "POST" and form.is_valid():
        name, content = uploaded(request)
        try:
            row = services.add_questions(
                by=request.actor, tier=form.cleaned_data["tier"], file_name=name, content=content
            )
        except WorkbookFault as fault:
            placed = [one for one in fault.faults if one.sheet]
            faults, errors = shown_faults(placed), [one.message for one in fault.faults if not one.sheet]
        except InputFault as fault:
            errors = [fault.message]
        else:
            return redirect("question_set", row.pk)
    return render(
        request,
        "questions/add.html",
        {"form": form, "faults": faults, "errors": errors, "trail": _trail(_("上传题目"))},
        status=422 if faults or errors or form.errors else 200,
    )


@gate(MANAGERS, permission="questions.manage")
def question_set(request: ActorRequest, pk: int) -> HttpResponse:
    """One version as it is asked, drawn by the same script as on the phone."""
    row = row_or_404(scope(request.actor, QuestionSet).select_related("school"), pk=pk)
    may_change = scope(request.actor, QuestionSet, CHANGE).filter(pk=pk).exists()
    instead = _in_use(request, row) if may_change and row.state == DRAFT else None
    language = "en" if request.GET.get("in", get_language() or "")[:2] == "en" else "zh"
    languages = [
        Choice(label, f"?in={code}", code == language) for label, code in ((_("中文"), "zh"), ("English", "en"))
    ]
    return render(
        request,
        "questions/set.html",
        {
            "row": row,
            "shown": set_row(row),
            "number": number_of(row),
            "remarks": remarks_of(row),
            "data": {"definition": asked_of(row), "values": None},
            "language": language,
            "languages": languages if speaks_english(row) else [],
            "may_publish": may_change and row.state == DRAFT,
            "may_retire": may_change and row.state == PUBLISHED,
            "instead": instead,
            "trail": _trail(row.title),
        },
    )


@gate(MANAGERS, permission="questions.manage", methods=("POST",))
def question_publish(request: ActorRequest, pk: int) -> HttpResponse:
    services.publish_questions(by=request.actor, question_set=_own(request, pk))
    messages.success(request, _("已启用。手机下次联网时就会换上新的题目。"))
    return redirect("question_set", pk)


@gate(MANAGERS, permission="questions.manage", methods=("POST",))
def question_retire(request: ActorRequest, pk: int) -> HttpResponse:
    services.retire_questions(by=request.actor, question_set=_own(request, pk))
    messages.success(request, _("已停用。已经填好、还没上传的答案照样会收下。"))
    return redirect("question_set", pk)


@gate(MANAGERS, permission="questions.manage", methods=("POST",))
def question_discard(request: ActorRequest, pk: int) -> HttpResponse:
    services.discard_questions(by=request.actor, question_set=_own(request, pk))
    messages.success(request, _("草稿已删除。"))
    return redirect("question_list")


def _own(request: ActorRequest, pk: int) -> QuestionSet:
    return scoped_or_404(request.actor, QuestionSet, purpose=CHANGE, pk=pk)


def _in_use(request: ActorRequest, draft: QuestionSet) -> QuestionSet | None:
    """What the draft would replace."""
    own: QuerySet[QuestionSet] = scope(request.actor, QuestionSet, CHANGE)
    return own.filter(tier=draft.tier, state=PUBLISHED).defer("definition").first()


def _trail(here: str) -> list[Crumb]:
    return [Crumb(_("附加题目"), reverse("question_list")), Crumb(here)]
