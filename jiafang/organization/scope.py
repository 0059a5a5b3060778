"""Who sees which people and units."""

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

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
    PRINCIPAL,
    STAFF_KINDS,
    TEACHER,
)
from jiafang.accounts.audit import Reading
from jiafang.accounts.models import AuditEntry
from jiafang.common.clock import today
from jiafang.organization.models import (
    CareTag,
    CorrectionRequest,
    Enrollment,
    GradeCohort,
    Guardianship,
    Household,
    HouseholdMembership,
    Pairing,
    Person,
    Post,
    RosterFile,
    RosterImport,
    School,
    SchoolClass,
    SeasonalResidence,
    holding,
)

Ids = QuerySet[Any, Any]

allow("roster.import", {ADMINISTRATOR})
allow("people.correct", {ADMINISTRATOR, PRINCIPAL})
allow("guardianship.restore", {ADMINISTRATOR})
allow("people.find", STAFF_KINDS)
allow("people.erase", {ADMINISTRATOR})
allow("accounts.open", {ADMINISTRATOR, PRINCIPAL})
allow("units.correct", {ADMINISTRATOR})
allow("student.move", {ADMINISTRATOR, PRINCIPAL})
allow("correction.ask", {GUARDIAN})
allow("correction.answer", {ADMINISTRATOR, PRINCIPAL, TEACHER})
allow("administration.entrust", ())  # nobody but the machine itself


def _students(actor: Actor) -> Q:
    """The enrollments held today of students the actor answers for."""
    held = holding(today())
    if actor.kind == ADMINISTRATOR:
        return held
    if actor.kind == PRINCIPAL:
        return held & Q(school_class__cohort__school_id=actor.school_id)
    if actor.kind == COHORT_LEAD:
        return held & Q(school_class__cohort_id__in=actor.capacity.cohort_ids)
    if actor.kind == TEACHER:
        return held & Q(school_class_id__in=actor.capacity.class_ids)
    if actor.kind == GUARDIAN:
        return held & Q(student_id__in=_wards(actor))
    return Q(pk__in=[])


def _wards(actor: Actor) -> Ids:
    return Guardianship.unscoped.filter(guardian_id=actor.person_id, revoked_on=None, may_see=True).values("student_id")


def children_ever(actor: Actor) -> Ids:
    """Whose guardian the actor is or ever was: at work they stay own children, whoever ended the guardianship."""
    return Guardianship.unscoped.filter(guardian_id=actor.person_id).values("student_id")


def _student_ids(actor: Actor) -> Ids:
    return Enrollment.unscoped.filter(_students(actor)).values("student_id")


def _guardian_ids(actor: Actor) -> Ids:
    return Guardianship.unscoped.filter(revoked_on=None, student_id__in=_student_ids(actor)).values("guardian_id")


def _staff_ids(actor: Actor) -> Ids:
    posts = Post.unscoped.filter(holding(today()))
    if actor.kind in (ADMINISTRATOR, DIRECTOR):
        return posts.values("person_id")
    if actor.kind == CADRE:
        return posts.filter(Q(school_id__in=_paired_schools(actor)) | Q(school=None)).values("person_id")
    if actor.kind == GUARDIAN:
        classes = Enrollment.unscoped.filter(_students(actor)).values("school_class_id")
        return posts.filter(school_class_id__in=classes).values("person_id")
    return posts.filter(school_id=actor.school_id).values("person_id")


def _paired_schools(actor: Actor) -> Ids:
    return Pairing.unscoped.filter(holding(today()), cadre_id=actor.person_id).values("school_id")


def people(actor: Actor) -> Q:
    """Staff within reach, students the actor answers for and their guardians, oneself."""
    return (
        Q(pk=actor.person_id)
        | Q(pk__in=_staff_ids(actor))
        | Q(pk__in=_student_ids(actor))
        | Q(pk__in=_guardian_ids(actor))
    )


def people_of_family(actor: Actor) -> Q:
    return Q(pk=actor.person_id) | Q(pk__in=_wards(actor)) | Q(pk__in=_staff_ids(actor))


def staff_only(actor: Actor) -> Q:
    return Q(pk=actor.person_id) | Q(pk__in=_staff_ids(actor))


def people_of_school(actor: Actor) -> Q:
    return Q(pk__in=_staff_ids(actor)) | Q(pk__in=_student_ids(actor)) | Q(pk__in=_guardian_ids(actor))


register(Person, ADMINISTRATOR, everything, purposes=(VIEW, CHANGE), words="everybody")
register(Person, {PRINCIPAL, COHORT_LEAD, TEACHER}, people, words="staff of the school, own students, their guardians")
register(Person, PRINCIPAL, people_of_school, purposes=(CHANGE,), words="staff, students and guardians of the school")
register(Person, {DIRECTOR, CADRE, COUNSELOR}, staff_only, words="staff within reach")
register(Person, GUARDIAN, people_of_family, words="oneself, own children, their teachers")


def schools(actor: Actor) -> Q:
    if actor.kind == CADRE:
        return Q(pk__in=_paired_schools(actor))
    if actor.kind == GUARDIAN:
        return Q(pk__in=Enrollment.unscoped.filter(_students(actor)).values("school_class__cohort__school_id"))
    return Q(pk=actor.school_id)


register(School, {ADMINISTRATOR, DIRECTOR}, everything, words="every school")
_BESIDE_THE_BUREAU = ALL_KINDS - {ADMINISTRATOR, DIRECTOR, COMMUNITY_PARTNER}
register(School, _BESIDE_THE_BUREAU, schools, words="own, paired or the children's schools")
register(School, ADMINISTRATOR, everything, purposes=(CHANGE,), words="every school")


def cohorts(actor: Actor) -> Q:
    if actor.kind == CADRE:
        return Q(school_id__in=_paired_schools(actor))
    if actor.kind == GUARDIAN:
        return Q(pk__in=Enrollment.unscoped.filter(_students(actor)).values("school_class__cohort_id"))
    return Q(school_id=actor.school_id)


register(GradeCohort, {ADMINISTRATOR, DIRECTOR}, everything, words="every cohort")
register(GradeCohort, _BESIDE_THE_BUREAU, cohorts, words="cohorts of own, paired, the children's schools")


def classes(actor: Actor) -> Q:
    if actor.kind == COHORT_LEAD:
        return Q(cohort_id__in=actor.capacity.cohort_ids)
    if actor.kind == TEACHER:
        return Q(pk__in=actor.capacity.class_ids)
    if actor.kind == GUARDIAN:
        return Q(pk__in=Enrollment.unscoped.filter(_students(actor)).values("school_class_id"))
    if actor.kind == CADRE:
        return Q(cohort__school_id__in=_paired_schools(actor))
    return Q(cohort__school_id=actor.school_id)


register(SchoolClass, {ADMINISTRATOR, DIRECTOR}, everything, words="every class")
register(
    SchoolClass,
    {CADRE, PRINCIPAL, COHORT_LEAD, TEACHER, GUARDIAN},
    classes,
    words="of paired schools, answered for, or of own children",
)


def students_rows(actor: Actor) -> Q:
    return Q(student_id__in=_student_ids(actor))


register(Enrollment, ADMINISTRATOR, everything, words="every enrollment")
register(Enrollment, {PRINCIPAL, COHORT_LEAD, TEACHER, GUARDIAN}, students_rows, words="of students within reach")
register(Guardianship, ADMINISTRATOR, everything, purposes=(VIEW, CHANGE), words="every guardianship")
register(Guardianship, {PRINCIPAL, COHORT_LEAD, TEACHER, GUARDIAN}, students_rows, words="of students within reach")
register(Guardianship, PRINCIPAL, students_rows, purposes=(CHANGE,), words="of students of the school")


def care_tags(actor: Actor) -> Q:
    """Restricted kinds are read by the homeroom teacher and those who lead, open ones by the class's teachers."""
    read = students_rows(actor) & ~restricted_of_own_children(actor)
    if actor.kind == TEACHER:
        own = Enrollment.unscoped.filter(holding(today()), school_class_id__in=actor.capacity.homeroom_class_ids)
        return read & (Q(kind__restricted=False) | Q(student_id__in=own.values("student_id")))
    return read


def restricted_of_own_children(actor: Actor) -> Q:
    """A teacher at school does not open what is restricted about the own child."""
    return Q(kind__restricted=True, student_id__in=children_ever(actor))


register(CareTag, ADMINISTRATOR, everything, words="every tag")
register(
    CareTag,
    {PRINCIPAL, COHORT_LEAD, TEACHER},
    care_tags,
    words="of students within reach; restricted: homeroom and above",
)


def posts(actor: Actor) -> Q:
    return Q(person_id=actor.person_id) | Q(person_id__in=_staff_ids(actor))


register(Post, {ADMINISTRATOR, DIRECTOR}, everything, words="every post")
register(Post, ALL_KINDS - {ADMINISTRATOR, DIRECTOR}, posts, words="of staff within reach, own")
register(Pairing, {ADMINISTRATOR, DIRECTOR}, everything, purposes=(VIEW,), words="every pairing")
register(Pairing, ADMINISTRATOR, everything, purposes=(CHANGE,), words="every pairing")
register(Pairing, CADRE, lambda actor: Q(cadre_id=actor.person_id), words="own pairings")
register(Pairing, PRINCIPAL, lambda actor: Q(school_id=actor.school_id), words="of own school")


def memberships(actor: Actor) -> Q:
    return Q(person_id__in=_student_ids(actor)) | Q(person_id=actor.person_id)


def households(actor: Actor) -> Q:
    held = HouseholdMembership.unscoped.filter(holding(today())).filter(memberships(actor))
    return Q(pk__in=held.values("household_id"))


def seasonal(actor: Actor) -> Q:
    return Q(household_id__in=Household.unscoped.filter(households(actor)).values("pk"))


_NEAR_FAMILIES = {PRINCIPAL, COHORT_LEAD, TEACHER, GUARDIAN}
register(Household, ADMINISTRATOR, everything, purposes=(VIEW, CHANGE), words="every household")
register(Household, _NEAR_FAMILIES, households, words="of students within reach")
register(Household, PRINCIPAL, households, purposes=(CHANGE,), words="of students of the school")
register(HouseholdMembership, ADMINISTRATOR, everything, words="every membership")
register(HouseholdMembership, _NEAR_FAMILIES, memberships, words="of students within reach")
register(SeasonalResidence, ADMINISTRATOR, everything, words="every seasonal residence")
register(SeasonalResidence, _NEAR_FAMILIES, seasonal, words="of households within reach")
register(RosterImport, ADMINISTRATOR, everything, purposes=(VIEW, CHANGE), words="every import")
register(RosterFile, ADMINISTRATOR, everything, words="every file")


def corrections_asked(actor: Actor) -> Q:
    """What oneself has asked for, about a child that is still one's own to see."""
    return Q(asked_by_id=actor.person_id, student_id__in=_wards(actor))


def corrections_to_answer(actor: Actor) -> Q:
    """Of students led; nobody answers what concerns the own child."""
    led = Enrollment.unscoped.filter(_students(actor))
    if actor.kind == TEACHER:
        led = led.filter(school_class_id__in=actor.capacity.homeroom_class_ids)
    return Q(student_id__in=led.values("student_id")) & ~Q(student_id__in=children_ever(actor))


register(CorrectionRequest, GUARDIAN, corrections_asked, words="own ones about own children")
register(
    CorrectionRequest,
    {ADMINISTRATOR, PRINCIPAL, TEACHER},
    corrections_to_answer,
    purposes=(VIEW, CHANGE),
    words="about students led (homeroom, school, all), never about an own child",
)


def openings_of_oneself(actor: Actor) -> Q:
    return Q(action__in=Reading.values, subjects__contains=[actor.person_id])


def openings_of_family(actor: Actor) -> Q:
    """What else may be done with a file, or is sealed, is not told here."""
    return openings_of_oneself(actor) | Q(action__in=Reading.values, subjects__overlap=_wards(actor))


register(AuditEntry, ADMINISTRATOR, everything, words="every entry")
register(AuditEntry, ALL_KINDS - {ADMINISTRATOR, GUARDIAN}, openings_of_oneself, words="openings of one's own file")
register(AuditEntry, GUARDIAN, openings_of_family, words="openings of one's own and the own children's files")


def with_reader(entries: QuerySet[AuditEntry, Any]) -> QuerySet[AuditEntry, Any]:
    """Who opened is named to whoever may read that it was opened."""
    names = Person.unscoped.filter(pk=OuterRef("person_id")).values("name")[:1]
    return entries.annotate(reader=Subquery(names))
