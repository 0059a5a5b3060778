"""The tables of care: categories with their rules, sections of the bureau with their members."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, reading, scope
from jiafang.access.actor import ADMINISTRATOR, DIRECTOR
from jiafang.care.models import BureauSection, Category, CategoryRule, Level, SectionMember, SubjectKind
from jiafang.care.seats import ROLE_OF_LEVEL
from jiafang.care.services.categories import save_category
from jiafang.care.services.sections import add_member, end_member, save_section
from jiafang.common.clock import today
from jiafang.common.errors import InputFault
from jiafang.organization.models import Person, Post, holding
from jiafang.web.care.table_forms import (
    CategoryForm,
    MemberForm,
    RuleForm,
    SectionForm,
    initial_of_category,
    initial_of_rule,
)
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate, listed_or_404, scoped_or_404

KEEPERS = {ADMINISTRATOR, DIRECTOR}
MANAGE = "case.categories"


def _trail(here: str) -> list[Crumb]:
    return [Crumb(_("事项设置"), reverse("care_tables")), Crumb(here)]


@gate(KEEPERS, permission=MANAGE)
def care_tables(request: ActorRequest) -> HttpResponse:
    heads = scope(request.actor, SectionMember).filter(holding(today())).select_related("person")
    names: dict[int, list[str]] = {}
    for row in heads.order_by("-head", "start", "pk"):
        name = _("%(name)s(负责人)") % {"name": row.person.name} if row.head else row.person.name
        names.setdefault(row.section_id, []).append(name)
    labels = dict(SubjectKind.choices)
    categories = Category.objects.select_related("section").order_by("-active", "order", "code")
    return render(
        request,
        "care/tables.html",
        {
            "categories": [(row, "、".join(str(labels[kind]) for kind in row.subjects)) for row in categories],
            "sections": [
                (row, "、".join(names.get(row.pk, []))) for row in BureauSection.objects.order_by("-active", "name")
            ],
        },
    )


@gate(KEEPERS, permission=MANAGE, methods=("GET", "POST"))
def care_category_new(request: ActorRequest) -> HttpResponse:
    return _category(request, None)


@gate(KEEPERS, permission=MANAGE, methods=("GET", "POST"))
def care_category(request: ActorRequest, pk: int) -> HttpResponse:
    return _category(request, listed_or_404(request.actor, Category.objects.select_related("section"), pk))


def _category(request: ActorRequest, row: Category | None) -> HttpResponse:
    """The category and the rules of all levels are one form: all of it is saved, or nothing."""
    data = request.POST if request.method == "POST" else None
    with reading(request.actor):
        initial = initial_of_category(row) if row else {"order": Category.objects.count()}
        form = CategoryForm(data, initial=initial)
        rules = {rule.level: rule for rule in CategoryRule.objects.filter(category=row)} if row else {}
        of_levels = [
            RuleForm(
                data,
                level=level,
                initial=initial_of_rule(rules.get(level) or CategoryRule(level=level, owner=ROLE_OF_LEVEL[level])),
            )
            for level in Level
        ]
        valid = data is not None and all([form.is_valid(), *(one.is_valid() for one in of_levels)])
    if valid:
        drafts = tuple(one.draft() for one in of_levels)
        try:
            save_category(by=request.actor, told=form.draft(drafts), category_id=row.pk if row else None)
        except InputFault as fault:
            _place(fault, form, of_levels)
        else:
            messages.success(request, _("已保存。已经在办的事,负责人和期限不变。"))
            return redirect("care_tables")
    title = row.name if row else _("加一个类别")
    failed = bool(form.errors) or any(one.errors for one in of_levels)
    context = {"form": form, "levels": of_levels, "title": title, "trail": _trail(title), "failed": failed}
    with reading(request.actor):
        return render(request, "care/category.html", context, status=422 if failed else 200)


def _place(fault: InputFault, form: CategoryForm, of_levels: list[RuleForm]) -> None:
    """The fault stands at its field: "school.owner" in the part of the level, anything else above."""
    level, _dot, name = fault.place.partition(".")
    for one in of_levels:
        if one.level == level and name in one.fields:
            one.add_error(name, fault.message)
            return
    form.add_error(fault.place if fault.place in form.fields else None, fault.message)


@gate(KEEPERS, permission=MANAGE, methods=("GET", "POST"))
def care_section_new(request: ActorRequest) -> HttpResponse:
    form = SectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = save_section(by=request.actor, **form.cleaned_data)
        except InputFault as fault:
            form.add_error(fault.place or None, fault.message)
        else:
            messages.success(request, _("已保存。接着把科室里的人加上。"))
            return redirect("care_section", pk=row.pk)
    title = _("加一个科室")
    context = {"form": form, "title": title, "lead": "", "trail": _trail(title)}
    with reading(request.actor):
        return render(request, "organization/unit_form.html", context, status=422 if form.errors else 200)


@gate(KEEPERS, permission=MANAGE, methods=("GET", "POST"))
def care_section(request: ActorRequest, pk: int) -> HttpResponse:
    """Name and duties of a section, and who works there."""
    row = listed_or_404(request.actor, BureauSection.objects.all(), pk)
    initial = {"name": row.name, "duties": row.duties, "active": row.active}
    form = SectionForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_section(by=request.actor, section_id=pk, **form.cleaned_data)
        except InputFault as fault:
            form.add_error(fault.place or None, fault.message)
        else:
            messages.success(request, _("已保存。"))
            return redirect("care_tables")
    return _section_page(request, row, form, None)


@gate(KEEPERS, permission=MANAGE, methods=("POST",))
def care_member_add(request: ActorRequest, pk: int) -> HttpResponse:
    row = listed_or_404(request.actor, BureauSection.objects.all(), pk)
    with reading(request.actor):
        form = MemberForm(request.POST, cadres=_cadres(request))
        valid = form.is_valid()
    if valid:
        told = form.cleaned_data
        try:
            add_member(by=request.actor, section_id=pk, person_id=told["person"].pk, head=told["head"], end=told["end"])
        except InputFault as fault:
            form.add_error(fault.place if fault.place in form.fields else None, fault.message)
        else:
            messages.success(request, _("已加入。"))
            return redirect("care_section", pk=pk)
    initial = {"name": row.name, "duties": row.duties, "active": row.active}
    return _section_page(request, row, SectionForm(initial=initial), form)


@gate(KEEPERS, permission=MANAGE, methods=("POST",))
def care_member_end(request: ActorRequest, pk: int) -> HttpResponse:
    row = scoped_or_404(request.actor, SectionMember, purpose=CHANGE, pk=pk)
    end_member(by=request.actor, member_id=pk)
    messages.success(request, _("已移出科室,手上的事转给科室其他人。"))
    return redirect("care_section", pk=row.section_id)


def _cadres(request: ActorRequest):
    posts = scope(request.actor, Post).filter(holding(today()), kind=Post.Kind.CADRE)
    return scope(request.actor, Person).filter(pk__in=posts.values("person_id")).order_by("pinyin")


def _section_page(
    request: ActorRequest, row: BureauSection, form: SectionForm, member_form: MemberForm | None
) -> HttpResponse:
    day = today()
    with reading(request.actor):
        members = scope(request.actor, SectionMember).filter(Q(end=None) | Q(end__gt=day), section=row)
        return render(
            request,
            "care/section.html",
            {
                "section": row,
                "form": form,
                "members": list(members.select_related("person").order_by("-head", "start", "pk")),
                "member_form": member_form or MemberForm(cadres=_cadres(request)),
                "trail": _trail(row.name),
            },
            status=422 if form.errors or (member_form and member_form.errors) else 200,
        )
