"""Posts by hand: the service asks by itself whether the class is the actor's, whoever calls it."""

import pytest

from jiafang.common.clock import today
from jiafang.common.errors import NotAllowed
from jiafang.organization.models import Post
from jiafang.organization.services.appoint import appoint_homeroom_teacher
from tests.factories import organization as made

pytestmark = pytest.mark.django_db(transaction=True)


def appointed(school_class):
    posts = Post.unscoped.filter(kind=Post.Kind.HOMEROOM_TEACHER, school_class=school_class, end=None)
    return list(posts.values_list("person_id", flat=True))


def test_a_principal_appoints_for_no_class_of_another_school_though_the_teacher_works_at_both():
    here, elsewhere = made.SchoolClassFactory(), made.SchoolClassFactory()
    teacher = made.subject_teacher(elsewhere, made.employee(here.cohort.school))
    by = made.actor_of(made.school_post(Post.Kind.PRINCIPAL, here.cohort.school), "principal")
    with pytest.raises(NotAllowed):
        appoint_homeroom_teacher(by=by, school_class=elsewhere, teacher=teacher, on=today())
    assert appointed(elsewhere) == []
    appoint_homeroom_teacher(by=by, school_class=here, teacher=teacher, on=today())
    assert appointed(here) == [teacher.pk]
