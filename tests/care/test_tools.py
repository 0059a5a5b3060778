"""What stands beside a case: ticks, the alert tier, before and after, marks; who may, and what is refused where."""

import datetime as dt

import pytest

from jiafang.access import reading, scope
from jiafang.care.models import CaseFile, CaseStep, ChecklistTick, Measure, Progress
from jiafang.care.protocol import PROTOCOL
from jiafang.care.services.measure import measure
from jiafang.care.services.progress import track
from jiafang.care.services.raise_tier import change_tier
from jiafang.care.services.tick import tick, untick
from jiafang.common.clock import today
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.notifications.models import Notification
from tests.care.working import Ground
from tests.factories import care
from tests.factories import organization as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground() -> Ground:
    return Ground()


def test_ticking_twice_is_once_and_can_be_taken_back(ground: Ground) -> None:
    for _again in range(2):
        tick(by=ground.teacher, case_id=ground.case.pk, tier="green", item="talked")
    row = ChecklistTick.unscoped.get()
    assert (row.by_id, row.item) == (ground.teacher.person_id, "talked")
    for _again in range(2):
        untick(by=ground.teacher, case_id=ground.case.pk, tier="green", item="talked")
    assert not ChecklistTick.unscoped.exists()


def test_what_is_not_on_the_list_is_not_ticked(ground: Ground) -> None:
    with pytest.raises(InputFault) as fault:
        tick(by=ground.teacher, case_id=ground.case.pk, tier="green", item="team_met")
    assert fault.value.place == "item"


def test_who_does_not_read_the_inner_work_does_nothing_beside_it(ground: Ground) -> None:
    pk = ground.case.pk
    cadre = make.actor_of(make.bureau_post("cadre"), "cadre")
    for by in (ground.colleague, ground.principal, ground.counselor, ground.mother, cadre):
        with pytest.raises(NotAllowed):
            tick(by=by, case_id=pk, tier="green", item="talked")
        with pytest.raises(NotAllowed):
            change_tier(by=by, case_id=pk, tier="red", words="看到了")
        with pytest.raises(NotAllowed):
            measure(by=by, case_id=pk, who="student", mood="1")
    assert not ChecklistTick.unscoped.exists()
    assert not Measure.unscoped.exists()
    assert ground.fresh().alert_tier == "green"


def test_a_guardian_who_reads_the_case_ticks_nothing(ground: Ground) -> None:
    own = care.student_case(ground.mother, ground.student, text="孩子最近不爱说话")
    with pytest.raises(NotAllowed):
        tick(by=ground.mother, case_id=own.pk, tier="green", item="talked")
    with reading(ground.mother):
        assert scope(ground.mother, CaseFile).filter(pk=own.pk).exists()


def test_a_higher_tier_calls_in_who_must_know_and_brings_the_due_day_nearer(ground: Ground) -> None:
    before = ground.case.due
    change_tier(by=ground.teacher, case_id=ground.case.pk, tier="orange", words="说不想活了")
    case = ground.fresh()
    assert (case.alert_tier, case.due) == ("orange", today() + dt.timedelta(days=3))
    assert case.due < before
    assert {ground.counselor.person_id, ground.principal.person_id} <= ground.readers()
    with reading(ground.counselor):
        assert scope(ground.counselor, CaseFile).get().text == ground.case.text
    with reading(ground.colleague):
        assert not scope(ground.colleague, CaseFile).exists()
    step = CaseStep.unscoped.get(case=case, verb="tier")
    assert step.internal
    assert "说不想活了" in step.note


def test_those_who_are_called_in_are_told_by_a_code_alone(ground: Ground) -> None:
    change_tier(by=ground.teacher, case_id=ground.case.pk, tier="yellow", words="整夜不睡")
    told = Notification.unscoped.filter(code="case.tier")
    assert [(row.person_id, row.capacity_kind, row.object_id) for row in told] == [
        (ground.counselor.person_id, "counselor", str(ground.case.pk))
    ]


def test_a_parent_at_the_school_is_not_called_in_about_the_own_child(ground: Ground) -> None:
    make.GuardianshipFactory(
        guardian_id=ground.counselor.person_id, student=ground.student, relation="father", is_primary=False
    )
    change_tier(by=ground.teacher, case_id=ground.case.pk, tier="orange", words="看到了")
    assert ground.counselor.person_id not in ground.readers()


def test_who_was_a_parent_once_is_not_called_in_about_the_own_child_either(ground: Ground) -> None:
    make.GuardianshipFactory(
        guardian_id=ground.counselor.person_id, student=ground.student, is_primary=False, revoked_on=today()
    )
    change_tier(by=ground.teacher, case_id=ground.case.pk, tier="orange", words="看到了")
    assert ground.counselor.person_id not in ground.readers()


def test_a_lower_tier_is_the_owners_word_and_moves_no_due_day(ground: Ground) -> None:
    change_tier(by=ground.teacher, case_id=ground.case.pk, tier="orange", words="说不想活了")
    due, readers = ground.fresh().due, ground.readers()
    with pytest.raises(NotAllowed):
        change_tier(by=ground.counselor, case_id=ground.case.pk, tier="green", words="好些了")
    change_tier(by=ground.counselor, case_id=ground.case.pk, tier="red", words="更急了")
    due = min(due, ground.fresh().due)
    change_tier(by=ground.teacher, case_id=ground.case.pk, tier="yellow", words="医生看过,好些了")
    case = ground.fresh()
    assert (case.alert_tier, case.due) == ("yellow", due)
    assert readers <= ground.readers()


@pytest.mark.parametrize(
    ("tier", "words", "place"), [("purple", "看到了", "tier"), ("red", "  ", "words"), ("red", "长" * 501, "words")]
)
def test_a_tier_is_refused_at_the_place_of_the_fault(ground: Ground, tier: str, words: str, place: str) -> None:
    with pytest.raises(InputFault) as fault:
        change_tier(by=ground.teacher, case_id=ground.case.pk, tier=tier, words=words)
    assert fault.value.place == place


def test_how_somebody_was_is_noted_once_a_day_and_apart_for_the_guardian(ground: Ground) -> None:
    pk = ground.case.pk
    measure(by=ground.teacher, case_id=pk, who="student", mood="1")
    measure(by=ground.teacher, case_id=pk, who="student", mood="2")
    measure(by=ground.teacher, case_id=pk, who="guardian", mood="1")
    with reading(ground.teacher):
        found = {(row.who, row.mood) for row in scope(ground.teacher, Measure)}
    assert found == {("student", "2"), ("guardian", "1")}
    with reading(ground.mother):
        assert not scope(ground.mother, Measure).exists()


@pytest.mark.parametrize(
    ("who", "mood", "days", "place"),
    [("aunt", "1", 0, "who"), ("student", "9", 0, "mood"), ("student", "1", 1, "on")],
)
def test_a_measure_is_refused_at_the_place_of_the_fault(
    ground: Ground, who: str, mood: str, days: int, place: str
) -> None:
    with pytest.raises(InputFault) as fault:
        measure(by=ground.teacher, case_id=ground.case.pk, who=who, mood=mood, on=today() + dt.timedelta(days=days))
    assert fault.value.place == place


def test_marks_are_entered_by_who_leads_the_student_and_read_by_nobody_else(ground: Ground) -> None:
    track(by=ground.teacher, person_id=ground.student.pk, kind="mark", label="数学月考", value="98.50")
    track(by=ground.teacher, person_id=ground.student.pk, kind="mark", label="数学月考", value=" 112 ")
    with reading(ground.teacher):
        assert [row.value for row in scope(ground.teacher, Progress)] == ["112"]
    for by in (ground.colleague, ground.counselor, ground.mother):
        with reading(by):
            assert not scope(by, Progress).exists()
        with pytest.raises(NotAllowed):
            track(by=by, person_id=ground.student.pk, kind="mark", label="数学月考", value="0")


@pytest.mark.parametrize(
    ("kind", "label", "value", "place"),
    [
        ("rank", "数学", "1", "kind"),
        ("mark", " ", "1", "label"),
        ("mark", "数学", "很好", "value"),
        ("mark", "数学", "nan", "value"),
        ("attendance", "本月", "101", "value"),
        ("attendance", "本月", "-1", "value"),
    ],
)
def test_a_number_is_refused_at_the_place_of_the_fault(
    ground: Ground, kind: str, label: str, value: str, place: str
) -> None:
    with pytest.raises(InputFault) as fault:
        track(by=ground.teacher, person_id=ground.student.pk, kind=kind, label=label, value=value)
    assert fault.value.place == place


def test_no_item_of_the_protocol_is_there_twice() -> None:
    for items in PROTOCOL.values():
        codes = [item.code for item in items]
        assert len(codes) == len(set(codes))
        assert all(len(code) <= 30 for code in codes)
