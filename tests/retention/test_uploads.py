"""What phones sent and could not be taken holds texts about children too: it goes in its time, settled or not."""

import datetime as dt
import json
import uuid

import pytest
from django.db.models import CASCADE, ForeignKey

from jiafang.access import system
from jiafang.common.clock import today
from jiafang.keys.sealing import sealed_models
from jiafang.organization.models import Enrollment
from jiafang.retention.services.purge import purge
from jiafang.retention.services.rules import KEPT, RULES
from jiafang.visits.models import HeldItem, Receipt
from jiafang.visits.services.settle_held import dismiss_held
from tests.factories.phones import PhoneOf, visit_body
from tests.uploads.files import image
from tests.visits.sync.conftest import house  # noqa: F401  # a school whose teachers have phones

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = dt.timedelta(days=365)
# About people and homes as long as the district knows them; erasure takes these away.
WHILE_KNOWN = {"Person", "Household", "SeasonalResidence"}
# Evidence of suspected harm to a child, read by those who are named: no run of the purge may count how many there are.
EVIDENCE = {"MandatoryReport", "ReportAddition"}
CHECKED_APPS = ("organization", "campaigns", "visits", "care")


def removed():
    made = purge(by=system("retention"))
    assert made.whole
    return {result["rule"]: result["removed"] for result in made.results if "uploads" in result["rule"]}


def refused(house, *numbers):  # noqa: F811
    """A record about these children that has a chip which does not exist."""
    item = uuid.uuid4()
    content = json.dumps(visit_body([house.duty(number) for number in numbers], chips=["no_such"])).encode()
    assert house.phone.put_visit(item, content).status_code == 422
    return item, content


def leave(child):
    Enrollment.unscoped.filter(student=child, end=None).update(end=today(), end_reason="graduated")


def test_the_original_of_what_was_settled_goes_after_a_month_and_its_receipt_stays(house, clock):  # noqa: F811
    item, content = refused(house, 0)
    dismiss_held(by=house.phone.actor, held_id=HeldItem.unscoped.get().pk)
    clock(dt.timedelta(days=29))
    assert removed() == {"settled_uploads": 0, "waiting_uploads": 0}
    clock(dt.timedelta(days=31))
    assert removed() == {"settled_uploads": 1, "waiting_uploads": 0}
    clock(dt.timedelta())
    assert not HeldItem.unscoped.exists()
    again = house.phone.put_visit(item, content)
    assert (again.status_code, again.json()["receipt"]["held"]) == (200, False)
    assert Receipt.unscoped.count() == 1


def test_what_still_waits_stays_as_long_as_notes_do(house, clock):  # noqa: F811
    item, content = refused(house, 0)
    both, _content = refused(house, 0, 1)
    clock(3 * YEAR)
    assert removed() == {"settled_uploads": 0, "waiting_uploads": 0}
    clock(dt.timedelta())
    leave(house.school.students[0][0])
    clock(YEAR - dt.timedelta(days=1))
    assert removed() == {"settled_uploads": 0, "waiting_uploads": 0}
    clock(YEAR + dt.timedelta(days=1))
    assert removed() == {"settled_uploads": 0, "waiting_uploads": 1}
    clock(dt.timedelta())
    assert HeldItem.unscoped.get().item == both
    again = PhoneOf(house.phone.person, "teacher").put_visit(item, content)  # the session of years ago is gone too
    assert (again.status_code, again.json()["receipt"]["held"]) == (200, False)


def test_a_photo_that_waits_goes_like_photos_and_what_names_nobody_after_two_years(house, clock, settings):  # noqa: F811
    settings.VISIT_PHOTOS = True
    visit, _content = refused(house, 0)
    assert house.phone.put_file(visit, uuid.uuid4(), image()).json()["receipt"]["held"]
    nobody = visit_body([house.duty()]) | {"duties": [10**9]}
    assert house.phone.put_visit(uuid.uuid4(), nobody).json()["receipt"]["held"]
    for days, left in ((364, 3), (366, 2), (729, 2), (731, 1)):
        clock(dt.timedelta(days=days))
        removed()
        assert HeldItem.unscoped.count() == left, days
    assert HeldItem.unscoped.get().item == visit


def test_every_text_about_somebody_has_a_time_to_go():
    gone = {rule.rows().model for rule in RULES}
    kept = set()
    for model in sealed_models():
        with_them = {
            field.related_model
            for field in model._meta.get_fields()
            if isinstance(field, ForeignKey) and field.remote_field.on_delete is CASCADE
        }
        if model not in gone and not with_them & gone and model._meta.app_label in CHECKED_APPS:
            kept.add(model.__name__)
    assert kept == WHILE_KNOWN | EVIDENCE
    assert any("强制报告" in str(what) for what, _how_long in KEPT), "what is kept for good is said on the page"
