"""Pages of schools, classes and villages."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import may, reading, scope
from jiafang.access.actor import ADMINISTRATOR, BUREAU_KINDS, COHORT_LEAD, NOBODY, PRINCIPAL, STAFF_KINDS, TEACHER
from jiafang.access.registry import CHANGE
from jiafang.accounts.audit import Reading
from jiafang.care.selectors.subjects import RAISING_OF_STAFF
from jiafang.common.clock import today
from jiafang.common.errors import InputFault
from jiafang.organization import selectors
from jiafang.organization.models import Pairing, Person, Post, School, SchoolClass, Village, holding
from jiafang.organization.services.appoint import appoint_homeroom_teacher, pair, unpair
from jiafang.organization.services.correct import correct_school, set_village_point
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.opening import note_opened
from jiafang.web.organization.forms import (
    HomeroomForm,
    PairForm,
    SchoolFindForm,
    SchoolForm,
    VillagePointForm,
    initial_of,
)
from jiafang.web.organization.presenters import post_words

PAGE = 30


@gate(STAFF_KINDS)
def school_list(request: ActorRequest) -> HttpResponse:
    form = SchoolFindForm(request.GET)
    rows = selectors.schools_seen(request.actor)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    if words:
        rows = rows.filter(Q(name__contains=words) | Q(township__contains=words) | Q(code__startswith=words))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "words": words, "may_place": may(request.actor, "units.correct")}
    return render(request, "organization/schools.html", context)


@gate(STAFF_KINDS)
def school(request: ActorRequest, pk: int) -> HttpResponse:
    """A school: its classes, who leads it, who of the bureau is paired with it."""
    actor, day = request.actor, today()
    row = scoped_or_404(actor, School, "parent", pk=pk)
    classes = [(c, c.full_name(day)) for c in selectors.classes_of_school(actor, row)]
    posts = [(p, post_words(p, day)) for p in selectors.staff_of_school(actor, row)]
    pairings = scope(actor, Pairing).filter(holding(day), school=row).select_related("cadre")
    correctable = may(actor, "units.correct")
    return render(
        request,
        "organization/school.html",
        {
            "school": row,
            "classes": classes,
            "without_homeroom": sum(1 for c, _name in classes if not c.homeroom_name),
            "posts": posts,
            "pairings": list(pairings),
            "correctable": correctable,
            "raise_url": f"{reverse('case_raise')}?school={pk}" if actor.kind in RAISING_OF_STAFF else "",
            "accounts_open": may(actor, "accounts.open") and actor.school_id in (NOBODY, row.pk),
            "pair_form": PairForm(cadres=_cadres(request)) if correctable else None,
            "trail": [Crumb(_("学校"), reverse("school_list")), Crumb(row.name)],
        },
    )


def _cadres(request: ActorRequest):
    cadres = Post.Kind.CADRE, Post.Kind.DIRECTOR
    posts = scope(request.actor, Post).filter(holding(today()), kind__in=cadres)
    return scope(request.actor, Person).filter(pk__in=posts.values("person_id")).order_by("pinyin")


@gate({ADMINISTRATOR}, permission="units.correct", methods=("GET", "POST"))
def school_edit(request: ActorRequest, pk: int) -> HttpResponse:
    row = scoped_or_404(request.actor, School, purpose=CHANGE, pk=pk)
    names = ["township", "address", "lat", "lon", "cohort_lead_label", "homeroom_label"]
    form = SchoolForm(request.POST or None, initial=initial_of(row, names))
    if request.method == "POST" and form.is_valid():
        try:
            correct_school(by=request.actor, school=row, **form.cleaned_data)
        except InputFault as fault:
            form.add_error(fault.place or None, fault.message)
        else:
            messages.success(request, _("已保存。"))
            return redirect("school", pk=pk)
    trail = [
        Crumb(_("学校"), reverse("school_list")),
        Crumb(row.name, reverse("school", args=[pk])),
        Crumb(_("更正学校信息")),
    ]
    context = {"form": form, "title": _("更正学校信息"), "trail": trail, "lead": row.name}
    return render(request, "organization/unit_form.html", context)


@gate({ADMINISTRATOR}, permission="units.correct", methods=("POST",))
def school_pair(request: ActorRequest, pk: int) -> HttpResponse:
    row = scoped_or_404(request.actor, School, purpose=CHANGE, pk=pk)
    with reading(request.actor):
        form = PairForm(request.POST, cadres=_cadres(request))
        valid = form.is_valid()
    if valid:
        pair(by=request.actor, cadre=form.cleaned_data["cadre"], school=row, on=today())
        messages.success(request, _("已挂钩。"))
    else:
        messages.error(request, _("请选择一位局机关干部。"))
    return redirect("school", pk=pk)


@gate({ADMINISTRATOR}, permission="units.correct", methods=("POST",))
def pairing_end(request: ActorRequest, pk: int) -> HttpResponse:
    row = scoped_or_404(request.actor, Pairing, purpose=CHANGE, pk=pk, end=None)
    unpair(by=request.actor, pairing=row, on=today())
    messages.success(request, _("已解除挂钩,历史保留。"))
    return redirect("school", pk=row.school_id)


@gate({*BUREAU_KINDS, PRINCIPAL, COHORT_LEAD, TEACHER})
def school_class(request: ActorRequest, pk: int) -> HttpResponse:
    """A class: its students within reach and who teaches it."""
    actor, day = request.actor, today()
    row = scoped_or_404(actor, SchoolClass, "cohort__school", pk=pk)
    posts = (
        scope(actor, Post)
        .filter(holding(day), school_class=row)
        .select_related("person", "school", "cohort", "school_class")
        .order_by("kind", "id")
    )
    teachers = [(p, post_words(p, day).split(" · ")[0]) for p in posts]
    students = list(selectors.students_of_class(actor, row))
    note_opened(request, Reading.CLASS, [enrollment.student_id for enrollment in students], of=row)
    return render(
        request,
        "organization/class.html",
        {
            "school_class": row,
            "name": row.full_name(day),
            "students": students,
            "teachers": teachers,
            "led": any(p.kind == Post.Kind.HOMEROOM_TEACHER for p, _words in teachers),
            "correctable": may(actor, "people.correct"),
            "trail": [
                Crumb(_("学校"), reverse("school_list")),
                Crumb(row.cohort.school.name, reverse("school", args=[row.cohort.school_id])),
                Crumb(row.full_name(day)),
            ],
        },
    )


@gate({ADMINISTRATOR, PRINCIPAL}, permission="people.correct", methods=("GET", "POST"))
def class_homeroom(request: ActorRequest, pk: int) -> HttpResponse:
    """Appoint the homeroom teacher of a class."""
    row = scoped_or_404(request.actor, SchoolClass, "cohort__school", pk=pk)
    with reading(request.actor):
        posts = scope(request.actor, Post).filter(holding(today()), school_id=row.cohort.school_id)
        staff = scope(request.actor, Person).filter(pk__in=posts.values("person_id")).order_by("pinyin")
        form = HomeroomForm(request.POST or None, staff=staff)
        valid = request.method == "POST" and form.is_valid()
    if valid:
        try:
            appoint_homeroom_teacher(by=request.actor, school_class=row, **form.cleaned_data)
        except InputFault as fault:
            form.add_error(fault.place or None, fault.message)
        else:
            messages.success(request, _("已更换班主任,待访名单已转到新班主任名下。"))
            return redirect("class", pk=pk)
    trail = [Crumb(row.full_name(today()), reverse("class", args=[pk])), Crumb(_("指定班主任"))]
    context = {"form": form, "title": _("指定班主任"), "trail": trail, "lead": row.full_name(today())}
    with reading(request.actor):
        return render(request, "organization/unit_form.html", context)


@gate({ADMINISTRATOR}, permission="units.correct")
def village_list(request: ActorRequest) -> HttpResponse:
    """Villages, those without a point first: set once, each serves all its households."""
    page = Paginator(Village.objects.order_by(F("lat").asc(nulls_first=True), "township", "name"), PAGE).get_page(
        request.GET.get("page")
    )
    missing = Village.objects.filter(lat=None).count()
    trail = [Crumb(_("学校"), reverse("school_list")), Crumb(_("村庄位置"))]
    return render(request, "organization/villages.html", {"page": page, "missing": missing, "trail": trail})


@gate({ADMINISTRATOR}, permission="units.correct", methods=("GET", "POST"))
def village_edit(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Village, pk=pk)
    form = VillagePointForm(request.POST or None, initial={"lat": row.lat, "lon": row.lon})
    if request.method == "POST" and form.is_valid():
        set_village_point(by=request.actor, village=row, **form.cleaned_data)
        messages.success(request, _("已保存。"))
        return redirect("village_list")
    trail = [Crumb(_("村庄位置"), reverse("village_list")), Crumb(str(row))]
    context = {"form": form, "title": _("村庄位置"), "trail": trail, "lead": str(row)}
    return render(request, "organization/unit_form.html", context)
