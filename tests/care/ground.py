"""A school with everybody around a case, and short words for what the tests ask of it."""

import datetime as dt
from typing import Any

from jiafang.access import Actor, reading, scope
from jiafang.care.models import CaseFile
from jiafang.care.selectors.offers import offers
from jiafang.care.services.propose import propose_result
from jiafang.care.services.raise_case import Difficulty, raise_case
from jiafang.common.clock import today
from jiafang.organization.models import Person, Post
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make

YESTERDAY = today() - dt.timedelta(days=1)


class Ground:
    """A school with everybody, a section of the bureau, a director, two guardians of one student."""

    def __init__(self) -> None:
        self.director = make.actor_of(make.bureau_post("director"), "director")
        self.administrator = make.actor_of(make.bureau_post("administrator"), "administrator")
        self.school = made.small_school()
        self.place = self.school.school
        self.student = self.school.students[0][0]
        self.teacher = make.actor_of(self.school.homeroom[0], "teacher")
        self.colleague = make.actor_of(self.school.homeroom[1], "teacher")
        self.principal = self.school.by
        self.deputy = make.actor_of(make.school_post("deputy_principal", self.place), "principal")
        self.moral = make.actor_of(make.school_post("moral_deputy", self.place), "principal")
        self.lead = make.actor_of(make.cohort_lead(self.school.classes[0].cohort), "cohort_lead")
        self.counselor = make.actor_of(make.school_post("counselor", self.place), "counselor")
        self.section, head = care.bureau_section()
        self.head = make.actor_of(head, "cadre")
        self.cadre = make.actor_of(make.bureau_post("cadre"), "cadre")
        self.pairing = make.PairingFactory(
            cadre=person_of(self.cadre), school=self.place
        )  # fmt: skip
        self.mother = make.actor_of(make.guardian_of(self.student), "guardian")
        self.father = make.actor_of(make.guardian_of(self.student, is_primary=False, relation="father"), "guardian")

    def about(self, by: Actor, kind: str = "teacher", **told: Any) -> CaseFile:
        fields: dict[str, Any] = {
            "category": "life",
            "text": "住得远",
            "subject_kind": kind,
            "school_id": self.place.pk,
        } | told
        return raise_case(by=by, difficulty=Difficulty(**fields))


def person_of(actor: Actor) -> Person:
    return Person.unscoped.get(pk=actor.person_id)


def now_of(case: CaseFile) -> CaseFile:
    return CaseFile.unscoped.get(pk=case.pk)


def reads(actor: Actor, case: CaseFile) -> bool:
    """By the rules alone and by the database alone: they must agree."""
    by_rules = scope(actor, CaseFile).filter(pk=case.pk).exists()
    with reading(actor):
        by_database = CaseFile.unscoped.filter(pk=case.pk).exists()
    assert by_rules == by_database, f"one fence lets {actor.kind} through"
    return by_rules


def offered(actor: Actor, case: CaseFile) -> frozenset[str]:
    with reading(actor):
        return offers(actor, now_of(case))


def ends(post: dict[str, Any]) -> None:
    """The post ended yesterday, by a date that was entered before: nobody was told."""
    Post.unscoped.filter(end=None, **post).update(end=YESTERDAY)


def proposed(by: Actor, case: CaseFile, **told: Any) -> None:
    propose_result(by=by, case_id=case.pk, **{"result": "solved", "words": "办好了"} | told)
