"""One sign-in for each role of the demonstration, held by people of the imported roster."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db.models import Count, QuerySet

from jiafang.access import CHANGE, Actor, actor_transaction, claim
from jiafang.access.actor import (
    ABOVE_CLASS_KINDS,
    ADMINISTRATOR,
    CADRE,
    COHORT_LEAD,
    COMMUNITY_PARTNER,
    COUNSELOR,
    DIRECTOR,
    GUARDIAN,
    PRINCIPAL,
    TEACHER,
)
from jiafang.accounts.audit import record
from jiafang.accounts.models import User
from jiafang.accounts.services.second_factor import keep_app, new_secret
from jiafang.common.clock import today
from jiafang.common.errors import NotReady
from jiafang.organization.capacities import actors_of_person
from jiafang.organization.models import Guardianship, Pairing, Person, Post, SchoolClass, holding

PASSWORD = "jiafang-demo"  # noqa: S105 - printed on purpose, for invented people only
HOMEROOM, SUBJECT = "homeroom_teacher", "subject_teacher"


@dataclass(frozen=True, slots=True)
class Login:
    """A role of the demonstration; `capacity` is the one its user begins in."""

    role: str
    username: str
    capacity: str


LOGINS = {
    login.role: login
    for login in (
        Login(ADMINISTRATOR, "admin", ADMINISTRATOR),
        Login(DIRECTOR, "director", DIRECTOR),
        Login(CADRE, "cadre", CADRE),
        Login(PRINCIPAL, "principal", PRINCIPAL),
        Login(COHORT_LEAD, "lead", COHORT_LEAD),
        Login(HOMEROOM, "teacher", TEACHER),
        Login(SUBJECT, "subject", TEACHER),
        Login(COUNSELOR, "counselor", COUNSELOR),
        Login(GUARDIAN, "parent", GUARDIAN),
        Login(COMMUNITY_PARTNER, "community", COMMUNITY_PARTNER),
    )
}


def open_logins(*, by: Actor, around: SchoolClass) -> dict[str, Person]:
    """A sign-in for one person of every role, all of whom have to do with one class."""
    password = hashed_password()
    with actor_transaction(by):
        claim(by, around.cohort.school, CHANGE)
        people = _people_around(around)
        for role, person in people.items():
            user = open_account(person=person, login=LOGINS[role], password=password)
            record(by=by, action="demonstration.login_opened", of=user)
    return people


def open_account(*, person: Person, login: Login, password: str) -> User:
    """An account for a person, joined to it; `password` is hashed already.

    Who must show a second factor has one at once; its code stands on the page that asks for it (codes.py).
    """
    actors = actors_of_person(person)
    capacity = next(actor.capacity_key for actor in actors if actor.kind == login.capacity)
    user = User.objects.create(username=login.username, password=password, capacity=capacity)
    person.user = user
    person.save(update_fields=["user"])
    if any(actor.kind in ABOVE_CLASS_KINDS for actor in actors):
        keep_app(user=user, secret=new_secret())
    return user


def hashed_password() -> str:
    """The password of all demonstration accounts, hashed once because a hash takes its time on purpose."""
    return make_password(PASSWORD)


def _people_around(school_class: SchoolClass) -> dict[str, Person]:
    cohort = school_class.cohort
    at_school = _posts().filter(school_id=cohort.school_id)
    homeroom = _holder(at_school.filter(kind=Post.Kind.HOMEROOM_TEACHER, school_class=school_class), HOMEROOM)
    lead = _holder(at_school.filter(kind=Post.Kind.COHORT_LEAD, cohort=cohort), COHORT_LEAD)
    teaches = at_school.filter(kind=Post.Kind.SUBJECT_TEACHER, school_class=school_class)
    only_teaches = teaches.exclude(person__in=[homeroom, lead]).exclude(
        person__in=_posts().filter(kind=Post.Kind.HOMEROOM_TEACHER).values("person")
    )
    paired = Pairing.unscoped.filter(holding(today()), school_id=cohort.school_id).values("cadre")
    return {
        DIRECTOR: _holder(_posts().filter(kind=Post.Kind.DIRECTOR), DIRECTOR),
        CADRE: _holder(_posts().filter(kind=Post.Kind.CADRE, person__in=paired), CADRE),
        PRINCIPAL: _holder(at_school.filter(kind=Post.Kind.PRINCIPAL), PRINCIPAL),
        COHORT_LEAD: lead,
        HOMEROOM: homeroom,
        SUBJECT: _holder(only_teaches, SUBJECT),
        COUNSELOR: _holder(at_school.filter(kind=Post.Kind.COUNSELOR), COUNSELOR),
        GUARDIAN: _guardian(school_class),
        COMMUNITY_PARTNER: _holder(_posts().filter(kind=Post.Kind.COMMUNITY_PARTNER), COMMUNITY_PARTNER),
    }


def _posts() -> QuerySet[Post]:
    return Post.unscoped.filter(holding(today())).select_related("person").order_by("pk")


def _holder(posts: QuerySet[Post], role: str) -> Person:
    post = posts.first()
    if post is None:
        raise NotReady(f"The roster of the demonstration has nobody who is {role}.")
    return post.person


def _guardian(school_class: SchoolClass) -> Person:
    """A parent of a child in the class who works at no school, with more than one child if there is one."""
    children = school_class.enrollments.filter(holding(today())).values("student")
    wards = Guardianship.unscoped.filter(student__in=children, revoked_on=None, is_primary=True, is_guardian=True)
    guardian = (
        Person.unscoped.filter(pk__in=wards.values("guardian"), posts=None)
        .annotate(children=Count("wards"))
        .order_by("-children", "pk")
        .first()
    )
    if guardian is None:
        raise NotReady("The class has no child with a guardian.")
    return guardian
