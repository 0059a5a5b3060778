"""The way of a case through the services, on every tier."""

import datetime as dt
from typing import Any

import pytest

from jiafang.access import reading, scope
from jiafang.care.models import CaseAction, CaseFile, CaseReader, Message, Referral
from jiafang.care.scope import ANSWER
from jiafang.care.selectors.offers import offers
from jiafang.care.services.act import add_action
from jiafang.care.services.assign import assign_case
from jiafang.care.services.confirm import confirm_case, confirm_orally, deny_case
from jiafang.care.services.consent import consent_upward
from jiafang.care.services.merge import merge_cases
from jiafang.care.services.propose import propose_result
from jiafang.care.services.raise_case import Difficulty, raise_case
from jiafang.care.services.refer import answer_referral, refer_case, return_referral
from jiafang.care.services.reopen import reopen_case
from jiafang.care.services.send import send_down, send_up
from jiafang.care.services.withdraw import withdraw_case
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.organization.services.appoint import appoint_homeroom_teacher
from jiafang.organization.services.move import move_student
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def director():
    return make.actor_of(make.bureau_post("director"), "director")


@pytest.fixture
def school(director):
    return made.small_school()


@pytest.fixture
def teacher(school):
    return make.actor_of(school.homeroom[0], "teacher")


@pytest.fixture
def student(school):
    return school.students[0][0]


@pytest.fixture
def mother(student):
    return make.actor_of(make.guardian_of(student), "guardian")


def act(by, case, text="谈了心", **fields):
    return add_action(by=by, case_id=case.pk, **{"kind": "talk", "on": today(), "text": text} | fields)


def reads(actor, case) -> bool:
    with reading(actor):
        return scope(actor, CaseFile).filter(pk=case.pk).exists()


def test_a_students_case_from_a_talk_to_the_word_of_the_mother(school, teacher, student, mother):
    counselor = make.actor_of(make.school_post("counselor", school.school), "counselor")
    case = care.student_case(teacher, student)
    act(teacher, case, "第一次谈心")
    refer_case(by=teacher, case_id=case.pk, to_person_id=counselor.person_id, to_role="counselor", reason="晚上睡不着")
    assert not reads(counselor, case)
    with reading(counselor):
        assert scope(counselor, Referral, ANSWER).get().reason == "晚上睡不着"
    answer_referral(by=counselor, referral_id=Referral.unscoped.get().pk, accept=True, words="好")
    assert reads(counselor, case)
    act(counselor, case, "辅导一次", kind="counseling")
    with pytest.raises(InputFault) as fault:
        propose_result(by=teacher, case_id=case.pk, result="solved", words="好多了")
    assert fault.value.place == "ask_person_id"
    propose_result(by=teacher, case_id=case.pk, result="solved", words="好多了", ask_person_id=mother.person_id)
    with pytest.raises(NotAllowed):
        confirm_case(by=teacher, case_id=case.pk)
    deny_case(by=mother, case_id=case.pk, words="夜里还是睡不好")
    case.refresh_from_db()
    assert case.state == "acting"
    propose_result(by=teacher, case_id=case.pk, result="solved", words="真的好多了")
    confirm_case(by=mother, case_id=case.pk)
    case.refresh_from_db()
    assert (case.state, case.result, case.closed_by_silence) == ("closed", "solved", False)
    reopen_case(by=mother, case_id=case.pk, words="又不好了")
    case.refresh_from_db()
    assert (case.state, case.owner_id, case.times_reopened) == ("reopened", teacher.person_id, 1)


def test_the_mother_reads_nothing_of_the_inner_work(teacher, student, mother):
    case = care.student_case(teacher, student)
    act(teacher, case, "只给老师看的")
    act(teacher, case, "家长也能看的", shared=True)
    propose_result(by=teacher, case_id=case.pk, result="partly", words="好些了", ask_person_id=mother.person_id)
    with reading(mother):
        assert [row.text for row in scope(mother, CaseAction)] == ["家长也能看的"]
        assert not scope(mother, Message).exists()


def test_a_word_said_on_the_telephone_closes_it_for_the_guardian_who_was_asked(teacher, student, mother):
    case = care.student_case(teacher, student)
    propose_result(by=teacher, case_id=case.pk, result="solved", words="好了", ask_person_id=mother.person_id)
    other = make.guardian_of(student, is_primary=False)
    with pytest.raises(InputFault):
        confirm_orally(by=teacher, case_id=case.pk, guardian_id=other.pk, words="电话里说的")
    confirm_orally(by=teacher, case_id=case.pk, guardian_id=mother.person_id, words="昨晚电话里说解决了")
    case.refresh_from_db()
    assert case.state == "closed"


def test_a_teachers_housing_goes_to_a_section_with_a_deadline_and_is_confirmed_by_the_teacher(school, director):
    section, head = care.bureau_section()
    by_section = make.actor_of(head, "cadre")
    teacher = make.actor_of(school.homeroom[1], "teacher")
    told = Difficulty(
        category="life",
        text="宿舍漏雨",
        subject_kind="teacher",
        person_id=teacher.person_id,
        school_id=school.school.pk,
        heard_from=teacher.person_id,
    )
    case = raise_case(by=school.by, difficulty=told)
    assert (case.level, case.owner_id, case.confirmer_id) == ("school", school.principal.pk, teacher.person_id)
    send_up(by=school.by, case_id=case.pk, words="学校修不了", section_id=section.pk, for_meeting=True)
    case.refresh_from_db()
    assert (case.level, case.owner_id, case.section_id, case.for_meeting) == ("section", head.pk, section.pk, True)
    due = today() + dt.timedelta(5)
    send_down(
        by=by_section,
        case_id=case.pk,
        to_level="school",
        to_person_id=school.principal.pk,
        role="principal",
        due=due,
        decision="拨款修缮",
    )
    case.refresh_from_db()
    assert (case.level, case.owner_id, case.due) == ("school", school.principal.pk, due)
    propose_result(by=school.by, case_id=case.pk, result="solved", words="修好了")
    confirm_case(by=teacher, case_id=case.pk, words="不漏了")
    case.refresh_from_db()
    assert case.state == "closed"


def test_what_a_teacher_confides_goes_up_with_their_word_alone(school, director):
    teacher = make.actor_of(school.homeroom[0], "teacher")
    case = raise_case(
        by=teacher,
        difficulty=Difficulty(
            category="health", text="身体不好", subject_kind="teacher", person_id=teacher.person_id,
            school_id=school.school.pk,
        ),
    )  # fmt: skip
    with pytest.raises(Conflict):
        send_up(by=school.by, case_id=case.pk, words="请局里帮忙")
    with reading(teacher):
        assert "consent" in offers(teacher, case)
    consent_upward(by=teacher, case_id=case.pk)
    send_up(by=school.by, case_id=case.pk, words="请局里帮忙")
    case.refresh_from_db()
    assert case.owner_id == director.person_id


def test_a_new_homeroom_teacher_takes_the_cases_of_the_class_over_and_the_former_reads_no_more(
    school, teacher, student
):
    case = care.student_case(teacher, student)
    successor = school.subject[0]
    appoint_homeroom_teacher(by=school.by, school_class=school.classes[0], teacher=successor, on=today())
    case.refresh_from_db()
    assert case.owner_id == successor.pk
    assert reads(make.actor_of(successor, "teacher"), case)
    assert not CaseReader.unscoped.filter(case=case, person_id=teacher.person_id, until=None).exists()


def test_a_case_goes_along_to_the_new_class(school, teacher, student):
    case = care.student_case(teacher, student)
    move_student(by=school.by, student=student, to=school.classes[1], on=today())
    case.refresh_from_db()
    assert (case.school_class_id, case.owner_id) == (school.classes[1].pk, school.homeroom[1].pk)
    assert not reads(teacher, case)
    assert reads(make.actor_of(school.homeroom[1], "teacher"), case)


def test_a_referral_is_refused_with_a_word_accepted_and_given_back(school, teacher, student):
    counselor = make.actor_of(make.school_post("counselor", school.school), "counselor")
    case = care.student_case(teacher, student)
    ask: dict[str, Any] = {"case_id": case.pk, "to_person_id": counselor.person_id, "to_role": "counselor"}
    ask["reason"] = "请看看"
    first = refer_case(by=teacher, **ask)
    with pytest.raises(Conflict):
        refer_case(by=teacher, **ask)
    with pytest.raises(InputFault):
        answer_referral(by=counselor, referral_id=first.pk, accept=False, words=" ")
    answer_referral(by=counselor, referral_id=first.pk, accept=False, words="我下周不在")
    second = refer_case(by=teacher, **ask)
    answer_referral(by=counselor, referral_id=second.pk, accept=True, words="", take_over=True)
    case.refresh_from_db()
    assert case.owner_id == counselor.person_id
    return_referral(by=counselor, referral_id=second.pk, words="已稳定,请班里接着关心")
    case.refresh_from_db()
    assert case.owner_id == teacher.person_id
    assert not reads(counselor, case)


def test_others_can_do_nothing(school, teacher, student, mother):
    case = care.student_case(teacher, student)
    colleague = make.actor_of(school.homeroom[1], "teacher")
    for do in (
        lambda: act(colleague, case),
        lambda: propose_result(
            by=colleague, case_id=case.pk, result="solved", words="x", ask_person_id=mother.person_id
        ),
        lambda: assign_case(by=colleague, case_id=case.pk, to_person_id=colleague.person_id, role="homeroom_teacher"),
        lambda: send_up(by=colleague, case_id=case.pk, words="x"),
        lambda: withdraw_case(by=colleague, case_id=case.pk, words="x"),
        lambda: confirm_case(by=mother, case_id=case.pk),
        lambda: act(mother, case),
        lambda: reopen_case(by=colleague, case_id=case.pk, words="x"),
    ):
        with pytest.raises(NotAllowed):
            do()
    case.refresh_from_db()
    assert (case.state, case.revision) == ("open", 1)


def test_two_of_one_are_joined_and_of_two_people_never(school, teacher, student):
    one, other = care.student_case(teacher, student), care.student_case(teacher, student)
    of_another = care.student_case(teacher, school.students[0][1])
    with pytest.raises(InputFault):
        merge_cases(by=teacher, case_id=one.pk, into_id=of_another.pk, words="")
    merge_cases(by=teacher, case_id=one.pk, into_id=other.pk, words="说的是同一件")
    one.refresh_from_db()
    assert (one.state, one.result, one.merged_into_id) == ("closed", "merged", other.pk)
    with pytest.raises(Conflict):
        reopen_case(by=teacher, case_id=one.pk, words="x")


def test_who_looked_at_an_older_state_is_told_so(school, teacher, student, mother):
    case = care.student_case(teacher, student)
    act(teacher, case)
    with pytest.raises(Conflict):
        send_up(by=teacher, case_id=case.pk, words="x", revision=1)
