"""Cases go on when students move and posts end: owned by somebody, read by nobody who is not in office."""

import pytest

from jiafang.access import reading, system
from jiafang.care.models import BureauSection, CaseFile, CaseReader, Referral, SectionMember
from jiafang.care.services.act import add_action
from jiafang.care.services.assign import assign_case
from jiafang.care.services.confirm import confirm_case
from jiafang.care.services.hand_over import follow_the_calendar
from jiafang.care.services.readers import name_reader
from jiafang.care.services.refer import refer_case
from jiafang.care.services.reopen import reopen_case
from jiafang.care.services.sections import end_member
from jiafang.care.services.send import send_down, send_up
from jiafang.care.services.withdraw import withdraw_case
from jiafang.common.clock import today
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.notifications.models import Notification
from jiafang.organization.models import Guardianship, Pairing
from jiafang.organization.services.appoint import appoint_homeroom_teacher, unpair
from jiafang.organization.services.move import leave, move_student
from tests.care.ground import YESTERDAY, Ground, ends, now_of, offered, person_of, proposed, reads
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make

pytestmark = pytest.mark.django_db

CALENDAR = system("calendar")


@pytest.fixture
def ground():
    return Ground()


# Students who move.


def test_a_case_moves_with_the_student_to_another_school_and_the_former_reads_no_more(ground):
    case = care.student_case(ground.teacher, ground.student, alert_tier="orange")
    refer_case(
        by=ground.teacher, case_id=case.pk, to_person_id=ground.counselor.person_id, to_role="counselor", reason="看看"
    )
    name_reader(by=ground.principal, case_id=case.pk, person_id=ground.lead.person_id, role="cohort_lead")
    other = made.small_school()
    counselor = make.actor_of(make.school_post("counselor", other.school), "counselor")
    move_student(by=ground.administrator, student=ground.student, to=other.classes[0], on=today())
    moved = now_of(case)
    assert (moved.school_id, moved.school_class_id) == (other.school.pk, other.classes[0].pk)
    assert (moved.owner_id, moved.confirmer_id) == (other.homeroom[0].pk, other.homeroom[0].pk)
    former = (ground.teacher, ground.principal, ground.moral, ground.lead, ground.counselor)
    assert not any(reads(one, case) for one in former)
    assert reads(other.by, case), "an orange case is read by the principal, now of the new school"
    assert reads(counselor, case)
    assert Referral.unscoped.get(case=case).state == "returned"
    with reading(ground.counselor):
        assert not CaseFile.unscoped.exists()
    for verb in (lambda: add_action(by=ground.teacher, case_id=case.pk, kind="talk", on=today(), text="x"),):
        with pytest.raises(NotAllowed):
            verb()


def test_a_closed_case_of_a_student_who_moved_is_read_by_the_former_school_no_more(ground):
    case = care.student_case(ground.mother, ground.student)
    proposed(ground.teacher, case)
    confirm_case(by=ground.mother, case_id=case.pk)
    other = made.small_school()
    move_student(by=ground.administrator, student=ground.student, to=other.classes[0], on=today())
    assert not reads(ground.teacher, case)
    assert not reads(make.actor_of(other.homeroom[0], "teacher"), case)
    reopen_case(by=ground.mother, case_id=case.pk, words="又来了")
    again = now_of(case)
    assert (again.state, again.owner_id, again.school_id) == ("reopened", other.homeroom[0].pk, other.school.pk)
    assert reads(make.actor_of(other.homeroom[0], "teacher"), case)


def test_a_case_of_a_student_who_left_stays_with_the_school_and_is_ended_with_a_reason(ground):
    case = care.student_case(ground.teacher, ground.student)
    leave(by=ground.administrator, student=ground.student, reason="left", on=today())
    left = now_of(case)
    assert (left.level, left.owner_id, left.state) == ("school", ground.principal.person_id, "open")
    assert not reads(ground.teacher, case)
    with pytest.raises(InputFault):
        withdraw_case(by=ground.principal, case_id=case.pk, words="")
    assert "withdraw" in offered(ground.principal, case)
    withdraw_case(by=ground.principal, case_id=case.pk, words="已转到外省,情况告知了对方学校")
    assert (now_of(case).state, now_of(case).result) == ("closed", "withdrawn")


# Posts that end.


def test_a_new_homeroom_teacher_follows_and_nobody_else_reads(ground):
    case = care.student_case(ground.mother, ground.student)
    before = set(CaseReader.unscoped.filter(case=case, until=None).values_list("person_id", flat=True))
    follower = ground.school.subject[0]
    appoint_homeroom_teacher(by=ground.principal, school_class=ground.school.classes[0], teacher=follower, on=today())
    after = set(CaseReader.unscoped.filter(case=case, until=None).values_list("person_id", flat=True))
    assert after == before - {ground.teacher.person_id} | {follower.pk}
    told = Notification.unscoped.filter(person_id=follower.pk, code="case.handed_over")
    assert told.count() == 1


def test_whoever_kept_another_post_reads_no_more_what_the_ended_one_opened(ground):
    case = care.student_case(ground.mother, ground.student)
    make.subject_teacher(ground.school.classes[0], person_of(ground.teacher))
    ends({"person_id": ground.teacher.person_id, "kind": "homeroom_teacher"})
    follow_the_calendar(by=CALENDAR)
    assert now_of(case).owner_id == ground.lead.person_id
    assert not reads(ground.teacher, case)


def test_whoever_becomes_a_parent_of_the_child_reads_it_no_more_from_that_moment(ground):
    case = care.student_case(ground.teacher, ground.student, alert_tier="yellow")
    assert reads(ground.counselor, case)
    make.guardian_of(ground.student, person_of(ground.counselor), is_primary=False)
    assert not reads(ground.counselor, case)
    assert follow_the_calendar(by=CALENDAR) == 1
    assert not CaseReader.unscoped.filter(case=case, person_id=ground.counselor.person_id, until=None).exists()


def test_a_guardian_who_may_not_see_the_child_reads_nothing_from_that_moment(ground):
    case = care.student_case(ground.mother, ground.student)
    Guardianship.unscoped.filter(guardian_id=ground.mother.person_id).update(may_see=False)
    sister = ground.school.students[0][1]
    make.guardian_of(sister, person_of(ground.mother))
    assert not reads(make.actor_of(person_of(ground.mother), "guardian"), case)
    follow_the_calendar(by=CALENDAR)
    assert now_of(case).confirmer_id == ground.father.person_id


def test_whoever_has_sent_it_up_reads_how_it_goes_on_and_owns_it_no_more(ground):
    case = care.student_case(ground.teacher, ground.student)
    send_up(by=ground.teacher, case_id=case.pk, words="办不了")
    assert now_of(case).owner_id == ground.lead.person_id
    assert reads(ground.teacher, case)
    former = CaseReader.unscoped.filter(case=case, person_id=ground.teacher.person_id, until=None)
    assert set(former.values_list("why", flat=True)) == {"former", "raiser"}
    with pytest.raises(NotAllowed):
        proposed(ground.teacher, case, ask_person_id=ground.mother.person_id)


def test_a_cadre_who_is_paired_no_more_reads_and_owns_no_more(ground):
    case = ground.about(ground.principal, kind="school", category="conditions")
    send_down(
        by=ground.director, case_id=case.pk, to_level="section", to_person_id=ground.head.person_id, role="section",
        due=today(), decision="办",
    )  # fmt: skip
    assign_case(by=ground.head, case_id=case.pk, to_person_id=ground.cadre.person_id, role="cadre")
    assert (now_of(case).owner_id, now_of(case).section_id) == (ground.cadre.person_id, ground.section.pk)
    unpair(by=ground.administrator, pairing=Pairing.unscoped.get(pk=ground.pairing.pk), on=today())
    assert now_of(case).owner_id == ground.head.person_id
    assert not reads(ground.cadre, case)


def test_a_cadre_of_another_section_reads_no_more_once_the_pairing_has_ended(ground):
    """By being on the staff of the bureau nobody reads: not what they were shown, nor what they once owned."""
    other = BureauSection.objects.create(name="财务科")
    for cadre in (ground.cadre, ground.head):
        SectionMember.unscoped.create(section=other, person_id=cadre.person_id, start=make.LONG_AGO)
    case = ground.about(ground.principal, kind="school", category="conditions")
    send_down(
        by=ground.director, case_id=case.pk, to_level="section", to_person_id=ground.head.person_id, role="section",
        due=today(), decision="办",
    )  # fmt: skip
    name_reader(by=ground.head, case_id=case.pk, person_id=ground.cadre.person_id, role="cadre")
    assert reads(ground.cadre, case)
    unpair(by=ground.administrator, pairing=Pairing.unscoped.get(pk=ground.pairing.pk), on=today())
    assert not reads(ground.cadre, case)
    assert reads(ground.head, case)
    send_up(by=ground.head, case_id=case.pk, words="办不了")
    assert reads(ground.head, case), "of the section that has it"
    SectionMember.unscoped.filter(section=ground.section).update(end=YESTERDAY)
    assert follow_the_calendar(by=CALENDAR) == 1
    assert not reads(ground.head, case)


def test_readers_by_role_are_followed_by_those_in_the_role_and_no_others(ground):
    case = care.student_case(ground.teacher, ground.student, alert_tier="yellow")
    assert reads(ground.counselor, case)
    follower = make.actor_of(make.school_post("counselor", ground.place), "counselor")
    assert not reads(follower, case)
    ends({"person_id": ground.counselor.person_id})
    follow_the_calendar(by=CALENDAR)
    assert not reads(ground.counselor, case)
    assert reads(follower, case)
    assert not reads(ground.principal, case)


def put_to_the_counselor(ground) -> CaseFile:
    """Not accepted yet, so the counselor is on no list of readers."""
    case = care.student_case(ground.teacher, ground.student)
    refer_case(
        by=ground.teacher, case_id=case.pk, to_person_id=ground.counselor.person_id, to_role="counselor", reason="看看"
    )
    return case


def test_what_was_put_to_a_counselor_whose_post_has_ended_is_given_back_the_next_morning(ground):
    case = put_to_the_counselor(ground)
    assert follow_the_calendar(by=CALENDAR) == 0
    ends({"person_id": ground.counselor.person_id})
    assert follow_the_calendar(by=CALENDAR) == 1
    assert Referral.unscoped.get(case=case).state == "returned"
    assert Notification.unscoped.filter(person=ground.teacher.person_id, code="case.referral_answered").exists()


def test_what_was_put_to_a_member_of_a_section_who_leaves_it_is_given_back_at_once(ground):
    other = make.actor_of(make.PostFactory(kind="cadre").person, "cadre")
    member = SectionMember.unscoped.create(section=ground.section, person_id=other.person_id, start=make.LONG_AGO)
    case = ground.about(ground.principal, kind="school", category="conditions")
    send_down(
        by=ground.director, case_id=case.pk, to_level="section", to_person_id=ground.head.person_id, role="section",
        due=today(), decision="办",
    )  # fmt: skip
    refer_case(by=ground.head, case_id=case.pk, to_person_id=other.person_id, to_role="section", reason="懂锅炉")
    end_member(by=ground.administrator, member_id=member.pk)
    assert Referral.unscoped.get(case=case).state == "returned"


def test_the_calendar_changes_nothing_twice(ground):
    care.student_case(ground.mother, ground.student, alert_tier="orange")
    ground.about(ground.teacher, person_id=ground.teacher.person_id, category="mind")
    ground.about(ground.cadre, kind="school", category="conditions")
    assert follow_the_calendar(by=CALENDAR) == 0
    ends({"person_id": ground.teacher.person_id})
    assert follow_the_calendar(by=CALENDAR) > 0
    assert follow_the_calendar(by=CALENDAR) == 0
