"""Raising a case: from a visit, by a guardian, by staff about a student, a colleague, a school or themselves."""

import uuid
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, claim, require
from jiafang.access.actor import BUREAU_KINDS, CADRE, GUARDIAN, PRINCIPAL, SYSTEM, TEACHER
from jiafang.accounts import audit
from jiafang.care.models import (
    AlertTier,
    CaseFile,
    CaseReader,
    CaseStep,
    Category,
    Role,
    Side,
    SubjectKind,
)
from jiafang.care.rules import FIRST_LEVEL, due_on, is_confided, owner_by, reading_roles, rule_of
from jiafang.care.seats import Place, Seat, shut_out
from jiafang.care.services.steps import let_roles_read, own
from jiafang.care.workflow import Verb
from jiafang.common.clock import now, today
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.notifications.services.notify import notify
from jiafang.organization.models import Enrollment, Person, Post, School, holding

LONGEST = 2000


@dataclass(frozen=True)
class Difficulty:
    """What is raised. `heard_from` is the person met who told it and who will say whether it is solved."""

    category: str
    text: str
    alert_tier: str = AlertTier.GREEN
    subject_kind: str = SubjectKind.STUDENT
    person_id: int | None = None
    school_id: int | None = None
    heard_from: int | None = None
    consent_upward: bool = False
    origin: uuid.UUID = field(default_factory=uuid.uuid4)


def raise_case(*, by: Actor, difficulty: Difficulty) -> CaseFile:
    """Raise it; the same origin again gives the case that is there."""
    require(by, "case.raise")
    with actor_transaction(by):
        claim_subject(by, difficulty.subject_kind, difficulty.person_id, difficulty.school_id)
        return raise_in(by=by, difficulty=difficulty)


def claim_subject(by: Actor, subject_kind: str, person_id: int | None, school_id: int | None) -> None:
    """That one may raise something about them; what a cadre finds hard is raised by nobody but the cadre."""
    if subject_kind == SubjectKind.CADRE and (person_id != by.person_id or by.kind != CADRE):
        raise NotAllowed("case.raise")
    claim(by, School(pk=school_id or 0) if subject_kind == SubjectKind.SCHOOL else Person(pk=person_id or 0), "raise")


def raise_in(*, by: Actor, difficulty: Difficulty) -> CaseFile:
    """`raise_case` inside a use case that has claimed whom it is about (a record of a visit)."""
    lock_name(f"case:{difficulty.origin}")
    there = CaseFile.unscoped.filter(origin=difficulty.origin).first()
    if there is not None:
        if there.raised_by_id != by.person_id:
            raise NotAllowed("case.raise")
        return there
    category = _checked(difficulty)
    place = place_of_subject(difficulty.subject_kind, difficulty.person_id, difficulty.school_id)
    if category.section_id:
        place = Place(place.school_id, place.school_class_id, category.section_id)
    first = FIRST_LEVEL[SubjectKind(difficulty.subject_kind)]
    if first == "class" and place.school_class_id is None:
        raise InputFault(_("这名学生目前不在任何班级"), place="person")
    confided = is_confided(category, difficulty.subject_kind)
    # Nobody but the one concerned agrees to that.
    consent = difficulty.consent_upward and difficulty.person_id == by.person_id
    level, seat = owner_by(
        rule_of(category, first), place, avoiding=shut_out(difficulty.person_id), confided=confided, consent=consent
    )
    owner_id = seat.person_id if seat else difficulty.person_id or 0
    case = CaseFile(
        origin=difficulty.origin,
        subject_kind=difficulty.subject_kind,
        person_id=difficulty.person_id,
        school_id=place.school_id,
        school_class_id=place.school_class_id,
        category=category,
        alert_tier=difficulty.alert_tier,
        level=level,
        text=difficulty.text.strip(),
        raised_by_id=by.person_id,
        raised_as=by.kind,
        confirmer_id=difficulty.heard_from or (owner_id if by.kind == SYSTEM else by.person_id),
        owner_id=owner_id,
        owner_role=seat.role if seat else Role.PRINCIPAL,
        section_id=place.section_id,
        due=due_on(rule_of(category, level), difficulty.alert_tier),
        on_this_level_since=now(),
        confided=confided,
        consent_upward=consent,
    )
    case.save(force_insert=True)
    if seat is not None:
        own(case, seat)
    _first_readers(by, case, place)
    CaseStep(
        case=case, by_id=by.person_id, verb=Verb.RAISE, to_state=case.state, to_level=level, to_owner_id=case.owner_id,
        internal=False,
    ).save()  # fmt: skip
    audit.record(by=by, action="case.raise", of=case, subjects=[case.person_id] if case.person_id else [])
    _tell(by, case, seat)
    return case


def _tell(by: Actor, case: CaseFile, owner: Seat | None) -> None:
    """The owner, or whoever told it that it waits for one."""
    read_by = owner or CaseReader.unscoped.filter(case=case, person_id=case.confirmer_id).earliest("pk")
    code = "case.owned" if owner else "case.waiting"
    if read_by.person_id != by.person_id:
        notify(
            by=by, people=[read_by.person_id], code=code, object_kind="case", object_id=case.pk,
            school_id=read_by.school_id, capacity_kind=read_by.kind, once=f"{code}:{case.pk}:{case.revision}",
        )  # fmt: skip


def _checked(difficulty: Difficulty) -> Category:
    if not difficulty.text.strip():
        raise InputFault(_("请写一句是什么事"), place="text")
    if len(difficulty.text) > LONGEST:
        raise InputFault(_("最多 %(most)s 字") % {"most": LONGEST}, place="text")
    if difficulty.alert_tier not in AlertTier.values:
        raise InputFault(_("请选择急不急"), place="alert_tier")
    category = Category.objects.filter(code=difficulty.category, active=True).first()
    if category is None or difficulty.subject_kind not in category.subjects:
        raise InputFault(_("请选择是哪一类事"), place="category")
    return category


def place_of_subject(subject_kind: str, person_id: int | None, school_id: int | None) -> Place:
    """Where a case about somebody or about a school belongs."""
    if subject_kind == SubjectKind.SCHOOL:
        if person_id is not None or not School.unscoped.filter(pk=school_id or 0).exists():
            raise InputFault(_("请选择学校"), place="school")
        return Place(school_id or 0)
    if subject_kind == SubjectKind.CADRE:
        return Place(None)
    if subject_kind == SubjectKind.STUDENT:
        held = Enrollment.unscoped.filter(holding(today()), student_id=person_id or 0)
        found = held.values_list("school_class__cohort__school_id", "school_class_id").first()
        if found is None:
            raise InputFault(_("这名学生目前不在任何班级"), place="person")
        return Place(*found)
    posts = Post.unscoped.filter(holding(today()), person_id=person_id or 0, school__isnull=False)
    if school_id is not None:
        posts = posts.filter(school_id=school_id)
    school = posts.order_by("-kind", "pk").values_list("school_id", flat=True).first()
    if school is None:
        raise InputFault(_("找不到这位老师所在的学校"), place="person")
    return Place(school)


def _first_readers(by: Actor, case: CaseFile, place: Place) -> None:
    """Whoever raised it, who told it, and whom the category and the alert tier name; nobody else."""
    if by.kind != SYSTEM:
        _let_raiser_read(by, case)
    if case.confirmer_id != by.person_id:
        let_concerned_read(case, case.confirmer_id)
    let_roles_read(case, reading_roles(case), place)


def _let_raiser_read(by: Actor, case: CaseFile) -> None:
    side = Side.BUREAU if by.kind in BUREAU_KINDS else Side.SCHOOL
    if by.kind == GUARDIAN:
        side = Side.FAMILY
    elif case.person_id == by.person_id:
        side = Side.TEACHER  # nobody works on what is their own, wherever they work
    held_by_class = case.school_class_id in by.capacity.class_ids
    CaseReader(
        case=case,
        person_id=by.person_id,
        kind=by.kind,
        school_id=by.capacity.school_id,
        school_class_id=case.school_class_id if held_by_class else None,
        cohort_id=case.school_class.cohort_id if case.school_class and by.capacity.cohort_ids else None,
        side=side,
        why=CaseReader.Why.RAISER,
    ).save()


def let_concerned_read(case: CaseFile, person_id: int) -> None:
    """Whoever told it, at the school of the case or the bureau; the principal of a school case as its school."""
    posts = Post.unscoped.filter(holding(today()), person_id=person_id, school=case.school)
    kinds = set(posts.values_list("kind", flat=True))
    is_principal = bool(kinds & {Post.Kind.PRINCIPAL, Post.Kind.DEPUTY_PRINCIPAL, Post.Kind.MORAL_DEPUTY})
    CaseReader.unscoped.get_or_create(
        case=case,
        person_id=person_id,
        kind=CADRE if case.school_id is None else PRINCIPAL if is_principal else TEACHER,
        school=case.school,
        why=CaseReader.Why.CONCERNED,
        until=None,
        defaults={"side": Side.SCHOOL if case.subject_kind == SubjectKind.SCHOOL else Side.TEACHER},
    )
