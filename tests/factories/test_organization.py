"""The factories build a school that the house takes for real."""

import pytest

from tests.factories import organization as make

pytestmark = pytest.mark.django_db


def test_a_school_with_all_its_people_and_their_capacities(client):
    school_class = make.SchoolClassFactory()
    school = school_class.cohort.school
    teacher = make.homeroom_teacher(school_class)
    make.subject_teacher(school_class)
    child = make.student(school_class, tags=("left_behind",))
    make.guardian_of(child)
    make.PairingFactory(school=school, cadre=make.bureau_post("cadre"))
    make.TermFactory()
    assert make.sign_in(client, teacher).capacity.homeroom_class_ids == (school_class.pk,)
    assert make.actor_of(make.school_post("principal", school), "principal").school_id == school.pk
    assert make.actor_of(make.cohort_lead(school_class.cohort), "cohort_lead").capacity.cohort_ids
    assert make.actor_of(make.bureau_post("director"), "director")
