"""Whoever stops reading a case while they wait for it: nothing that they were about to do is done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jiafang.access import Actor
from jiafang.care.models import CaseFile, CaseReader, ChecklistTick, Measure, Message
from jiafang.care.services.measure import measure
from jiafang.care.services.raise_tier import change_tier
from jiafang.care.services.readers import name_reader
from jiafang.care.services.remind import remind_owner
from jiafang.care.services.say import say
from jiafang.care.services.tick import tick, untick
from jiafang.common.clock import now
from jiafang.common.errors import NotAllowed
from jiafang.notifications.models import Notification
from tests.care.ground import Ground, now_of
from tests.factories import care
from tests.fence import thread_of_the_test
from tests.waiting import apart, somebody_waits_for_us, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

# What whoever was named may do until then.
DONE: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "say": (say, {"text": "我看过了", "audience": ["school"]}),
    "tick": (tick, {"tier": "yellow", "item": "eyes_on"}),
    "untick": (untick, {"tier": "green", "item": "talked"}),
    "measure": (measure, {"who": "student", "mood": "3"}),
    "change_tier": (change_tier, {"tier": "red", "words": "看到了"}),
    "remind": (remind_owner, {}),
}


def refused(do: Callable[[], object]) -> bool:
    with thread_of_the_test():
        try:
            do()
        except NotAllowed:
            return True
        return False


def dismissed_meanwhile(case: CaseFile, who: Actor, do: Callable[[], object]) -> bool:
    """It begins while the case is held, and goes on when whoever does it reads it no more; whether it was refused."""
    answers: list[bool] = []
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            CaseFile.unscoped.select_for_update(of=("self",)).get(pk=case.pk)
            work = threads.submit(apart, lambda: answers.append(refused(do)))
            wait_until(somebody_waits_for_us)
            CaseReader.unscoped.filter(case=case, person_id=who.person_id).update(until=now())
        work.result(60)
    return answers == [True]


def test_who_is_dismissed_while_waiting_for_the_case_does_nothing_with_it_any_more():
    ground = Ground()
    for name, (verb, told) in DONE.items():
        case = care.student_case(ground.teacher, ground.student)
        tick(by=ground.teacher, case_id=case.pk, tier="green", item="talked")
        name_reader(by=ground.teacher, case_id=case.pk, person_id=ground.lead.person_id, role="cohort_lead")
        assert dismissed_meanwhile(case, ground.lead, partial(verb, by=ground.lead, case_id=case.pk, **told)), name
        assert now_of(case).alert_tier == "green"
        assert ChecklistTick.unscoped.filter(case=case).count() == 1
    assert not Message.unscoped.exists()
    assert not Measure.unscoped.exists()
    assert not Notification.unscoped.filter(code="case.reminded").exists()


def test_the_database_takes_no_message_and_no_reader_of_no_side():
    ground = Ground()
    case = care.student_case(ground.teacher, ground.student)
    with pytest.raises(IntegrityError, match="message_from_a_side"), transaction.atomic():
        Message(case=case, author_id=ground.teacher.person_id, side="", audience=[""], text="好").save()
    with pytest.raises(IntegrityError, match="case_reader_on_a_side"), transaction.atomic():
        CaseReader(case=case, person_id=ground.lead.person_id, kind="cohort_lead", side="", why="named").save()
