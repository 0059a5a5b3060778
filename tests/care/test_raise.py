"""A difficulty becomes a case with an owner, a due day and a list of readers."""

import uuid

import pytest

from jiafang.access import reading, scope
from jiafang.care.models import CaseFile, CaseReader, CaseTally
from jiafang.common.errors import InputFault, NotAllowed
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    make.bureau_post("director")
    return made.small_school()


def readers(case):
    return {(row.person_id, row.kind, row.why) for row in CaseReader.unscoped.filter(case=case, until=None)}


def test_a_homeroom_teachers_case_is_her_own_and_read_by_nobody_else(school):
    teacher, student = school.homeroom[0], school.students[0][0]
    by = make.actor_of(teacher, "teacher")
    case = care.student_case(by, student)
    assert (case.owner_id, case.level, case.state) == (teacher.pk, "class", "open")
    assert readers(case) == {(teacher.pk, "teacher", "owner"), (teacher.pk, "teacher", "raiser")}
    for person, kind in [
        (school.homeroom[1], "teacher"),
        (school.subject[0], "teacher"),
        (school.principal, "principal"),
    ]:
        actor = make.actor_of(person, kind)
        with reading(actor):
            assert not scope(actor, CaseFile).exists()
            assert not CaseFile.unscoped.exists()
    with reading(by):
        assert scope(by, CaseFile).get().text == "最近上课老走神,晚上睡不好"


def test_what_is_sent_twice_is_raised_once(school):
    by = make.actor_of(school.homeroom[0], "teacher")
    origin = uuid.uuid4()
    first = care.student_case(by, school.students[0][0], origin=origin)
    again = care.student_case(by, school.students[0][0], origin=origin)
    assert first.pk == again.pk
    assert CaseFile.unscoped.count() == 1
    assert CaseTally.unscoped.get().count == 1


def test_nobody_raises_about_students_out_of_reach(school):
    by = make.actor_of(school.homeroom[0], "teacher")
    with pytest.raises(NotAllowed):
        care.student_case(by, school.students[1][0])


def test_a_category_that_is_not_for_students_is_refused_at_its_place(school):
    by = make.actor_of(school.homeroom[0], "teacher")
    with pytest.raises(InputFault) as fault:
        care.student_case(by, school.students[0][0], category="conditions")
    assert fault.value.place == "category"


def test_a_guardians_matter_goes_to_the_homeroom_teacher(school):
    mother = make.guardian_of(school.students[0][0])
    by = make.actor_of(mother, "guardian")
    case = care.student_case(by, school.students[0][0])
    assert case.owner_id == school.homeroom[0].pk
    teacher = make.actor_of(school.homeroom[0], "teacher")
    with reading(teacher):
        assert scope(teacher, CaseFile).get().raised_by_id == mother.pk


def test_a_class_without_a_homeroom_teacher_sends_it_up(school):
    school.homeroom[0].posts.filter(kind="homeroom_teacher").delete()
    by = make.actor_of(school.subject[0], "teacher")
    case = care.student_case(by, school.students[0][0])
    assert (case.level, case.owner_id) == ("school", school.principal.pk)
