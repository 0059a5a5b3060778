"""Pages to find, view and correct people."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import may, reading, scope
from jiafang.access.actor import ADMINISTRATOR, STAFF_KINDS
from jiafang.access.registry import CHANGE
from jiafang.accounts.audit import Reading
from jiafang.accounts.services.activate import waits_to_reopen
from jiafang.care.selectors.subjects import person_to_raise
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault
from jiafang.organization import selectors
from jiafang.organization.models import Guardianship, Household, Person, SchoolClass
from jiafang.organization.services.correct import (
    correct_household,
    correct_person,
    restore_guardianship,
    revoke_guardianship,
)
from jiafang.organization.services.move import leave, move_student
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.opening import note_opened
from jiafang.web.organization.forms import FindForm, HouseholdForm, MoveForm, PersonForm, initial_of
from jiafang.web.organization.presenters import enrollment_words, masked, person_row, post_words

PAGE = 30


@gate(STAFF_KINDS, permission="people.find")
def people_list(request: ActorRequest) -> HttpResponse:
    """Find people by name, pinyin, initials or class."""
    form = FindForm(request.GET)
    words, role = (form.cleaned_data["q"], form.cleaned_data["role"]) if form.is_valid() else ("", "")
    found = selectors.find_people(request.actor, words=words, role=role)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    day = today()
    rows = [person_row(person, day) for person in page]
    note_opened(request, Reading.FOUND, [person.pk for person in page])
    return render(request, "organization/people.html", {"form": form, "page": page, "rows": rows, "words": words})


@gate(STAFF_KINDS)
def person(request: ActorRequest, pk: int) -> HttpResponse:
    """One person: what the actor may know; opening a file leaves an audit entry."""
    actor, day = request.actor, today()
    row = scoped_or_404(actor, Person, "user", pk=pk)
    enrollments = [(e, enrollment_words(e, day)) for e in selectors.enrollments_of(actor, row)]
    posts = [(p, post_words(p, day)) for p in selectors.posts_of(actor, row)]
    membership = selectors.household_of(actor, row)
    guardians = list(selectors.guardians_of(actor, row))
    wards = list(selectors.wards_of(actor, row))
    housemates = list(selectors.housemates(actor, membership)) if membership else []
    about = {row.pk, *(link.guardian_id for link in guardians), *(link.student_id for link in wards)}
    about |= {mate.person_id for mate in housemates}
    former = list(selectors.former_guardians_of(actor, row)) if may(actor, "guardianship.restore") else []
    about |= {link.guardian_id for link in former}
    note_opened(request, Reading.FILE if enrollments else Reading.PERSON, about, of=row)
    correctable = may(actor, "people.correct") and scope(actor, Person, CHANGE).filter(pk=pk).exists()
    return render(
        request,
        "organization/person.html",
        {
            "person": row,
            "enrollments": enrollments,
            "posts": posts,
            "guardians": guardians,
            "former_guardians": former,
            "wards": wards,
            "tags": list(selectors.care_tags_of(actor, row)),
            "membership": membership,
            "housemates": housemates,
            "id_number": masked(row.id_number),
            "correctable": correctable,
            "may_see_openings": actor.kind == ADMINISTRATOR,
            "account_open": may(actor, "accounts.open") and correctable and not row.deceased,
            "account": row.user,
            "may_reopen": waits_to_reopen(row.user),
            "raise_url": f"{reverse('case_raise')}?person={pk}" if person_to_raise(actor, pk) else "",
            "movable": correctable and any(e.end is None for e, _words in enrollments),
            "trail": _trail(row),
        },
    )


@gate(permission="people.correct", methods=("GET", "POST"))
def person_edit(request: ActorRequest, pk: int) -> HttpResponse:
    row = scoped_or_404(request.actor, Person, purpose=CHANGE, pk=pk)
    names = ["name", "sex", "birth_date", "phone", "has_smartphone"]
    form = PersonForm(request.POST or None, initial=initial_of(row, names))
    if request.method == "POST" and form.is_valid():
        try:
            correct_person(by=request.actor, person=row, **form.cleaned_data)
        except InputFault as fault:
            form.add_error(fault.place or None, fault.message)
        else:
            messages.success(request, _("已保存。"))
            return redirect("person", pk=pk)
    return _form_page(request, row, form, _("更正基本信息"))


@gate(permission="people.correct", methods=("GET", "POST"))
def household_edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Where the household of a person lives."""
    row = scoped_or_404(request.actor, Person, purpose=CHANGE, pk=pk)
    household = scoped_or_404(request.actor, Household, purpose=CHANGE, memberships__person=row, memberships__end=None)
    initial = {
        "address": household.address,
        "village": household.village_id,
        "lat": household.lat,
        "lon": household.lon,
        "preferred_times": household.preferred_times,
    }
    form = HouseholdForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            correct_household(by=request.actor, household=household, **form.cleaned_data)
        except InputFault as fault:
            form.add_error(fault.place or None, fault.message)
        else:
            messages.success(request, _("已保存。"))
            return redirect("person", pk=pk)
    return _form_page(request, row, form, _("更正住址"))


@gate(permission="student.move", methods=("GET", "POST"))
def person_move(request: ActorRequest, pk: int) -> HttpResponse:
    """Move a student to another class, or record that the student has left."""
    row = scoped_or_404(request.actor, Person, purpose=CHANGE, pk=pk)
    with reading(request.actor):
        classes = (
            scope(request.actor, SchoolClass)
            .select_related("cohort__school")
            .order_by("cohort__school__name", "-cohort__entry_year", "number")
        )
        form = MoveForm(request.POST or None, classes=classes)
        valid = request.method == "POST" and form.is_valid()
    if valid:
        data = form.cleaned_data
        try:
            if data["to"]:
                move_student(by=request.actor, student=row, to=data["to"], on=data["on"])
            else:
                leave(by=request.actor, student=row, reason=data["reason"], on=data["on"])
        except (InputFault, Conflict) as fault:
            form.add_error(getattr(fault, "place", "") or None, fault.message)
        else:
            messages.success(request, _("已登记。原来的班级记录保留在档案里。"))
            return redirect("person", pk=pk)
    return _form_page(request, row, form, _("转班、转学或离校"))


@gate(permission="people.correct", methods=("POST",))
def guardianship_revoke(request: ActorRequest, pk: int) -> HttpResponse:
    row = scoped_or_404(request.actor, Guardianship, purpose=CHANGE, pk=pk, revoked_on=None)
    try:
        revoke_guardianship(by=request.actor, guardianship=row, on=today())
    except Conflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, _("已撤销,从现在起这位家长看不到孩子的信息,也不再收到通知。"))
    return redirect("person", pk=row.student_id)


@gate(permission="guardianship.restore", methods=("POST",))
def guardianship_restore(request: ActorRequest, pk: int) -> HttpResponse:
    row = scoped_or_404(request.actor, Guardianship, purpose=CHANGE, pk=pk, revoked_on__isnull=False)
    try:
        restore_guardianship(by=request.actor, guardianship=row)
    except Conflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, _("已恢复,这位家长又能看到孩子的信息。"))
    return redirect("person", pk=row.student_id)


def _trail(row: Person) -> list[Crumb]:
    return [Crumb(_("找人"), reverse("people_list")), Crumb(row.name)]


def _form_page(request: ActorRequest, row: Person, form: object, title: str) -> HttpResponse:
    context = {"person": row, "form": form, "title": title, "trail": _trail(row)}
    with reading(request.actor):
        note_opened(request, Reading.CORRECTING, [row.pk], of=row)
        return render(request, "organization/person_form.html", context)
