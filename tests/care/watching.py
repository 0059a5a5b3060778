"""A run of the machine of cases, watched: what is tried, what must have been offered, and who reads what after it."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine

from jiafang.access import Actor, reading, scope
from jiafang.care.models import CaseAction, CaseFile, CaseReader
from jiafang.care.selectors.offers import offers
from jiafang.common.errors import JiafangError
from jiafang.organization.capacities import actors_of_person
from jiafang.organization.models import Person
from tests.care.foreseen_case import CAST, KINDS, LEVELS, OF_LEVEL, Foreseen, Offices, Row, Seat
from tests.care.ground import Ground


class Watched(RuleBasedStateMachine):
    """One district for all runs; each is undone at its end."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around._from_testcase = True  # type: ignore[attr-defined]  # a use case is durable but for this
        self.around.__enter__()
        self.offices = Offices()
        self.cases: list[Foreseen] = []
        self.people = self.cast
        self.names = {person.pk: name for name, person in self.people.items()}
        self.turn = 0

    cast: dict[str, Person]

    def teardown(self) -> None:
        try:
            for name in CAST:
                self.reads_what_is_foreseen(name)
        finally:
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)

    def reads_what_is_foreseen(self, name: str) -> None:
        """By both fences, in every capacity of the person; of the inner work only who reads it."""
        mine = {case.pk for case in self.cases}
        by_rules, by_database, actions = set(), set(), set()
        for actor in actors_of_person(self.people[name]):
            # Here the database lets everything through: these are the rules alone.
            by_rules |= set(scope(actor, CaseFile).filter(pk__in=mine).values_list("pk", flat=True))
            with reading(actor):
                by_database |= set(CaseFile.unscoped.filter(pk__in=mine).values_list("pk", flat=True))
                inner = CaseAction.unscoped.filter(case_id__in=mine, shared=False)
                actions |= set(inner.values_list("case_id", flat=True))
        assert by_rules == by_database == {case.pk for case in self.cases if name in case.readers}, name
        assert actions <= {case.pk for case in self.cases if case.inner(name)}, name

    def rows(self, case: Foreseen) -> set[Row]:
        classes = {one.pk: label for one, label in zip(self.ground.school.classes, "AB", strict=True)}
        rows = CaseReader.unscoped.filter(case_id=case.pk, until=None)
        return {(self.names[row.person_id], row.why, classes.get(row.school_class_id or 0, "")) for row in rows}

    def class_of_student(self) -> str:
        held = self.ground.student.enrollments(manager="unscoped").get(end=None)
        return "AB"[[one.pk for one in self.ground.school.classes].index(held.school_class_id)]

    def of(self, n: int, who: str) -> tuple[Foreseen, str]:
        case = self.cases[n % len(self.cases)]
        return case, {"owner": case.owner, "confirmer": case.confirmer, "raiser": case.raiser}.get(who, who)

    def seat(self, case: Foreseen, wanted: Seat) -> tuple[str, str]:
        """Somebody who works on its level, or below."""
        if not isinstance(wanted, int):
            return wanted
        below = LEVELS[max(LEVELS.index(case.level) - 1, 0)]
        roles = sorted(OF_LEVEL[case.level] | OF_LEVEL[below])
        near = sorted((who, role) for role in roles for who in self.offices.holders(role, case.cls))
        return near[wanted % len(near)]

    def actor(self, name: str) -> Actor:
        actors = {actor.kind: actor for actor in actors_of_person(self.people[name])}
        return actors.get(KINDS[name]) or next(iter(actors.values()))

    def done(self, case: Foreseen, verb: str, name: str, do: Callable[..., Any], *, offered: bool = True) -> bool:
        """Whether it was done; what was done must have been offered, and be something this person may do."""
        actor = self.actor(name)
        with reading(actor):
            found = offers(actor, CaseFile.unscoped.filter(pk=case.pk).first() or CaseFile.unscoped.none()[0]) if (
                scope(actor, CaseFile).filter(pk=case.pk).exists()
            ) else frozenset[str]()  # fmt: skip
        done = self.tried(name, do)
        if done:
            assert case.may(verb, name), f"{name} did {verb}"
            assert not offered or verb in found, f"{verb} was not offered to {name}"
        return done

    def tried(self, name: str, do: Callable[..., Any]) -> bool:
        try:
            do(by=self.actor(name))
        except JiafangError:
            return False
        return True

    def put_right(self, case: Foreseen) -> None:
        now = CaseFile.unscoped.get(pk=case.pk)
        case.put_right(self.offices, self.names[now.owner_id], self.names[now.confirmer_id])

    def all_right(self) -> None:
        for case in self.cases:
            self.put_right(case)
