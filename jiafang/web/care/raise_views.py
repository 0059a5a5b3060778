"""Raising a difficulty: about whom, what it is, and who will know of it before it is sent."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, reading, scope
from jiafang.access.actor import ADMINISTRATOR, ALL_KINDS, COMMUNITY_PARTNER, GUARDIAN
from jiafang.accounts.audit import Reading
from jiafang.care.models import SubjectKind
from jiafang.care.selectors.subjects import (
    RAISING_OF_STAFF,
    Subject,
    leaders,
    oneself,
    own_students,
    person_to_raise,
    school_to_raise,
)
from jiafang.care.services.foresee import foresee
from jiafang.care.services.raise_case import raise_case
from jiafang.common.errors import Conflict, InputFault, NotReady
from jiafang.insight.models import Sign
from jiafang.insight.services.decide_sign import decide_sign
from jiafang.web.care.raise_form import RaiseForm, known_by
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate
from jiafang.web.opening import note_opened
from jiafang.web.signs.words import reason

RAISING = ALL_KINDS - {ADMINISTRATOR, COMMUNITY_PARTNER}


@gate(RAISING, permission="case.raise", methods=("GET", "POST"))
def case_raise(request: ActorRequest) -> HttpResponse:
    """Choose whom it is about, if the address does not say it, and write it down."""
    actor = request.actor
    with reading(actor):
        subject = _subject(request)
        if subject is None:
            return _choose(request)
        if subject.own_child:
            return render(request, "care/own_child.html", {"subject": subject})
        sign = _sign(request, subject)
        told_by = leaders(actor, subject.school_id or 0) if _about_a_school_of_others(request, subject) else []
    foreseen = foresee(by=actor, subject_kind=subject.kind, person_id=subject.person_id, school_id=subject.school_id)
    if not foreseen.categories:
        raise NotReady(_("还没有可选的类别:请管理员在“事项设置”里打开至少一类"))
    form = RaiseForm(
        request.POST if request.method == "POST" else None, subject=subject, foreseen=foreseen, leaders=told_by
    )
    if request.method == "POST" and form.is_valid():
        try:
            case = raise_case(by=actor, difficulty=form.difficulty())
        except InputFault as fault:
            form.add_error(fault.place if fault.place in form.fields else None, fault.message)
        except (Conflict, NotReady) as fault:
            form.add_error(None, fault.message)
        else:
            if sign is not None:
                decide_sign(by=actor, sign_id=sign.pk, followed=True)
            messages.success(request, _done(form))
            return redirect("case", pk=case.pk)
    if subject.kind == SubjectKind.STUDENT and actor.kind != GUARDIAN and subject.person_id:
        note_opened(request, Reading.FILE, [subject.person_id])
    return render(
        request,
        "care/raise.html",
        {
            "form": form,
            "subject": subject,
            "title": _title(request, subject),
            "known_by": known_by(form.common),
            "sign": reason(sign) if sign is not None else "",
            "family": actor.kind == GUARDIAN,
            "keep": f"raise-{subject.kind}-{subject.person_id or subject.school_id}",
            "trail": _trail(request, subject),
        },
        status=422 if form.errors else 200,
    )


def _sign(request: ActorRequest, subject: Subject) -> Sign | None:
    """The early sign that led here; it is followed once the matter is raised, and not before."""
    asked = request.GET.get("sign")
    if asked is None:
        return None
    found = scope(request.actor, Sign, CHANGE).filter(pk=_number(asked), student_id=subject.person_id).first()
    if found is None:
        raise Http404
    return found


def _done(form: RaiseForm) -> str:
    chosen = next(one for one in form.foreseen.categories if one.code == form.cleaned_data["category"])
    agreed = chosen.instead if form.cleaned_data.get("consent_upward") else ()
    owner = chosen.owner or next(iter(agreed), None)
    if owner is None:
        return _("已记下。现在没有校长,先放着;校长到任了就由校长办。这一页随时可以回来看。")
    return _("已记下,%(name)s负责办。这一页随时可以回来看。") % {"name": owner.name}


def _about_a_school_of_others(request: ActorRequest, subject: Subject) -> bool:
    return subject.kind == SubjectKind.SCHOOL and request.actor.school_id != subject.school_id


def _subject(request: ActorRequest) -> Subject | None:
    """What the address says; None: nothing yet. Out of reach is missing."""
    asked = request.GET
    if "person" in asked:
        found = person_to_raise(request.actor, _number(asked["person"]))
    elif "school" in asked:
        found = school_to_raise(request.actor, _number(asked["school"]))
    elif "self" in asked:
        found = oneself(request.actor)
    else:
        children = own_students(request.actor) if request.actor.kind == GUARDIAN else []
        return children[0] if len(children) == 1 else None
    if found is None:
        raise Http404
    return found


def _number(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) < 19 else 0


def _choose(request: ActorRequest) -> HttpResponse:
    if request.method != "GET":
        raise Http404
    actor = request.actor
    students = own_students(actor)
    if actor.kind != GUARDIAN:
        note_opened(request, Reading.CLASS, [one.person_id for one in students if one.person_id])
    return render(
        request,
        "care/choose_subject.html",
        {
            "students": students,
            "oneself": oneself(actor),
            "own_school": actor.school_id if actor.kind in RAISING_OF_STAFF else 0,
            "family": actor.kind == GUARDIAN,
            "finds_people": actor.kind != GUARDIAN,
            "of_schools": actor.kind in RAISING_OF_STAFF and not actor.school_id,
        },
    )


def _title(request: ActorRequest, subject: Subject) -> str:
    if request.actor.kind == GUARDIAN:
        return _("我有事想和学校说")
    if subject.oneself:
        return _("我的困难")
    if subject.kind == SubjectKind.SCHOOL:
        return _("学校的困难")
    return _("记下一件要办的事")


def _trail(request: ActorRequest, subject: Subject) -> list[Crumb]:
    if request.actor.kind == GUARDIAN or subject.oneself:
        return [Crumb(own_title(request), reverse("own_cases")), Crumb(_("说一件事"))]
    return []


def own_title(request: ActorRequest) -> str:
    """What the list of one's own matters is called."""
    return _("我和学校说的事") if request.actor.kind == GUARDIAN else _("我的困难")
