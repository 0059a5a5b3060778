"""Those whom the owner of a phone meets or answers for, with what a brief would open about them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from jiafang.access import VIEW, Actor, scope
from jiafang.access.actor import TEACHER
from jiafang.campaigns.models import Channel
from jiafang.care.selectors.about_people import open_cases
from jiafang.common.clock import today
from jiafang.keys.fields import opened
from jiafang.organization.models import (
    CareTag,
    Enrollment,
    Guardianship,
    HouseholdMembership,
    Post,
    SchoolClass,
    Sex,
    grade_name,
    holding,
)
from jiafang.visits.categories import named
from jiafang.visits.models import LastContact, Visit
from jiafang.visits.scope import BRIEF
from jiafang.visits.selectors.brief import concerns_to_follow, line_of

LAST_VISITS = 3
LAST_CONCERNS = 3
LONGEST_LINE = 80


@dataclass
class PeopleOfBundle:
    """`shown` are all of whom something is told: those met, who answers for them, who lives with them."""

    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    households: dict[int, dict[str, Any]] = field(default_factory=dict)
    classes: list[dict[str, Any]] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)


def people_of(actor: Actor, met: Mapping[int, Mapping[str, Any]], leads: Mapping[int, int]) -> PeopleOfBundle:
    """`met`: person → one of the duties about them, with what is known of the person; `leads`: person → school."""
    found = PeopleOfBundle()
    for pk, duty in met.items():
        found.people[pk] = _person(pk, duty["name"], duty["pinyin"], duty["sex"], duty["born"], duty["phone"])
        found.people[pk]["where"] = duty["where"]
    _add_classes(actor, found)
    students = _place_students(actor, found)
    _add_posts(actor, found, students)
    _add_tags(actor, found)
    _add_guardians(actor, found)
    _add_homes(actor, found, students)
    _add_last(actor, found)
    _add_concerns(actor, found)
    _add_cases(actor, found, leads)
    found.shown |= set(found.people)
    return found


def _either(actor: Actor, model: type[Any]) -> QuerySet[Any]:
    """What a brief opens, and what whoever answers for a class sees anyway."""
    return scope(actor, model, BRIEF) | scope(actor, model, VIEW)


def _person(pk: int, name: str, pinyin: str, sex: str, born: dt.date | None, phone: Any) -> dict[str, Any]:
    day = today()
    age = None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return {
        "id": pk,
        "name": name,
        "pinyin": pinyin,
        "sex": str(Sex(sex).label) if sex else "",
        "age": age,
        "where": "",
        "boarding": False,
        "phone": opened(phone, pk),
        "tags": [],
        "posts": [],
        "last_contact": None,
        "household": None,
        "guardians": [],
        "last_visits": [],
        "concerns": [],
        "cases": [],
    }


def _add_classes(actor: Actor, found: PeopleOfBundle) -> None:
    """Every student of the classes led, in the order of the register, with or without a duty."""
    if actor.kind != TEACHER or not actor.capacity.homeroom_class_ids:
        return
    day = today()
    rows = scope(actor, SchoolClass).filter(pk__in=actor.capacity.homeroom_class_ids)
    classes: dict[int, dict[str, Any]] = {
        row.pk: {"id": row.pk, "name": row.full_name(day), "tiles": []}
        for row in rows.select_related("cohort__school").order_by("pk")
    }
    enrolled = scope(actor, Enrollment).filter(holding(day), school_class_id__in=classes)
    for class_id, pk, name, pinyin, sex, born, phone in enrolled.order_by("student__pinyin", "student_id").values_list(
        "school_class_id",
        "student_id",
        "student__name",
        "student__pinyin",
        "student__sex",
        "student__birth_date",
        "student__phone",
    ):
        classes[class_id]["tiles"].append(pk)
        if pk not in found.people:
            found.people[pk] = _person(pk, name, pinyin, sex, born, phone)
        found.people[pk]["phone"] = opened(phone, pk)
    found.classes = list(classes.values())


def _classes_of(actor: Actor, person_ids: Collection[int]) -> dict[int, tuple[bool, str]]:
    """student → (boarding, class)."""
    day = today()
    rows = _either(actor, Enrollment).filter(holding(day), student_id__in=person_ids)
    return {
        pk: (boarding, f"{grade_name(stage, year, day)}{name}")
        for pk, boarding, stage, year, name in rows.values_list(
            "student_id",
            "boarding",
            "school_class__cohort__stage",
            "school_class__cohort__entry_year",
            "school_class__name",
        )
    }


def _place_students(actor: Actor, found: PeopleOfBundle) -> set[int]:
    students = _classes_of(actor, list(found.people))
    for pk, (boarding, where) in students.items():
        found.people[pk]["boarding"], found.people[pk]["where"] = boarding, where
    return set(students)


def _add_posts(actor: Actor, found: PeopleOfBundle, students: set[int]) -> None:
    day = today()
    rows = scope(actor, Post, BRIEF).filter(holding(day), person_id__in=set(found.people) - students)
    for post in (
        rows.exclude(kind=Post.Kind.EMPLOYEE)
        .select_related("school", "cohort", "school_class__cohort__school")
        .order_by("kind", "pk")
    ):
        unit = post.school_class.full_name(day) if post.school_class else post.school.name if post.school else ""
        title = post.subject or post.get_kind_display()
        found.people[post.person_id]["posts"].append(_("%(unit)s%(title)s") % {"unit": unit, "title": title})


def _add_tags(actor: Actor, found: PeopleOfBundle) -> None:
    rows = _either(actor, CareTag).filter(Q(expires=None) | Q(expires__gt=today()), student_id__in=found.people)
    for pk, kind in rows.order_by("kind__order", "pk").values_list("student_id", "kind__name"):
        found.people[pk]["tags"].append(kind)


def _add_guardians(actor: Actor, found: PeopleOfBundle) -> None:
    rows = _either(actor, Guardianship).filter(student_id__in=found.people, revoked_on=None)
    for student_id, pk, name, phone, relation, is_primary, may_contact in rows.order_by(
        "-is_primary", "pk"
    ).values_list(
        "student_id", "guardian_id", "guardian__name", "guardian__phone", "relation", "is_primary", "may_contact"
    ):
        found.shown.add(pk)
        found.people[student_id]["guardians"].append(
            {
                "person": pk,
                "name": name,
                "relation": str(Guardianship.Relation(relation).label),
                "phone": opened(phone, pk) if may_contact else "",
                "is_primary": is_primary,
                "may_contact": may_contact,
            }
        )


def _add_homes(actor: Actor, found: PeopleOfBundle, students: set[int]) -> None:
    """Where those met live; who else lives there is told of families only."""
    members = _either(actor, HouseholdMembership).filter(holding(today()))
    family_homes = set()
    of_met = members.filter(person_id__in=found.people).select_related("household__village").order_by("pk")
    for row in of_met:
        found.people[row.person_id]["household"] = row.household_id
        if row.person_id in students:
            family_homes.add(row.household_id)
        home = row.household
        found.households[home.pk] = {
            "address": home.address,
            "village": str(home.village) if home.village else "",
            "approximate": home.lat is None,
            "preferred_times": home.preferred_times,
            "mates": [],
        }
    others = list(
        members.filter(household_id__in=family_homes)
        .exclude(person_id__in=found.people)
        .order_by("pk")
        .values_list("household_id", "person_id", "person__name")
    )
    classes = _classes_of(actor, [pk for _home, pk, _name in others])
    for household_id, pk, name in others:
        found.shown.add(pk)
        where = classes[pk][1] if pk in classes else ""
        found.households[household_id]["mates"].append({"name": name, "where": where})


def _add_last(actor: Actor, found: PeopleOfBundle) -> None:
    """When somebody was last met, what was said then, what is still to be worried about."""
    contacts = scope(actor, LastContact).filter(person_id__in=found.people)
    for pk, on in contacts.values_list("person_id", "on"):
        found.people[pk]["last_contact"] = on.isoformat()
    about: QuerySet[Any] = Visit.duties.through.objects.filter(
        duty__person_id__in=found.people, visit_id__in=scope(actor, Visit).order_by().values("pk")
    ).annotate(
        place=Window(
            RowNumber(), partition_by=F("duty__person_id"), order_by=[F("visit__started_at").desc(), F("pk").desc()]
        )
    )
    latest = list(
        about.filter(place__lte=LAST_VISITS)
        .order_by("duty__person_id", "place")
        .values_list("duty__person_id", "visit_id")
    )
    visits = {
        row.pk: row
        for row in scope(actor, Visit)
        .filter(pk__in={visit_id for _pk, visit_id in latest})
        .annotate(by_name=F("recorded_by__name"))
        .only("pk", "started_at", "channel", "finding", "chips", "follow_up")
    }
    for pk, visit_id in latest:
        row = visits[visit_id]
        line = line_of(row)
        found.people[pk]["last_visits"].append(
            {
                "on": row.started_at.isoformat(timespec="minutes"),
                "channel": str(Channel(row.channel).label),
                "by": row.by_name,
                "line": line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…",
                "follow_up": row.follow_up,
            }
        )
        if found.people[pk]["last_contact"] is None:
            found.people[pk]["last_contact"] = localdate(row.started_at).isoformat()


def _add_concerns(actor: Actor, found: PeopleOfBundle) -> None:
    rows = named(concerns_to_follow(actor)).filter(person_id__in=found.people)
    for row in rows.order_by("-raised_at", "pk"):
        told = found.people[row.person_id]["concerns"]
        if len(told) < LAST_CONCERNS:
            label, on = row.category_name or row.category, localdate(row.raised_at).isoformat()
            told.append({"category": label, "text": row.text, "on": on})


def _add_cases(actor: Actor, found: PeopleOfBundle, leads: Mapping[int, int]) -> None:
    """Open cases about them, and about the schools of those met because they lead one; the words are the phone's."""
    of_school: dict[int, list[int]] = defaultdict(list)
    for pk, school_id in leads.items():
        of_school[school_id].append(pk)
    for case in open_cases(actor, found.people, of_school):
        told = {
            "school": case.school if case.person_id is None else "",
            "category": case.category,
            "tier": case.tier,
            "state": case.state,
            "due": case.due.isoformat(),
        }
        for pk in of_school[case.school_id] if case.person_id is None else [case.person_id]:
            found.people[pk]["cases"].append(told)
