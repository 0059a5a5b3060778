"""Anybody does anything in any order: no state outside the table, no case without an owner, no reader off the list.

What should be is computed in `foreseen_case.py`, in plain Python; both fences are asked after every step.
"""

import datetime as dt
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jiafang.access import system
from jiafang.care.models import CaseFile, CaseReader, CaseStep, Escalation, Referral
from jiafang.care.services.act import add_action
from jiafang.care.services.assign import assign_case
from jiafang.care.services.close_silent import close_silent
from jiafang.care.services.confirm import confirm_case, confirm_orally, deny_case
from jiafang.care.services.consent import consent_upward
from jiafang.care.services.escalate import announce_due, escalate_overdue
from jiafang.care.services.hand_over import follow_the_calendar, hand_over_case
from jiafang.care.services.merge import merge_cases
from jiafang.care.services.propose import propose_result
from jiafang.care.services.raise_tier import change_tier
from jiafang.care.services.readers import dismiss_reader, name_reader
from jiafang.care.services.refer import answer_referral, refer_case, return_referral
from jiafang.care.services.reopen import reopen_case
from jiafang.care.services.send import send_down, send_up
from jiafang.care.services.take_back import take_back_result
from jiafang.care.services.take_back_referral import take_back_referral
from jiafang.care.services.withdraw import withdraw_case
from jiafang.common import clock
from jiafang.common.clock import today
from jiafang.organization.models import Person, Post
from jiafang.organization.services.appoint import appoint_homeroom_teacher
from jiafang.organization.services.move import move_student
from tests.care.foreseen_case import (
    BUREAU,
    BY_TIER,
    CAST,
    FAMILY,
    IN_HAND,
    KINDS,
    LEVEL_OF,
    LEVELS,
    LIVE,
    SEATS,
    Foreseen,
    Seat,
)  # fmt: skip
from tests.care.ground import YESTERDAY, Ground
from tests.care.watching import Watched
from tests.factories import care
from tests.factories import organization as make

pytestmark = pytest.mark.long

CALENDAR = system("calendar")
DAY = dt.timedelta(days=1)
# More often those who have to do with it than anybody.
WHO = st.sampled_from(["owner", "owner", "owner", "confirmer", "confirmer", "raiser", *CAST])
CASES = st.integers(0, 3)
# Somebody near by their place in a list, or anybody in any role.
SEAT = st.one_of(st.integers(0, 7), st.sampled_from(SEATS))
TIERS = st.sampled_from(list(BY_TIER))
ASKED = st.sampled_from(["", "mother", "father", "stranger", "principal", "colleague", "owner"])


class Machine(Watched):
    """Rules: each tries one thing with the house, and says what it should have made of the case."""

    # What is raised.

    @initialize(tier=TIERS, by=st.sampled_from(["homeroom", "subject", "mother"]))
    def first(self, tier: str, by: str) -> None:
        self.student_case(by, tier)

    @precondition(lambda self: len(self.cases) < 4)
    @rule(tier=TIERS, by=st.sampled_from(["homeroom", "subject", "mother", "lead", "colleague"]))
    def student_case(self, by: str, tier: str) -> None:
        here = self.class_of_student()
        if by in ("homeroom", "subject", "colleague") and by not in self.offices.of_class(here):
            return
        made = care.student_case(self.actor(by), self.ground.student, alert_tier=tier)
        owner = self.offices.homeroom[here]
        case = Foreseen(made.pk, "student", by, owner, "homeroom_teacher", by, "class", here, tier=tier)
        case.rows = {(owner, "owner", here), (by, "raiser", here if KINDS[by] == "teacher" else "")}
        case.rows |= {(who, "role", "") for role in BY_TIER[tier] for who in self.offices.holders(role, here)}
        self.cases.append(case)

    @precondition(lambda self: len(self.cases) < 4)
    @rule(confided=st.booleans())
    def own_matter(self, confided: bool) -> None:
        by = self.actor("colleague")
        made = self.ground.about(by, person_id=by.person_id, category="mind" if confided else "life")
        case = Foreseen(
            made.pk, "teacher", "colleague", "principal", "principal", "colleague", "school", about="colleague",
            confided=confided, rows={("principal", "owner", ""), ("colleague", "raiser", "")},
        )  # fmt: skip
        self.cases.append(case)

    @precondition(lambda self: len(self.cases) < 4)
    @rule()
    def matter_of_the_school(self) -> None:
        made = self.ground.about(self.actor("cadre"), kind="school", category="conditions")
        case = Foreseen(
            made.pk, "school", "cadre", "director", "director", "cadre", "director",
            rows={("director", "owner", ""), ("cadre", "raiser", "")},
        )  # fmt: skip
        self.cases.append(case)

    # What is done.

    @rule(n=CASES, who=WHO, shared=st.booleans())
    def act(self, n: int, who: str, shared: bool) -> None:
        told: dict[str, Any] = {"kind": "talk", "on": today(), "text": "谈心", "shared": shared}
        case, name = self.of(n, who)
        if self.done(case, "act", name, lambda by: add_action(by=by, case_id=case.pk, **told)):
            assert case.state in LIVE
            if name == case.owner and case.owns(name) and case.state in IN_HAND and case.state != "acting":
                case.moves("act")

    @rule(n=CASES, who=WHO, seat=SEAT)
    def assign(self, n: int, who: str, seat: Seat) -> None:
        self._give(n, who, seat, "assign", assign_case)

    @rule(n=CASES, who=WHO, seat=SEAT)
    def hand_over(self, n: int, who: str, seat: Seat) -> None:
        self._give(n, who, seat, "hand_over", hand_over_case)

    def _give(self, n: int, who: str, seat: Seat, verb: str, service: Callable[..., None]) -> None:
        case, name = self.of(n, who)
        to, role = self.seat(case, seat)
        lead = case.leads(name)
        if self.done(case, verb, name, lambda by: service(
            by=by, case_id=case.pk, to_person_id=self.people[to].pk, role=role
        )):  # fmt: skip
            assert to in self.offices.holders(role, case.cls)
            assert not case.kept or role == "principal" or case.level not in ("class", "cohort", "school")
            level = case.level
            case.given_to(to, role)
            assert lead or case.level == level, "only who leads takes it to another level"
            assert LEVELS.index(case.level) <= max(LEVELS.index(level), 2), "nobody gives it higher at the bureau"
            if verb == "assign":
                case.moves("assign")
            else:
                self.put_right(case)

    @rule(n=CASES, who=WHO, ask=ASKED)
    def propose(self, n: int, who: str, ask: str) -> None:
        case, name = self.of(n, who)
        ask = case.owner if ask == "owner" else ask
        wanted = {"ask_person_id": self.people[ask].pk} if ask else {}
        if self.done(case, "propose", name, lambda by: propose_result(
            by=by, case_id=case.pk, result="solved", words="好了", **wanted
        )):  # fmt: skip
            case.moves("propose")
            if ask and ask != case.confirmer:
                assert ask in {"student": FAMILY, "teacher": {case.about}, "school": {"principal"}}[case.kind]
                case.asks(ask, self.offices)
            assert case.confirmer != case.owner, "nobody judges own work"

    @rule(n=CASES, who=WHO)
    def confirm(self, n: int, who: str) -> None:
        case, name = self.of(n, who)
        if self.done(case, "confirm", name, lambda by: confirm_case(by=by, case_id=case.pk)):
            case.moves("confirm")

    @rule(n=CASES, who=WHO, guardian=st.sampled_from(["mother", "father", "stranger", "colleague"]))
    def confirm_orally(self, n: int, who: str, guardian: str) -> None:
        case, name = self.of(n, who)
        if self.done(case, "confirm_orally", name, lambda by: confirm_orally(
            by=by, case_id=case.pk, guardian_id=self.people[guardian].pk, words="电话里"
        )):  # fmt: skip
            assert guardian == case.confirmer
            case.moves("confirm_orally")

    @rule(n=CASES, who=WHO)
    def deny(self, n: int, who: str) -> None:
        case, name = self.of(n, who)
        if self.done(case, "deny", name, lambda by: deny_case(by=by, case_id=case.pk, words="没有")):
            case.moves("deny")

    @rule(n=CASES, who=WHO)
    def take_back(self, n: int, who: str) -> None:
        case, name = self.of(n, who)
        if self.done(case, "take_back", name, lambda by: take_back_result(by=by, case_id=case.pk, words="又犯了")):
            case.moves("take_back")

    @rule(n=CASES, who=WHO)
    def reopen(self, n: int, who: str) -> None:
        case, name = self.of(n, who)
        if self.done(case, "reopen", name, lambda by: reopen_case(by=by, case_id=case.pk, words="又来了")):
            case.moves("reopen")
            case.cls = self.class_of_student() if case.kind == "student" else ""
            self.put_right(case)

    @rule(n=CASES, who=WHO, section=st.booleans())
    def send_up(self, n: int, who: str, section: bool) -> None:
        case, name = self.of(n, who)
        wanted: dict[str, Any] = {"section_id": self.ground.section.pk} if section else {}
        if self.done(case, "send_up", name, lambda by: send_up(by=by, case_id=case.pk, words="办不了", **wanted)):
            case.moves("send_up")
            now = CaseFile.unscoped.get(pk=case.pk)
            owner = self.names[now.owner_id]
            assert LEVELS.index(now.level) > LEVELS.index(case.level)
            assert not case.kept or now.level not in ("section", "director"), "what is confided stays"
            assert owner != case.owner
            assert owner in self.offices.holders(now.owner_role, case.cls)
            case.gives(owner, now.owner_role, now.level, case.cls)

    @rule(n=CASES, who=WHO, seat=SEAT)
    def send_down(self, n: int, who: str, seat: Seat) -> None:
        case, name = self.of(n, who)
        to, role = self.seat(case, seat)
        if self.done(case, "send_down", name, lambda by: send_down(
            by=by, case_id=case.pk, to_level=LEVEL_OF[role], to_person_id=self.people[to].pk, role=role,
            due=today(), decision="就这么办",
        )):  # fmt: skip
            case.moves("send_down")
            assert LEVELS.index(LEVEL_OF[role]) < LEVELS.index(case.level)
            case.gives(to, role, LEVEL_OF[role], case.cls)

    @rule(n=CASES, m=CASES, who=WHO)
    def merge(self, n: int, m: int, who: str) -> None:
        (case, name), (into, _name) = self.of(n, who), self.of(m, who)
        if self.done(case, "merge", name, lambda by: merge_cases(
            by=by, case_id=case.pk, into_id=into.pk, words="同一件"
        )):  # fmt: skip
            assert into.may("merge", name)
            assert (case.kind, case.about) == (into.kind, into.about)
            assert into.state in LIVE
            if into.less_urgent_than(case.tier):
                assert into.state != "awaiting", "what only waits for a word buries nothing urgent"
                into.becomes(case.tier, self.offices)
            case.moves("merge")

    @rule(n=CASES, who=WHO)
    def withdraw(self, n: int, who: str) -> None:
        case, name = self.of(n, who)
        if self.done(case, "withdraw", name, lambda by: withdraw_case(by=by, case_id=case.pk, words="好了")):
            assert name != case.owner or case.readers == {name}
            case.moves("withdraw")

    @rule(n=CASES, who=WHO)
    def consent(self, n: int, who: str) -> None:
        case, name = self.of(n, who)
        if case.consented:
            return
        if self.done(case, "consent", name, lambda by: consent_upward(by=by, case_id=case.pk), offered=case.kept):
            case.consented = True
            self.put_right(case)

    @rule(n=CASES, who=WHO, tier=TIERS)
    def tier(self, n: int, who: str, tier: str) -> None:
        case, name = self.of(n, who)
        if tier == case.tier:
            return
        if self.done(case, "tier", name, lambda by: change_tier(
            by=by, case_id=case.pk, tier=tier, words="看到了"
        ), offered=False):  # fmt: skip
            assert case.less_urgent_than(tier) or case.owns(name), "it is the owner who says that it is calmer"
            case.moves("tier")
            case.becomes(tier, self.offices)

    # What comes by time alone.

    @rule(n=CASES)
    def silence(self, n: int) -> None:
        case, _name = self.of(n, "owner")
        waits = case.state == "awaiting"
        CaseFile.unscoped.filter(pk=case.pk, state="awaiting").update(awaiting_since=clock.now() - 20 * DAY)
        assert close_silent(by=CALENDAR) == waits
        if waits:
            case.moves("silence")

    @rule(n=CASES)
    def climb(self, n: int) -> None:
        """It is overdue and was announced in time."""
        case, _name = self.of(n, "owner")
        CaseFile.unscoped.filter(pk=case.pk).update(due=YESTERDAY)
        announce_due(by=CALENDAR)
        Escalation.unscoped.filter(case_id=case.pk).update(not_before=clock.now())
        assert escalate_overdue(by=CALENDAR) == case.climbs
        if case.climbs:
            there = CaseFile.unscoped.get(pk=case.pk)
            owner = self.names[there.owner_id]
            assert LEVELS.index(there.level) > LEVELS.index(case.level)
            assert owner != case.owner
            assert owner in self.offices.holders(there.owner_role, case.cls)
            case.moves("escalate")
            case.gives(owner, there.owner_role, there.level, case.cls)

    # Who reads besides.

    @rule(n=CASES, who=WHO, seat=SEAT)
    def refer(self, n: int, who: str, seat: Seat) -> None:
        case, name = self.of(n, who)
        to, role = self.seat(case, seat)
        made: list[Referral] = []
        if self.done(case, "refer", name, lambda by: made.append(refer_case(
            by=by, case_id=case.pk, to_person_id=self.people[to].pk, to_role=role, reason="看看"
        ))):  # fmt: skip
            assert case.level in ("section", "director") or to not in BUREAU
            case.referrals[made[0].pk] = (to, role, "asked")

    @rule(n=CASES, accept=st.booleans(), take_over=st.booleans(), by=st.sampled_from(["asked", "asked", *CAST]))
    def answer(self, n: int, accept: bool, take_over: bool, by: str) -> None:
        case, _name = self.of(n, "owner")
        for pk, (to, role, state) in list(case.referrals.items()):
            name = to if by == "asked" else by
            if self.tried(name, partial(
                answer_referral, referral_id=pk, accept=accept, words="好", take_over=take_over
            )):  # fmt: skip
                assert (name, state) == (to, "asked")
                case.referrals[pk] = (to, role, "accepted" if accept else "refused")
                if accept:
                    assert case.state in LIVE
                    cls = case.cls if role == "homeroom_teacher" else ""
                    case.rows.add((to, "referral", cls))
                    if take_over and case.owner != to:
                        case.given_to(to, role)
                        case.moves("assign")

    @rule(n=CASES, by=st.sampled_from(["owner", "owner", *CAST]))
    def take_back_referral(self, n: int, by: str) -> None:
        case, name = self.of(n, by)
        for pk, (to, role, state) in list(case.referrals.items()):
            if self.tried(name, partial(take_back_referral, referral_id=pk)):
                assert Referral.unscoped.get(pk=pk).asked_by_id == self.people[name].pk
                assert state == "asked"
                assert case.inner(name)
                case.referrals[pk] = (to, role, "returned")

    @rule(n=CASES, by=st.sampled_from(["asked", "asked", *CAST]))
    def give_back(self, n: int, by: str) -> None:
        case, _name = self.of(n, "owner")
        for pk, (to, role, state) in list(case.referrals.items()):
            name = to if by == "asked" else by
            if self.tried(name, partial(return_referral, referral_id=pk, words="好了")):
                assert name == to
                assert state in ("asked", "accepted")
                case.referrals[pk] = (to, role, "returned")
                now = CaseFile.unscoped.get(pk=case.pk)
                if case.state in LIVE and case.owner == to:
                    owner = self.names[now.owner_id]
                    assert owner != to
                    assert owner in self.offices.holders(now.owner_role, case.cls)
                    case.gives(owner, now.owner_role, now.level, case.cls)
                case.rows -= {row for row in case.rows if row[0] == to and row[1] in ("referral", "former")}

    @rule(n=CASES, who=WHO, seat=SEAT)
    def name_reader(self, n: int, who: str, seat: Seat) -> None:
        case, name = self.of(n, who)
        to, role = self.seat(case, seat)
        if self.done(case, "name_reader", name, lambda by: name_reader(
            by=by, case_id=case.pk, person_id=self.people[to].pk, role=role
        )):  # fmt: skip
            assert to in self.offices.holders(role, case.cls)
            assert case.level in ("section", "director") or to not in BUREAU
            case.rows.add((to, "named", case.cls if role == "homeroom_teacher" else ""))

    @rule(n=CASES, who=WHO)
    def dismiss(self, n: int, who: str) -> None:
        case, name = self.of(n, who)
        for row in CaseReader.unscoped.filter(case_id=case.pk, until=None).exclude(why="owner")[:2]:
            if self.done(case, "dismiss_reader", name, partial(dismiss_reader, reader_id=row.pk)):
                assert row.why == "named"
                case.rows -= {one for one in case.rows if one[:2] == (self.names[row.person_id], "named")}

    # What happens around them.

    @rule(to=st.sampled_from(["homeroom", "subject"]))
    def appoint(self, to: str) -> None:
        if self.offices.homeroom["A"] == to:
            return
        school_class = self.ground.school.classes[0]
        appoint_homeroom_teacher(
            by=self.actor("principal"), school_class=school_class, teacher=self.people[to], on=today()
        )
        self.offices.homeroom["A"] = to
        self.all_right()

    @rule()
    def another_counselor(self) -> None:
        before = self.offices.counselor
        after = "counselor2" if before == "counselor" else "counselor"
        Post.unscoped.filter(person=self.people[before], kind="counselor", end=None).update(end=YESTERDAY)
        make.PostFactory(person=self.people[after], kind="counselor", school=self.ground.place, start=YESTERDAY)
        self.offices.counselor = after
        follow_the_calendar(by=CALENDAR)
        self.all_right()

    @rule()
    def to_another_class(self) -> None:
        to = self.ground.school.classes["AB".index(self.class_of_student()) ^ 1]
        move_student(by=self.actor("principal"), student=self.ground.student, to=to, on=today())
        here = self.class_of_student()
        for case in self.cases:
            if case.kind == "student":
                was, case.cls = case.cls, here
                case.referrals = dict(case.referrals)
                if case.state not in LIVE:
                    case.rows -= case.falls(self.offices)
                    case.cls = was
                else:
                    self.put_right(case)

    @rule()
    def morning(self) -> None:
        """Everything had been put right at once, but for one thing: where whoever was to say that it is solved reads it
        no more and nobody else could say it then, somebody may by now. Whoever proposes a result has to choose."""
        unheard = [case for case in self.cases if case.state in IN_HAND and case.confirmer not in case.readers]
        assert follow_the_calendar(by=CALENDAR) <= len(unheard)
        for case in unheard:
            self.put_right(case)

    # What always holds.

    @invariant()
    def is_as_foreseen(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for case in self.cases:
            now = CaseFile.unscoped.get(pk=case.pk)
            seen = (now.state, now.level, self.names[now.owner_id], now.owner_role, self.names[now.confirmer_id])
            assert seen == (case.state, case.level, case.owner, case.owner_role, case.confirmer)
            assert self.rows(case) == case.rows
            referrals = Referral.unscoped.filter(case=now).values_list("pk", "state")
            assert dict(referrals) == {pk: state for pk, (_to, _role, state) in case.referrals.items()}
            if case.state in LIVE:
                assert case.owns(case.owner), "an owner who does not read it owns nothing"
                assert case.owner in self.offices.holders(case.owner_role, case.cls)
            steps = list(CaseStep.unscoped.filter(case=now).order_by("at", "pk"))
            assert [step.from_state for step in steps[1:]] == [step.to_state for step in steps[:-1]]
            assert [step.from_owner_id for step in steps[1:]] == [step.to_owner_id for step in steps[:-1]]
            assert steps[-1].to_state == now.state
            assert steps[-1].to_owner_id == now.owner_id
        self.turn += 1
        for name in {CAST[self.turn % len(CAST)], *(case.owner for case in self.cases[-1:])}:
            self.reads_what_is_foreseen(name)


def _played(examples: int, steps: int, phases: tuple[Phase, ...] = (Phase.generate,)) -> None:
    ground = Ground()
    Machine.ground = ground
    at_school = {"homeroom": ground.teacher, "subject": make.actor_of(ground.school.subject[0], "teacher")}
    for name in ("colleague", "lead", "counselor", "principal", "moral", "deputy", "cadre", "head", "director"):
        at_school[name] = getattr(ground, name)
    at_school |= {"mother": ground.mother, "father": ground.father}
    Machine.cast = {name: Person.unscoped.get(pk=actor.person_id) for name, actor in at_school.items()}
    Machine.cast["counselor2"] = make.employee(ground.place)
    Machine.cast["stranger"] = make.guardian_of(ground.school.students[0][1])
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_no_sequence_of_actions_leaves_the_table_loses_an_owner_or_lets_anybody_in():
    _played(examples=4, steps=15)


@pytest.mark.nightly
@pytest.mark.django_db
def test_no_sequence_of_many_actions_does():
    _played(
        examples=int(os.environ.get("CARE_MACHINE_EXAMPLES", "1000")), steps=50, phases=(Phase.generate, Phase.shrink)
    )
