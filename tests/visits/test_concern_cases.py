"""A difficulty heard on a visit becomes a case with the record: once, rightly owned, never at the record's cost."""

import uuid
from dataclasses import replace

import pytest

from jiafang.access import reading, scope, system
from jiafang.campaigns.models import Tier
from jiafang.care.models import CaseFile, CaseStep, Role
from jiafang.care.services.act import add_action
from jiafang.care.services.raise_tier import change_tier
from jiafang.care.services.readers import name_reader
from jiafang.care.services.refer import refer_case
from jiafang.care.services.say import say
from jiafang.care.services.tick import tick
from jiafang.common.clock import today
from jiafang.notifications.models import Notification
from jiafang.organization.models import Post
from jiafang.visits.body import ConcernDraft
from jiafang.visits.models import RaisedConcern, Visit
from jiafang.visits.services.raise_concerns import raise_waiting
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(school):
    return make.actor_of(school.homeroom[0], "teacher")


@pytest.fixture
def duty(school):
    return made.duty_of(made.launched(school.by, school.school), school.students[0][0])


def worry(person, **fields) -> ConcernDraft:
    return replace(ConcernDraft(uuid.uuid4(), person.pk, "life", "green", "晚上常睡不着"), **fields)


def test_what_is_to_be_followed_up_becomes_a_case_of_the_homeroom_teacher(teacher, duty):
    heard = worry(duty.person)
    write.record(teacher, [duty], concerns=[heard])
    with reading(teacher):
        case = scope(teacher, CaseFile).get(origin=heard.id)
    assert (case.text, case.owner_id, case.raised_by_id) == ("晚上常睡不着", teacher.person_id, teacher.person_id)
    assert RaisedConcern.unscoped.get().case_id == case.pk


def test_what_needs_no_follow_up_becomes_none(teacher, duty):
    write.record(teacher, [duty], concerns=[worry(duty.person, follow_up=False)])
    assert not CaseFile.unscoped.exists()


def test_the_record_sent_twice_raises_once_and_a_correction_speaks_for_the_case(teacher, duty):
    heard, same = worry(duty.person), {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(teacher, [duty], concerns=[heard], **same)
    write.record(teacher, [duty], concerns=[heard], **same)
    write.record(teacher, [duty], concerns=[replace(heard, text="夜里两点还没睡")], **same)
    assert CaseFile.unscoped.get().text == "夜里两点还没睡"


def test_a_concern_taken_back_before_anybody_began_takes_its_case_back(teacher, duty):
    heard, same = worry(duty.person), {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(teacher, [duty], concerns=[heard], **same)
    write.record(teacher, [duty], concerns=[], **same)
    case = CaseFile.unscoped.get()
    assert (case.state, case.result) == ("closed", "withdrawn")
    assert not RaisedConcern.unscoped.exists()


def test_what_a_principal_tells_of_the_school_is_about_the_school_and_confirmed_by_the_principal(school):
    _section, head = care.bureau_section()
    cadre = make.bureau_post("cadre")
    make.PairingFactory(cadre=cadre, school=school.school)
    director = make.actor_of(make.bureau_post("director"), "director")
    campaign = made.launched(director, None, Tier.BUREAU_PRINCIPAL)
    duty = made.duty_of(campaign, school.principal)
    by = make.actor_of(cadre, "cadre")
    write.record(by, [duty], concerns=[worry(school.principal, category="conditions", text="锅炉坏了")])
    case = CaseFile.unscoped.get()
    assert (case.subject_kind, case.person_id, case.school_id) == ("school", None, school.school.pk)
    assert case.confirmer_id == school.principal.pk
    with reading(school.by):
        assert scope(school.by, CaseFile).get().text == "锅炉坏了"
    assert case.owner_role in (Role.SECTION, Role.DIRECTOR)
    assert head.pk != school.principal.pk


def test_a_record_is_taken_although_nobody_can_own_what_was_heard_and_the_case_follows(school, teacher, duty):
    # Nobody above: the class has no homeroom teacher, the school no principal, the bureau no director.
    subject = make.actor_of(school.subject[0], "teacher")
    Post.unscoped.filter(kind__in=["homeroom_teacher", "principal"], school=school.school).delete()
    write.record(subject, [duty], concerns=[worry(duty.person)])
    assert Visit.unscoped.exists()
    assert not CaseFile.unscoped.exists()
    make.homeroom_teacher(school.classes[0], school.homeroom[1])
    assert raise_waiting(by=system("test")) == 1
    assert raise_waiting(by=system("test")) == 0
    case = CaseFile.unscoped.get()
    assert (case.owner_id, case.raised_by_id) == (school.homeroom[1].pk, subject.person_id)


# A correction when others have begun.


def by_acting(owner, case, other):
    add_action(by=owner, case_id=case.pk, kind="talk", on=today(), text="谈了")


def by_saying(owner, case, other):
    say(by=owner, case_id=case.pk, text="再看看", audience=["school"])


def by_ticking(owner, case, other):
    tick(by=owner, case_id=case.pk, tier="green", item="talked")


def by_referring(owner, case, other):
    refer_case(by=owner, case_id=case.pk, to_person_id=other.person_id, to_role="counselor", reason="看看")


def by_naming(owner, case, other):
    name_reader(by=owner, case_id=case.pk, person_id=other.person_id, role="counselor")


def by_urgency(owner, case, other):
    change_tier(by=owner, case_id=case.pk, tier="orange", words="说不想活了")


@pytest.mark.parametrize("begun", [by_acting, by_saying, by_ticking, by_referring, by_naming, by_urgency])
def test_a_correction_neither_ends_nor_rewrites_what_others_have_begun(school, teacher, duty, begun):
    counselor = make.actor_of(make.school_post("counselor", school.school), "counselor")
    writer = make.actor_of(school.subject[0], "teacher")
    heard, same = worry(duty.person), {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(writer, [duty], concerns=[heard], **same)
    begun(teacher, CaseFile.unscoped.get(), counselor)
    before = CaseFile.unscoped.get()
    write.record(writer, [duty], concerns=[replace(heard, text="没什么")], **same)
    write.record(writer, [duty], concerns=[], **same)
    now = CaseFile.unscoped.get()
    assert (now.state, now.text, now.revision) == (before.state, "晚上常睡不着", before.revision)
    told = Notification.unscoped.filter(code="case.record_changed")
    assert [row.person_id for row in told] == [teacher.person_id]


def test_what_a_correction_does_with_a_case_is_a_step_and_is_told(school, teacher, duty):
    writer = make.actor_of(school.subject[0], "teacher")
    heard, same = worry(duty.person), {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(writer, [duty], concerns=[heard], **same)
    write.record(writer, [duty], concerns=[replace(heard, text="夜里两点还没睡")], **same)
    write.record(writer, [duty], concerns=[], **same)
    case = CaseFile.unscoped.get()
    steps = list(CaseStep.unscoped.filter(case=case).order_by("pk").values_list("verb", flat=True))
    assert (steps, case.revision) == (["raise", "reword", "withdraw"], 3)
    for code in ("case.record_changed", "case.withdrawn"):
        assert Notification.unscoped.filter(person_id=teacher.person_id, code=code).count() == 1
