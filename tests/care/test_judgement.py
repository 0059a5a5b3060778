"""Judgement calls, tried as somebody would who wants to close, see or pass on what is not theirs."""

import datetime as dt
from typing import Any

import pytest

from jiafang.access import reading, scope, system
from jiafang.care.models import CaseReader, CaseStep
from jiafang.care.selectors.offers import candidates
from jiafang.care.services.act import add_action
from jiafang.care.services.assign import assign_case
from jiafang.care.services.confirm import confirm_case, confirm_orally, deny_case
from jiafang.care.services.consent import consent_upward
from jiafang.care.services.hand_over import follow_the_calendar, hand_over_case
from jiafang.care.services.merge import merge_cases
from jiafang.care.services.readers import dismiss_reader, name_reader
from jiafang.care.services.refer import answer_referral, refer_case, return_referral
from jiafang.care.services.reopen import reopen_case
from jiafang.care.services.send import send_down, send_up
from jiafang.care.services.withdraw import withdraw_case
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.notifications.models import Notification
from jiafang.organization.models import Guardianship
from jiafang.organization.services.appoint import unpair
from jiafang.organization.services.correct import revoke_guardianship
from tests.care.ground import Ground, ends, now_of, offered, person_of, proposed, reads
from tests.factories import care
from tests.factories import organization as make

pytestmark = pytest.mark.django_db

CALENDAR = system("calendar")


@pytest.fixture
def ground():
    return Ground()


# Who says that it is solved.


def test_an_owner_who_became_the_confirmer_does_not_say_that_it_is_solved(ground):
    case = ground.about(ground.principal, person_id=ground.teacher.person_id)
    assert now_of(case).confirmer_id == ground.principal.person_id
    with pytest.raises(InputFault) as fault:
        proposed(ground.principal, case)
    assert fault.value.place == "ask_person_id"
    proposed(ground.principal, case, ask_person_id=ground.teacher.person_id)
    assert "confirm" not in offered(ground.principal, case)
    with pytest.raises(NotAllowed):
        confirm_case(by=ground.principal, case_id=case.pk)
    confirm_case(by=ground.teacher, case_id=case.pk)
    assert now_of(case).state == "closed"


def test_a_result_that_waits_for_its_new_owner_waits_for_somebody_else(ground):
    case = ground.about(ground.principal, person_id=ground.teacher.person_id)
    assign_case(by=ground.principal, case_id=case.pk, to_person_id=ground.moral.person_id, role="moral_deputy")
    proposed(ground.moral, case)
    hand_over_case(by=ground.moral, case_id=case.pk, to_person_id=ground.principal.person_id, role="principal")
    case = now_of(case)
    assert (case.state, case.owner_id) == ("awaiting", ground.principal.person_id)
    assert case.confirmer_id == ground.teacher.person_id
    with pytest.raises(NotAllowed):
        confirm_case(by=ground.principal, case_id=case.pk)


def test_a_word_by_telephone_is_that_of_a_guardian_and_of_the_one_who_was_asked(ground):
    subject = make.actor_of(ground.school.subject[0], "teacher")
    case = care.student_case(subject, ground.student)
    proposed(ground.teacher, case)
    assert now_of(case).confirmer_id == subject.person_id
    assert "confirm_orally" not in offered(ground.teacher, case)
    for person in (subject, ground.mother, ground.teacher):
        with pytest.raises(InputFault):
            confirm_orally(by=ground.teacher, case_id=case.pk, guardian_id=person.person_id, words="说好了")
    assert now_of(case).state == "awaiting"


def test_nobody_is_asked_who_may_not_see_the_student(ground):
    case = care.student_case(ground.teacher, ground.student)
    Guardianship.unscoped.filter(guardian_id=ground.father.person_id).update(may_see=False)
    stranger = make.guardian_of(ground.school.students[0][1])
    for person_id in (ground.father.person_id, stranger.pk, ground.colleague.person_id, ground.teacher.person_id):
        with pytest.raises(InputFault):
            proposed(ground.teacher, case, ask_person_id=person_id)
    assert not CaseReader.unscoped.filter(case=case).exclude(person_id=ground.teacher.person_id).exists()


def test_where_there_is_no_guardian_the_principal_is_asked(ground):
    child = ground.school.students[0][1]
    case = care.student_case(ground.teacher, child)
    proposed(ground.teacher, case, ask_person_id=ground.principal.person_id)
    confirm_case(by=ground.principal, case_id=case.pk)
    assert now_of(case).state == "closed"


def test_a_guardian_who_is_none_any_more_gives_way_to_the_other_and_it_is_shown(ground):
    case = care.student_case(ground.mother, ground.student)
    proposed(ground.teacher, case)
    row = Guardianship.unscoped.get(guardian_id=ground.mother.person_id)
    revoke_guardianship(by=ground.principal, guardianship=row, on=today())
    assert now_of(case).confirmer_id == ground.father.person_id
    assert not reads(ground.mother, case)
    with reading(ground.father):
        shown = scope(ground.father, CaseStep).filter(verb="hand_over").get()
    assert ground.father.name in shown.note
    assert Notification.unscoped.filter(person_id=ground.father.person_id, code="case.asked").exists()
    confirm_case(by=ground.father, case_id=case.pk)


def test_without_another_guardian_the_raiser_says_it(ground):
    subject = make.actor_of(ground.school.subject[0], "teacher")
    case = care.student_case(subject, ground.student)
    proposed(ground.teacher, case, ask_person_id=ground.mother.person_id)
    for guardian in (ground.father, ground.mother):
        row = Guardianship.unscoped.get(guardian_id=guardian.person_id)
        revoke_guardianship(by=ground.principal, guardianship=row, on=today())
    assert now_of(case).confirmer_id == subject.person_id
    confirm_case(by=subject, case_id=case.pk)


def test_a_confirmer_who_has_left_is_followed_in_office(ground):
    case = ground.about(ground.cadre, kind="school", category="conditions")
    assert now_of(case).confirmer_id == ground.cadre.person_id
    unpair(by=ground.administrator, pairing=ground.pairing, on=today())
    assert now_of(case).confirmer_id == ground.cadre.person_id, "is a cadre still, and raised it"
    follower = make.bureau_post("cadre")
    make.PairingFactory(cadre=follower, school=ground.place)
    ends({"person_id": ground.cadre.person_id})
    follow_the_calendar(by=CALENDAR)
    assert now_of(case).confirmer_id == follower.pk
    assert reads(make.actor_of(follower, "cadre"), case)


# Taking back, joining, opening again.


def test_what_was_put_to_somebody_else_is_not_taken_back(ground):
    case = ground.about(ground.principal, person_id=ground.teacher.person_id, heard_from=ground.teacher.person_id)
    with pytest.raises(NotAllowed):
        withdraw_case(by=ground.principal, case_id=case.pk, words="算了")
    case = care.student_case(ground.teacher, ground.student)
    proposed(ground.teacher, case, ask_person_id=ground.mother.person_id)
    with pytest.raises(NotAllowed):
        withdraw_case(by=ground.teacher, case_id=case.pk, words="算了")
    assert "withdraw" not in offered(ground.teacher, case)


def test_what_others_work_on_is_not_taken_back_by_the_one_who_is_to_do_it(ground):
    alone = care.student_case(ground.teacher, ground.student)
    watched = care.student_case(ground.teacher, ground.student, alert_tier="yellow")
    urgent = care.student_case(ground.mother, ground.student, alert_tier="orange")
    assert "withdraw" in offered(ground.teacher, alone)
    withdraw_case(by=ground.teacher, case_id=alone.pk, words="写错了")
    for by, case in ((ground.teacher, watched), (ground.mother, urgent)):
        assert "withdraw" not in offered(by, case)
        with pytest.raises(Conflict):
            withdraw_case(by=by, case_id=case.pk, words="写错了")
    with pytest.raises(InputFault):
        withdraw_case(by=ground.teacher, case_id=watched.pk, words=" ")


def test_a_complaint_joined_away_is_told_and_opened_again_by_whoever_raised_it(ground):
    hers = care.student_case(ground.mother, ground.student)
    own = care.student_case(ground.teacher, ground.student)
    merge_cases(by=ground.teacher, case_id=hers.pk, into_id=own.pk, words="同一件")
    assert Notification.unscoped.filter(person_id=ground.mother.person_id, code="case.merged").exists()
    assert not reads(ground.mother, own)
    assert "reopen" in offered(ground.mother, hers)
    reopen_case(by=ground.mother, case_id=hers.pk, words="不是同一件")
    assert (now_of(hers).state, now_of(hers).merged_into_id) == ("reopened", None)


def test_a_chain_of_joined_cases_has_no_ring(ground):
    first, second, third = (care.student_case(ground.teacher, ground.student) for _ in range(3))
    merge_cases(by=ground.teacher, case_id=first.pk, into_id=second.pk, words="")
    merge_cases(by=ground.teacher, case_id=second.pk, into_id=third.pk, words="")
    for case, into in ((third, first), (third, second), (first, third)):
        with pytest.raises(Conflict):
            merge_cases(by=ground.teacher, case_id=case.pk, into_id=into.pk, words="")
    with pytest.raises(InputFault):
        merge_cases(by=ground.teacher, case_id=third.pk, into_id=third.pk, words="")
    reopen_case(by=ground.teacher, case_id=first.pk, words="第二件已并走")
    assert now_of(first).state == "reopened"


def test_one_who_does_not_own_both_does_not_join_them(ground):
    hers = care.student_case(ground.mother, ground.student)
    other = ground.about(ground.principal, person_id=ground.teacher.person_id)
    for by in (ground.mother, ground.counselor, ground.colleague):
        with pytest.raises(NotAllowed):
            merge_cases(by=by, case_id=hers.pk, into_id=other.pk, words="")


# Levels, and who is at the bureau or the school.


def test_a_class_teacher_gives_it_to_nobody_above_and_nobody_of_the_bureau(ground):
    case = care.student_case(ground.teacher, ground.student)
    for person, role in (
        (ground.principal, "principal"), (ground.moral, "moral_deputy"), (ground.lead, "cohort_lead"),
        (ground.cadre, "cadre"), (ground.director, "director"), (ground.colleague, "homeroom_teacher"),
        (ground.colleague, "counselor"), (ground.mother, "guardian"),
    ):  # fmt: skip
        for do in (assign_case, hand_over_case):
            with pytest.raises(InputFault):
                do(by=ground.teacher, case_id=case.pk, to_person_id=person.person_id, role=role)
    for person, role in ((ground.cadre, "cadre"), (ground.director, "director"), (ground.head, "section")):
        with pytest.raises(InputFault):
            name_reader(by=ground.teacher, case_id=case.pk, person_id=person.person_id, role=role)
        with pytest.raises(InputFault):
            refer_case(by=ground.teacher, case_id=case.pk, to_person_id=person.person_id, to_role=role, reason="看看")
    assign_case(by=ground.teacher, case_id=case.pk, to_person_id=ground.counselor.person_id, role="counselor")
    assert (now_of(case).owner_id, now_of(case).level) == (ground.counselor.person_id, "class")


def test_a_principal_gives_within_the_school_and_the_level_goes_along(ground):
    case = care.student_case(ground.teacher, ground.student, alert_tier="orange")
    with reading(ground.principal):
        assert [one.name for one in candidates(ground.principal, case, "cohort_lead")] == [ground.lead.name]
        assert candidates(ground.principal, case, "cadre") == []
    assign_case(by=ground.principal, case_id=case.pk, to_person_id=ground.moral.person_id, role="moral_deputy")
    assert (now_of(case).owner_id, now_of(case).level) == (ground.moral.person_id, "school")
    with pytest.raises(NotAllowed):  # a former owner reads, and leads nothing
        assign_case(by=ground.teacher, case_id=case.pk, to_person_id=ground.teacher.person_id, role="homeroom_teacher")


def test_a_principal_who_told_it_does_not_give_away_what_is_at_the_bureau(ground):
    case = ground.about(ground.principal, kind="school", category="conditions")
    assert now_of(case).level == "director"
    for do in (
        lambda: assign_case(
            by=ground.principal, case_id=case.pk, to_person_id=ground.principal.person_id, role="principal"
        ),
        lambda: name_reader(
            by=ground.principal, case_id=case.pk, person_id=ground.moral.person_id, role="moral_deputy"
        ),
    ):
        with pytest.raises(NotAllowed):
            do()


def test_nobody_of_the_own_school_has_to_do_with_a_case_about_the_principal(ground):
    case = ground.about(ground.principal, kind="principal", person_id=ground.principal.person_id)
    assert now_of(case).owner_id == ground.director.person_id
    for person, role in ((ground.principal, "principal"), (ground.moral, "moral_deputy")):
        with pytest.raises(InputFault):
            send_down(
                by=ground.director, case_id=case.pk, to_level="school", to_person_id=person.person_id, role=role,
                due=today(), decision="校内解决",
            )  # fmt: skip
        with pytest.raises(InputFault):
            name_reader(by=ground.director, case_id=case.pk, person_id=person.person_id, role=role)
    assert not any(reads(one, case) for one in (ground.moral, ground.deputy, ground.teacher))
    assert offered(ground.principal, case) & {"assign", "act", "propose", "merge", "name_reader"} == set()
    send_down(
        by=ground.director, case_id=case.pk, to_level="section", to_person_id=ground.head.person_id, role="section",
        due=today(), decision="请基教科办",
    )  # fmt: skip
    assert (now_of(case).level, now_of(case).section_id) == ("section", ground.section.pk)


def test_deputies_read_nothing_by_being_there(ground):
    case = care.student_case(ground.teacher, ground.student, alert_tier="orange")
    assert reads(ground.principal, case)
    assert reads(ground.moral, case)
    assert not reads(ground.deputy, case)


def test_who_was_deputy_for_morals_and_is_another_deputy_now_reads_no_more(ground):
    case = care.student_case(ground.teacher, ground.student, alert_tier="orange")
    make.school_post("deputy_principal", ground.place, person_of(ground.moral))
    ends({"person_id": ground.moral.person_id, "kind": "moral_deputy"})
    follow_the_calendar(by=CALENDAR)
    assert not reads(ground.moral, case)


def test_at_the_bureau_it_is_always_with_a_section(ground):
    case = ground.about(ground.principal, kind="school", category="conditions")
    for do in (assign_case, hand_over_case):
        with pytest.raises(InputFault):  # paired with the school, in no section
            do(by=ground.director, case_id=case.pk, to_person_id=ground.cadre.person_id, role="cadre")
    assign_case(by=ground.director, case_id=case.pk, to_person_id=ground.head.person_id, role="section")
    assert (now_of(case).level, now_of(case).section_id) == ("section", ground.section.pk)
    assert "send_up" in offered(ground.head, case)


# What is confided.


def test_what_is_confided_is_given_shown_and_sent_to_nobody(ground):
    case = ground.about(ground.teacher, person_id=ground.teacher.person_id, category="mind")
    owner = ground.principal
    for do in (
        lambda: assign_case(by=owner, case_id=case.pk, to_person_id=ground.counselor.person_id, role="counselor"),
        lambda: assign_case(by=owner, case_id=case.pk, to_person_id=ground.moral.person_id, role="moral_deputy"),
        lambda: name_reader(by=owner, case_id=case.pk, person_id=ground.counselor.person_id, role="counselor"),
        lambda: refer_case(
            by=owner, case_id=case.pk, to_person_id=ground.counselor.person_id, to_role="counselor", reason="看看"
        ),
    ):
        with pytest.raises(InputFault):
            do()
    with pytest.raises(Conflict):
        send_up(by=owner, case_id=case.pk, words="请局里帮")
    assert offered(owner, case) & {"send_up", "refer", "name_reader"} == set()
    with pytest.raises(NotAllowed):
        consent_upward(by=owner, case_id=case.pk)


def test_what_is_confided_waits_for_a_principal_and_never_goes_to_the_bureau(ground):
    case = ground.about(ground.teacher, person_id=ground.teacher.person_id, category="mind")
    for kind in ("principal", "moral_deputy"):
        ends({"school": ground.place, "kind": kind})
    follow_the_calendar(by=CALENDAR)
    waiting = now_of(case)
    assert (waiting.level, waiting.state) == ("school", "open")
    rows = CaseReader.unscoped.filter(case=case, until=None)
    assert {row.person_id for row in rows} == {ground.teacher.person_id}
    assert Notification.unscoped.filter(person_id=ground.teacher.person_id, code="case.waiting").count() == 1
    follower = make.school_post("principal", ground.place)
    assert follow_the_calendar(by=CALENDAR) == 1
    assert now_of(case).owner_id == follower.pk
    assert reads(make.actor_of(follower, "principal"), case)
    assert follow_the_calendar(by=CALENDAR) == 0


def test_with_the_word_of_the_teacher_it_goes_on_where_the_school_has_nobody(ground):
    case = ground.about(ground.teacher, person_id=ground.teacher.person_id, category="mind")
    for kind in ("principal", "moral_deputy"):
        ends({"school": ground.place, "kind": kind})
    follow_the_calendar(by=CALENDAR)
    consent_upward(by=ground.teacher, case_id=case.pk)
    assert now_of(case).owner_id == ground.director.person_id


# Parents who work at the school.


def test_a_teacher_who_is_a_parent_neither_owns_nor_reads_nor_is_asked_at_work(ground):
    mine = ground.school.students[0][2]
    make.guardian_of(mine, person_of(ground.counselor))
    case = care.student_case(ground.teacher, mine, alert_tier="yellow")
    assert not reads(ground.counselor, case)
    for do in (
        lambda: refer_case(
            by=ground.teacher, case_id=case.pk, to_person_id=ground.counselor.person_id, to_role="counselor", reason="x"
        ),
        lambda: assign_case(
            by=ground.teacher, case_id=case.pk, to_person_id=ground.counselor.person_id, role="counselor"
        ),
        lambda: name_reader(by=ground.teacher, case_id=case.pk, person_id=ground.counselor.person_id, role="counselor"),
    ):
        with pytest.raises(InputFault):
            do()


def test_an_owner_who_becomes_a_guardian_of_the_child_owns_it_no_more(ground):
    case = care.student_case(ground.mother, ground.student)
    make.guardian_of(ground.student, person_of(ground.teacher), is_primary=False)
    follow_the_calendar(by=CALENDAR)
    assert now_of(case).owner_id == ground.lead.person_id
    assert not reads(ground.teacher, case)


# Referrals and readers.


def test_until_it_is_accepted_only_the_reason_is_read_and_after_it_is_returned_nothing(ground):
    case = care.student_case(ground.teacher, ground.student)
    row = refer_case(
        by=ground.teacher, case_id=case.pk, to_person_id=ground.counselor.person_id, to_role="counselor", reason="看看"
    )
    for stranger in (ground.colleague, ground.mother, ground.principal, ground.teacher):
        with pytest.raises(NotAllowed):
            answer_referral(by=stranger, referral_id=row.pk, accept=True, words="")
    answer_referral(by=ground.counselor, referral_id=row.pk, accept=True, words="")
    return_referral(by=ground.counselor, referral_id=row.pk, words="好了")
    assert not reads(ground.counselor, case)
    with pytest.raises(Conflict):
        answer_referral(by=ground.counselor, referral_id=row.pk, accept=True, words="")


def test_a_case_that_is_closed_meanwhile_is_not_accepted(ground):
    case = care.student_case(ground.mother, ground.student)
    row = refer_case(
        by=ground.teacher, case_id=case.pk, to_person_id=ground.counselor.person_id, to_role="counselor", reason="看看"
    )
    withdraw_case(by=ground.mother, case_id=case.pk, words="好了")
    with pytest.raises(Conflict):
        answer_referral(by=ground.counselor, referral_id=row.pk, accept=True, words="")
    assert not reads(ground.counselor, case)


def test_only_who_was_named_is_dismissed(ground):
    case = care.student_case(ground.mother, ground.student)
    name_reader(by=ground.teacher, case_id=case.pk, person_id=ground.lead.person_id, role="cohort_lead")
    assert reads(ground.lead, case)
    rows = CaseReader.unscoped.filter(case=case, until=None)
    for row in rows.exclude(why="named"):
        with pytest.raises(NotAllowed):
            dismiss_reader(by=ground.teacher, reader_id=row.pk)
    named = rows.get(why="named")
    with pytest.raises(NotAllowed):
        dismiss_reader(by=ground.lead, reader_id=named.pk)
    dismiss_reader(by=ground.teacher, reader_id=named.pk)
    assert not reads(ground.lead, case)


def test_what_is_closed_is_shown_to_nobody_more(ground):
    case = care.student_case(ground.mother, ground.student)
    withdraw_case(by=ground.mother, case_id=case.pk, words="好了")
    with pytest.raises(Conflict):
        name_reader(by=ground.teacher, case_id=case.pk, person_id=ground.lead.person_id, role="cohort_lead")
    assert not reads(ground.lead, case)


def test_an_action_in_the_name_of_another_case_is_refused(ground):
    one, other = (care.student_case(ground.teacher, ground.student) for _ in range(2))
    told: dict[str, Any] = {"kind": "talk", "on": today(), "text": "谈了"}
    made_action = add_action(by=ground.teacher, case_id=one.pk, **told)
    again = add_action(by=ground.teacher, case_id=one.pk, origin=made_action.origin, **told)
    assert again.pk == made_action.pk
    with pytest.raises(NotAllowed):
        add_action(by=ground.teacher, case_id=other.pk, origin=made_action.origin, **told)
    with pytest.raises(InputFault):
        add_action(by=ground.teacher, case_id=one.pk, **told | {"on": today() + dt.timedelta(days=1)})


def test_a_denial_without_a_word_is_none(ground):
    case = care.student_case(ground.mother, ground.student)
    proposed(ground.teacher, case)
    with pytest.raises(InputFault):
        deny_case(by=ground.mother, case_id=case.pk, words=" ")
    deny_case(by=ground.mother, case_id=case.pk, words="没有")
    with pytest.raises(Conflict):
        confirm_case(by=ground.mother, case_id=case.pk)
