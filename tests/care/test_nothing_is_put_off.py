"""Neither joining it to another nor giving it on makes a case less urgent, or lets it wait where nobody above hears."""

import datetime as dt

import pytest

from jiafang.access import reading
from jiafang.care.models import CaseStep
from jiafang.care.services.act import add_action
from jiafang.care.services.assign import assign_case
from jiafang.care.services.choosable import people_to_choose
from jiafang.care.services.merge import merge_cases
from jiafang.care.services.readers import name_reader
from jiafang.care.services.send import send_down, send_up
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault
from jiafang.notifications.models import Notification
from tests.care.ground import Ground, now_of, proposed, reads
from tests.factories import care
from tests.factories import organization as make

pytestmark = pytest.mark.django_db

IN_THREE_WEEKS = today() + dt.timedelta(days=21)


@pytest.fixture
def ground():
    return Ground()


def told(who, code) -> int:
    return Notification.unscoped.filter(person_id=who.person_id, code=code).count()


# Joined.


def test_what_is_joined_makes_the_other_as_urgent_and_calls_in_whom_that_names(ground):
    urgent = care.student_case(ground.mother, ground.student, alert_tier="red")
    calm = care.student_case(ground.teacher, ground.student)
    merge_cases(by=ground.teacher, case_id=urgent.pk, into_id=calm.pk, words="同一件")
    assert (now_of(calm).alert_tier, now_of(calm).due) == ("red", urgent.due)
    assert CaseStep.unscoped.filter(case=calm, verb="tier", internal=True).count() == 1
    for one in (ground.counselor, ground.lead, ground.moral, ground.principal):
        assert reads(one, calm)
        assert (told(one, "case.merged"), told(one, "case.tier")) == (1, 1)
    assert not reads(ground.mother, calm), "who reads the one does not read the other by that"


def test_the_earlier_day_of_the_two_goes_along(ground):
    soon = care.student_case(ground.mother, ground.student)
    later = care.student_case(ground.mother, ground.student)
    soon_due = today() + dt.timedelta(days=2)
    assign_case(
        by=ground.teacher, case_id=soon.pk, to_person_id=ground.counselor.person_id, role="counselor", due=soon_due
    )
    assign_case(by=ground.teacher, case_id=later.pk, to_person_id=ground.counselor.person_id, role="counselor")
    merge_cases(by=ground.counselor, case_id=soon.pk, into_id=later.pk, words="同一件")
    assert (now_of(later).alert_tier, now_of(later).due) == ("green", soon_due)
    assert CaseStep.unscoped.filter(case=later, verb="due").count() == 1


def test_a_calmer_one_changes_nothing_of_the_other_and_whoever_works_on_either_is_told(ground):
    calm = care.student_case(ground.mother, ground.student)
    urgent = care.student_case(ground.teacher, ground.student, alert_tier="yellow")
    name_reader(by=ground.teacher, case_id=calm.pk, person_id=ground.lead.person_id, role="cohort_lead")
    merge_cases(by=ground.teacher, case_id=calm.pk, into_id=urgent.pk, words="同一件")
    assert (now_of(urgent).alert_tier, now_of(urgent).due, now_of(urgent).revision) == ("yellow", urgent.due, 1)
    assert not reads(ground.lead, urgent)
    assert told(ground.lead, "case.merged") == told(ground.counselor, "case.joined") == 1


def test_what_is_urgent_is_not_joined_to_what_only_waits_for_a_word(ground):
    urgent = care.student_case(ground.mother, ground.student, alert_tier="orange")
    done = care.student_case(ground.mother, ground.student)
    proposed(ground.teacher, done)
    with pytest.raises(Conflict):
        merge_cases(by=ground.teacher, case_id=urgent.pk, into_id=done.pk, words="同一件")
    assert now_of(urgent).state == "open"


# Another day.


def test_its_owner_brings_the_day_nearer_and_never_puts_it_off(ground):
    case = care.student_case(ground.mother, ground.student, alert_tier="orange")
    to = {"to_person_id": ground.counselor.person_id, "role": "counselor"}
    with pytest.raises(InputFault) as fault:
        assign_case(by=ground.teacher, case_id=case.pk, due=case.due + dt.timedelta(days=1), **to)
    assert fault.value.place == "due"
    assign_case(by=ground.teacher, case_id=case.pk, due=today(), **to)
    assert now_of(case).due == today()


def test_whoever_leads_takes_no_case_over_for_longer_than_it_had(ground):
    case = care.student_case(ground.mother, ground.student, alert_tier="orange")
    own = {"to_person_id": ground.principal.person_id, "role": "principal"}
    with pytest.raises(InputFault):
        assign_case(by=ground.principal, case_id=case.pk, due=IN_THREE_WEEKS, **own)
    assign_case(by=ground.principal, case_id=case.pk, **own)
    with pytest.raises(InputFault):
        assign_case(by=ground.principal, case_id=case.pk, due=IN_THREE_WEEKS, **own)
    assert now_of(case).due == case.due


def test_whoever_leads_gives_its_owner_another_day_and_all_who_wait_for_it_hear(ground):
    case = care.student_case(ground.mother, ground.student, alert_tier="orange")
    add_action(by=ground.teacher, case_id=case.pk, kind="talk", on=today(), text="谈了")
    own = {"to_person_id": ground.teacher.person_id, "role": "homeroom_teacher"}
    assign_case(by=ground.principal, case_id=case.pk, due=IN_THREE_WEEKS, note="等医院的号", **own)
    now = now_of(case)
    assert (now.due, now.state, now.owner_id) == (IN_THREE_WEEKS, "acting", ground.teacher.person_id)
    step = CaseStep.unscoped.get(case=case, verb="due")
    assert IN_THREE_WEEKS.isoformat() in step.note
    assert not step.internal
    assert told(ground.mother, "case.due") == told(ground.teacher, "case.due") == 1
    for due in (None, IN_THREE_WEEKS):  # nothing would change
        with pytest.raises(InputFault):
            assign_case(by=ground.principal, case_id=case.pk, due=due, **own)


@pytest.mark.parametrize(("tier", "days"), [("green", 366), ("yellow", 366), ("orange", 3), ("red", 1)])
def test_what_is_decided_above_and_urgent_gets_no_more_days_than_its_tier_has(ground, tier, days):
    case = care.student_case(ground.mother, ground.student, alert_tier=tier)
    send_up(by=ground.teacher, case_id=case.pk, words="请学校定")
    latest = today() + dt.timedelta(days=days)
    down = {"case_id": case.pk, "to_level": "class", "to_person_id": ground.teacher.person_id}
    down |= {"role": "homeroom_teacher", "decision": "就这么办"}
    above = make.actor_of(now_of(case).owner, now_of(case).owner_role)
    with pytest.raises(InputFault) as fault:
        send_down(by=above, due=latest + dt.timedelta(days=1), **down)
    assert fault.value.place == "due"
    assert now_of(case).owner_id == above.person_id
    send_down(by=above, due=latest, **down)
    assert now_of(case).due == latest


def test_the_owner_can_be_chosen_by_whoever_leads_alone(ground):
    case = care.student_case(ground.mother, ground.student, alert_tier="orange")
    for by, offered in ((ground.principal, True), (ground.teacher, False)):
        with reading(by):
            people = people_to_choose(by=by, case=now_of(case))
        assert (ground.teacher.person_id in {one.person_id for one in people.to_give}) == offered
