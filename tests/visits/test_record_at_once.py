"""Many records at the same moment: nothing doubled, nothing lost, sums right."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from jiafang.campaigns.models import Duty
from jiafang.insight.coverage import campaign_coverage
from jiafang.visits.models import Visit
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write
from tests.fence import thread_of_the_test

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(work, items) -> list:
    def alone(item):
        try:
            with thread_of_the_test():
                return work(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(alone, items))


def test_the_same_record_sent_many_times_at_once_is_one_record():
    school = made.small_school(classes=1, students=1)
    campaign = made.launched(school.by, school.school)
    teacher = make.actor_of(school.homeroom[0], "teacher")
    duty = made.duty_of(campaign, school.students[0][0])
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago(), "follow_up": True}
    saved = _at_once(lambda _n: write.record(teacher, [duty], **same), range(24))
    assert {visit.pk for visit in saved} == {same["visit_id"]}
    assert Visit.unscoped.get().revision == 1
    assert Duty.unscoped.filter(parent=duty).count() == 1


def test_records_of_one_class_at_once_all_count():
    school = made.small_school(classes=2, students=6)
    campaign = made.launched(school.by, school.school)
    work = [
        (make.actor_of(school.homeroom[index], "teacher"), made.duty_of(campaign, child))
        for index in (0, 1)
        for child in school.students[index]
    ]
    _at_once(lambda one: write.record(one[0], [one[1]]), work)
    coverage = campaign_coverage(school.by, campaign)
    assert (coverage.met, coverage.total) == (12, 12)
