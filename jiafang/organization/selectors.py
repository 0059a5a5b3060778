"""Finding people and units within the actor's scope."""

import datetime as dt
import re
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When

from jiafang.access import Actor, scope
from jiafang.common.clock import today
from jiafang.organization.models import (
    GRADE_NAMES,
    CareTag,
    Enrollment,
    Guardianship,
    HouseholdMembership,
    Pairing,
    Person,
    Post,
    School,
    SchoolClass,
    first_year_of,
    holding,
)

STUDENT, STAFF, GUARDIAN = "student", "staff", "guardian"
ROLES = (STUDENT, STAFF, GUARDIAN)


# Being employed says least about a person, so any other post is shown before it.
_EMPLOYEE_LAST = Case(When(kind=Post.Kind.EMPLOYEE, then=1), default=0)


def class_named(words: str, day: dt.date) -> Q | None:
    """The condition on SchoolClass that 高一1班, 高一(1)班 or 高一 asks for; None if no grade is named."""
    for stage, names in GRADE_NAMES.items():
        for grade, name in enumerate(names):
            if words.startswith(name):
                found = Q(cohort__stage=stage, cohort__entry_year=first_year_of(day) - grade)
                number = re.search(r"\d+", words.removeprefix(name))
                return found & Q(number=int(number.group())) if number else found
    return None


def _named(word: str) -> Q:
    """People whose name, pinyin or initials contain the word."""
    if word.isascii():
        letters = word.lower().replace(" ", "").replace("'", "")
        return Q(pinyin__startswith=letters) | Q(initials__contains=letters) | Q(name__icontains=word)
    return Q(name__contains=word)


def find_people(
    actor: Actor, *, words: str = "", role: str = "", school_id: int | None = None
) -> QuerySet[Person, Any]:
    """People within reach by name, pinyin, initials or class, with where they are; slim rows for a list.

    LIKE scans what the scope leaves; at 60,000 people that is measured and acceptable.
    """
    day = today()
    rows = scope(actor, Person)
    classes = scope(actor, Enrollment).filter(holding(day))
    for word in words.split():
        of_class = class_named(word, day)
        if of_class is None:
            rows = rows.filter(_named(word))
        else:
            in_class = scope(actor, SchoolClass).filter(of_class).values("pk")
            rows = rows.filter(
                Q(pk__in=classes.filter(school_class_id__in=in_class).values("student_id"))
                | Q(pk__in=scope(actor, Post).filter(holding(day), school_class_id__in=in_class).values("person_id"))
            )
    enrolled = classes if school_id is None else classes.filter(school_class__cohort__school_id=school_id)
    posts = scope(actor, Post).filter(holding(day))
    posts = posts if school_id is None else posts.filter(school_id=school_id)
    wards = scope(actor, Guardianship).filter(revoked_on=None)
    conditions = {
        STUDENT: Q(pk__in=enrolled.values("student_id")),
        STAFF: Q(pk__in=posts.values("person_id")),
        GUARDIAN: Q(pk__in=wards.filter(student_id__in=enrolled.values("student_id")).values("guardian_id")),
    }
    if role:
        rows = rows.filter(conditions[role])
    elif school_id is not None:
        rows = rows.filter(conditions[STUDENT] | conditions[STAFF] | conditions[GUARDIAN])
    enrollment = classes.filter(student_id=OuterRef("pk"))
    post = scope(actor, Post).filter(holding(day), person_id=OuterRef("pk")).order_by(_EMPLOYEE_LAST, "id")
    ward = wards.filter(guardian_id=OuterRef("pk")).order_by("id")
    return rows.annotate(
        class_name=Subquery(enrollment.values("school_class__name")[:1]),
        stage=Subquery(enrollment.values("school_class__cohort__stage")[:1]),
        entry_year=Subquery(enrollment.values("school_class__cohort__entry_year")[:1]),
        student_school=Subquery(enrollment.values("school_class__cohort__school__name")[:1]),
        post_kind=Subquery(post.values("kind")[:1]),
        post_school=Subquery(post.values("school__name")[:1]),
        post_subject=Subquery(post.values("subject")[:1]),
        ward_name=Subquery(ward.values("student__name")[:1]),
        ward_relation=Subquery(ward.values("relation")[:1]),
    ).order_by("pinyin", "pk")


def schools_seen(actor: Actor) -> QuerySet[School, Any]:
    """Schools within reach with how many classes they have, counted once."""
    classes = (
        scope(actor, SchoolClass)
        .filter(cohort__school_id=OuterRef("pk"))
        .order_by()
        .values("cohort__school_id")
        .annotate(n=Count("pk"))
    )
    students = (
        scope(actor, Enrollment)
        .filter(holding(today()), school_class__cohort__school_id=OuterRef("pk"))
        .order_by()
        .values("school_class__cohort__school_id")
        .annotate(n=Count("pk"))
    )
    principal = scope(actor, Post).filter(holding(today()), kind=Post.Kind.PRINCIPAL, school_id=OuterRef("pk"))
    cadre = scope(actor, Pairing).filter(holding(today()), school_id=OuterRef("pk")).order_by("id")
    return scope(actor, School).annotate(
        class_count=Subquery(classes.values("n")),
        student_count=Subquery(students.values("n")),
        principal_name=Subquery(principal.values("person__name")[:1]),
        cadre_name=Subquery(cadre.values("cadre__name")[:1]),
    )


def classes_of_school(actor: Actor, school: School) -> QuerySet[SchoolClass, Any]:
    """The classes of a school within reach, with homeroom teacher and number of students; the newest cohorts first."""
    homeroom = scope(actor, Post).filter(
        holding(today()), kind=Post.Kind.HOMEROOM_TEACHER, school_class_id=OuterRef("pk")
    )
    students = (
        scope(actor, Enrollment)
        .filter(holding(today()), school_class_id=OuterRef("pk"))
        .order_by()
        .values("school_class_id")
        .annotate(n=Count("pk"))
    )
    return (
        scope(actor, SchoolClass)
        .filter(cohort__school=school)
        .select_related("cohort")
        .annotate(
            homeroom_name=Subquery(homeroom.values("person__name")[:1]),
            homeroom_id=Subquery(homeroom.values("person_id")[:1]),
            student_count=Subquery(students.values("n")),
        )
        .order_by("cohort__stage", "-cohort__entry_year", "number", "name")
    )


_RANKS = (Post.Kind.PRINCIPAL, Post.Kind.DEPUTY_PRINCIPAL, Post.Kind.MORAL_DEPUTY, Post.Kind.COHORT_LEAD)


def staff_of_school(actor: Actor, school: School) -> QuerySet[Post, Any]:
    """Who leads the school and its cohorts today, and its counselors."""
    return (
        scope(actor, Post)
        .filter(holding(today()), school=school)
        .exclude(kind__in=[Post.Kind.EMPLOYEE, *Post.CLASS_KINDS])
        .select_related("person", "school", "cohort", "school_class")
        .annotate(rank=Case(*(When(kind=kind, then=place) for place, kind in enumerate(_RANKS)), default=len(_RANKS)))
        .order_by("rank", "cohort__entry_year", "id")
    )


def students_of_class(actor: Actor, school_class: SchoolClass) -> QuerySet[Enrollment, Any]:
    return (
        scope(actor, Enrollment)
        .filter(holding(today()), school_class=school_class)
        .select_related("student")
        .order_by("student__pinyin", "pk")
    )


def enrollments_of(actor: Actor, person: Person) -> QuerySet[Enrollment, Any]:
    """A student's classes, the present one first."""
    return (
        scope(actor, Enrollment)
        .filter(student=person)
        .select_related("school_class__cohort__school")
        .order_by(F("end").desc(nulls_first=True), "-start")
    )


def posts_of(actor: Actor, person: Person) -> QuerySet[Post, Any]:
    return (
        scope(actor, Post)
        .filter(person=person)
        .select_related("school", "cohort", "school_class")
        .order_by(F("end").desc(nulls_first=True), "-start", "id")
    )


def guardians_of(actor: Actor, student: Person) -> QuerySet[Guardianship, Any]:
    return (
        scope(actor, Guardianship)
        .filter(student=student, revoked_on=None)
        .select_related("guardian")
        .order_by("-is_primary", "id")
    )


def former_guardians_of(actor: Actor, student: Person) -> QuerySet[Guardianship, Any]:
    """Whose guardianship was revoked and has not begun anew."""
    rows = scope(actor, Guardianship).filter(student=student)
    again = rows.filter(guardian=OuterRef("guardian"), revoked_on=None)
    return (
        rows.filter(~Exists(again), revoked_on__isnull=False).select_related("guardian").order_by("-revoked_on", "id")
    )


def wards_of(actor: Actor, guardian: Person) -> QuerySet[Guardianship, Any]:
    return (
        scope(actor, Guardianship).filter(guardian=guardian, revoked_on=None).select_related("student").order_by("id")
    )


def care_tags_of(actor: Actor, student: Person) -> QuerySet[CareTag, Any]:
    return (
        scope(actor, CareTag)
        .filter(Q(expires=None) | Q(expires__gt=today()), student=student)
        .select_related("kind")
        .order_by("kind__order")
    )


def household_of(actor: Actor, person: Person) -> HouseholdMembership | None:
    """The membership held today, with its household and village."""
    return (
        scope(actor, HouseholdMembership)
        .filter(holding(today()), person=person)
        .select_related("household__village")
        .first()
    )


def housemates(actor: Actor, membership: HouseholdMembership) -> QuerySet[HouseholdMembership, Any]:
    """The others of a household within reach."""
    return (
        scope(actor, HouseholdMembership)
        .filter(holding(today()), household_id=membership.household_id)
        .exclude(person_id=membership.person_id)
        .select_related("person")
        .order_by("id")
    )
