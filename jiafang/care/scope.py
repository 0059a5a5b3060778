"""Who reads a case: those on its list, in the capacity in which they are on it, and nobody else."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from jiafang.access import CHANGE, VIEW, Actor, allow, everything, register
from jiafang.access.actor import (
    ADMINISTRATOR,
    ALL_KINDS,
    CADRE,
    COHORT_LEAD,
    COMMUNITY_PARTNER,
    COUNSELOR,
    DIRECTOR,
    GUARDIAN,
    NOBODY,
    PRINCIPAL,
    SCHOOL_KINDS,
    STAFF_KINDS,
    TEACHER,
)
from jiafang.care.models import (
    INNER_SIDES,
    OWN_SIDES,
    CaseAction,
    CaseFile,
    CaseReader,
    CaseStep,
    CaseTally,
    ChecklistTick,
    Escalation,
    MandatoryReport,
    Measure,
    Message,
    MessageReceipt,
    Progress,
    Referral,
    ReportAddition,
    Role,
    SavedFilter,
    SealedReader,
    SectionMember,
    Side,
    StandingSealedReader,
)
from jiafang.common.clock import today
from jiafang.organization.models import Enrollment, Pairing, holding
from jiafang.organization.scope import children_ever

# Whoever raised a case (or whom it concerns) says whether it is solved.
CONFIRM = "confirm"
# Whoever answers for a school, a section or the bureau gives cases to others, joins doubles, names readers.
LEAD = "lead"
# Whoever reads the inner work ticks what was done, notes how somebody was, and raises the alert.
WORK = "work"
# A referral is answered by the one it was addressed to.
ANSWER = "answer"

Ids = QuerySet[Any, Any]

READING_KINDS = ALL_KINDS - {ADMINISTRATOR, COMMUNITY_PARTNER}
INNER_KINDS = STAFF_KINDS - {ADMINISTRATOR}
LEADING_KINDS = {PRINCIPAL, CADRE, DIRECTOR}
KIND_OF_ROLE = {
    Role.HOMEROOM_TEACHER: TEACHER,
    Role.COHORT_LEAD: COHORT_LEAD,
    Role.COUNSELOR: COUNSELOR,
    Role.MORAL_DEPUTY: PRINCIPAL,
    Role.PRINCIPAL: PRINCIPAL,
    Role.CADRE: CADRE,
    Role.SECTION: CADRE,
    Role.DIRECTOR: DIRECTOR,
}
ROLES_OF_KIND = {kind: [role for role, of in KIND_OF_ROLE.items() if of == kind] for kind in KIND_OF_ROLE.values()}

allow("case.raise", READING_KINDS)
allow("case.read", READING_KINDS)
allow("case.work", INNER_KINDS)
allow("case.confirm", READING_KINDS)
allow("case.lead", LEADING_KINDS)
allow("case.categories", {ADMINISTRATOR, DIRECTOR})
# Whoever suspects harm to a child writes it down; nobody's approval comes in between.
allow("sealed.report", ALL_KINDS)
allow("sealed.name", {PRINCIPAL, DIRECTOR})
allow("case.escalate", ())  # nobody but the machine
allow("case.close_silent", ())
allow("case.follow", ())
allow("progress.track", SCHOOL_KINDS)
allow("resource.read", ALL_KINDS)
allow("resource.edit", {ADMINISTRATOR, PRINCIPAL})


def read_as(actor: Actor) -> Q:
    """Rows of the list of readers that hold for the actor now."""
    capacity = actor.capacity
    return (
        Q(person_id=actor.person_id, kind=actor.kind, until=None)
        & (Q(school=None) | Q(school_id=actor.school_id))
        & (Q(school_class=None) | Q(school_class_id__in=capacity.class_ids))
        & (Q(cohort=None) | Q(cohort_id__in=capacity.cohort_ids))
    )


def reading_rows(actor: Actor) -> QuerySet[CaseReader, CaseReader]:
    """A parent reads of own children alone; staff read at work what is no matter of an own child."""
    rows = CaseReader.unscoped.filter(read_as(actor))
    if actor.kind == GUARDIAN:
        return rows.filter(case__person_id__in=actor.capacity.ward_ids)
    # Looked up from the children: few have any where they work, and many read thousands of cases.
    about_them = CaseFile.unscoped.filter(person_id__in=children_ever(actor))
    return rows.exclude(case_id__in=about_them.values("pk"))


def cases_read(actor: Actor, *sides: str) -> Ids:
    rows = reading_rows(actor)
    return (rows.filter(side__in=sides) if sides else rows).values("case_id")


def own_side(actor: Actor, case_id: int) -> str:
    """On which side one takes part in a case: at work if one reads it at work, else as teacher or family; or none."""
    sides = set(reading_rows(actor).filter(case_id=case_id).values_list("side", flat=True))
    return next((side for side in (Side.BUREAU, Side.SCHOOL, Side.TEACHER, Side.FAMILY) if side in sides), "")


def cases(actor: Actor) -> Q:
    return Q(pk__in=cases_read(actor))


def owned(actor: Actor) -> Q:
    """Who owns it reads it as its owner; ended posts end both."""
    rows = reading_rows(actor).filter(why=CaseReader.Why.OWNER)
    return Q(owner_id=actor.person_id, pk__in=rows.values("case_id"))


def to_confirm(actor: Actor) -> Q:
    return Q(confirmer_id=actor.person_id) & cases(actor)


def led(actor: Actor) -> Q:
    # Beside an OR the ids are looked up in a hash while a list is read in its order; joined, all would be sorted first.
    return Q(pk__in=cases_read(actor, *INNER_SIDES)) | Q(pk=NOBODY)


register(CaseFile, READING_KINDS, cases, words="on whose list of readers one is")
register(CaseFile, INNER_KINDS, owned, purposes=(CHANGE,), words="owned by oneself")
register(CaseFile, READING_KINDS, to_confirm, purposes=(CONFIRM,), words="raised by oneself, or about oneself")
register(CaseFile, LEADING_KINDS, led, purposes=(LEAD,), words="read as school or bureau")
register(CaseFile, INNER_KINDS, led, purposes=(WORK,), words="read as school or bureau")


def work_on_them(model: type[CaseAction] | type[Escalation], cases: Collection[int]) -> QuerySet[Any, Any]:
    """Inner rows of cases that were found by what one reads at work: who works on a case reads these with it."""
    return model.unscoped.filter(case_id__in=cases)


def of_cases(actor: Actor) -> Q:
    return Q(case_id__in=cases_read(actor))


def inner_of_cases(actor: Actor) -> Q:
    """The inner work: read by bureau and school, not by the family or the teacher concerned."""
    return Q(case_id__in=cases_read(actor, *INNER_SIDES))


def since_joined(actor: Actor, at: str, by: str, *sides: str) -> Q:
    """What has come since one reads the case on one of these sides, and what is one's own.

    A parent who is asked later must not read what the other one wrote or was told before.
    """
    rows = reading_rows(actor).filter(case=OuterRef("case"), side__in=sides)
    return Q(Exists(rows.filter(since__lte=OuterRef(at)))) | (Q(**{by: actor.person_id}) & Q(Exists(rows)))


def opened_to(actor: Actor, at: str) -> Q:
    """What was opened to the family or the teacher: before one came, as long as it was opened to nobody else there."""
    there = CaseReader.unscoped.filter(
        case=OuterRef("case"), side=OuterRef("side"), since__lte=OuterRef(OuterRef(at))
    ).exclude(person_id=actor.person_id)
    rows = reading_rows(actor).filter(case=OuterRef("case"), side__in=OWN_SIDES)
    return since_joined(actor, at, "by", *OWN_SIDES) | Q(Exists(rows.filter(~Exists(there))))


def steps(actor: Actor) -> Q:
    return inner_of_cases(actor) | (Q(internal=False) & opened_to(actor, "at"))


def actions(actor: Actor) -> Q:
    return inner_of_cases(actor) | (Q(shared=True) & opened_to(actor, "written_at"))


def messages(actor: Actor) -> Q:
    """Of a case one reads, addressed to the side on which one reads it."""
    found = Q(pk__in=[])
    for side in INNER_SIDES:
        found |= Q(audience__contains=[side], case_id__in=cases_read(actor, side))
    for side in OWN_SIDES:
        found |= Q(audience__contains=[side]) & since_joined(actor, "sent_at", "author", side)
    return found


def referrals(actor: Actor) -> Q:
    """The one who is asked reads the referral alone until it is accepted."""
    return inner_of_cases(actor) | to_answer(actor)


def to_answer(actor: Actor) -> Q:
    """Asked of oneself in this capacity, at the school of it, and not about an own child."""
    roles = ROLES_OF_KIND.get(actor.kind, ())
    mine = Q(to_person_id=actor.person_id, to_role__in=roles) & (Q(to_school=None) | Q(to_school_id=actor.school_id))
    return mine & (Q(about=None) | ~Q(about_id__in=children_ever(actor)))


register(CaseReader, READING_KINDS, of_cases, words="of cases read")
register(CaseStep, READING_KINDS, steps, words="of cases read; by family and teacher what is open to them")
register(CaseAction, READING_KINDS, actions, words="of cases read; by family and teacher what is shared with them")
register(Message, READING_KINDS, messages, words="of cases read, to one's side; as family and teacher since one reads")
register(
    MessageReceipt,
    READING_KINDS,
    lambda actor: Q(message__in=Message.unscoped.filter(messages(actor)).values("pk")),
    words="of messages read",
)
register(Referral, INNER_KINDS, referrals, words="of cases read by school or bureau, or asked of oneself")
register(Referral, INNER_KINDS, to_answer, purposes=(ANSWER,), words="asked of oneself")
for _inner in (ChecklistTick, Measure, Escalation):
    register(_inner, INNER_KINDS, inner_of_cases, words="of cases read by school or bureau")
register(SavedFilter, READING_KINDS, lambda actor: Q(person_id=actor.person_id), words="own ones")
register(SavedFilter, READING_KINDS, lambda actor: Q(person_id=actor.person_id), purposes=(CHANGE,), words="own ones")
register(SectionMember, INNER_KINDS | {ADMINISTRATOR}, everything, words="every section's")
register(SectionMember, {ADMINISTRATOR, DIRECTOR}, everything, purposes=(CHANGE,), words="every section's")


def progress(actor: Actor) -> Q:
    """Of students led, and of whoever a case that one reads at school is about; never of an own child."""
    led_now = Enrollment.unscoped.filter(holding(today()))
    if actor.kind == TEACHER:
        led_now = led_now.filter(school_class_id__in=actor.capacity.homeroom_class_ids)
    elif actor.kind == COHORT_LEAD:
        led_now = led_now.filter(school_class__cohort_id__in=actor.capacity.cohort_ids)
    elif actor.kind == PRINCIPAL:
        led_now = led_now.filter(school_class__cohort__school_id=actor.school_id)
    else:
        led_now = led_now.none()
    of_a_case = CaseFile.unscoped.filter(pk__in=cases_read(actor, Side.SCHOOL)).values("person_id")
    near = Q(person_id__in=led_now.values("student_id")) | Q(person_id__in=of_a_case)
    return near & ~Q(person_id__in=children_ever(actor))


register(Progress, SCHOOL_KINDS, progress, purposes=(VIEW, CHANGE), words="of students led and of cases read")


def tallies(actor: Actor) -> Q:
    if actor.kind == CADRE:
        paired = Pairing.unscoped.filter(holding(today()), cadre_id=actor.person_id)
        return Q(school_id__in=paired.values("school_id"))
    return Q(school_id=actor.school_id)


register(CaseTally, {ADMINISTRATOR, DIRECTOR}, everything, words="every sum")
register(CaseTally, {CADRE, PRINCIPAL}, tallies, words="of paired schools, own school")


def sealed(actor: Actor) -> Q:
    """Those who are named for this report, in the capacity in which they are named."""
    rows = SealedReader.unscoped.filter(person_id=actor.person_id, kind=actor.kind, until=None)
    return Q(pk__in=rows.filter(Q(school=None) | Q(school_id=actor.school_id)).values("report_id"))


def of_sealed(actor: Actor) -> Q:
    return Q(report_id__in=MandatoryReport.unscoped.filter(sealed(actor)).values("pk"))


register(MandatoryReport, ALL_KINDS, sealed, words="for which one is named")
register(ReportAddition, ALL_KINDS, of_sealed, words="of reports for which one is named")
register(SealedReader, ALL_KINDS, of_sealed, words="of reports for which one is named")
register(StandingSealedReader, PRINCIPAL, lambda actor: Q(school_id=actor.school_id), words="of own school")
register(StandingSealedReader, DIRECTOR, lambda actor: Q(school=None), words="of the bureau")
