"""What a phone sends is taken once, however often it comes, and its receipt says so under a signature."""

import hashlib
import json
import uuid

import pytest

from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.models import Duty
from jiafang.visits.models import HeldItem, Receipt, Visit, VisitRevision
from tests.factories import campaigns as made
from tests.factories import visits as write
from tests.factories.phones import PhoneOf, is_signed, outcome_body, visit_body

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(school, campaign):
    return PhoneOf(school.homeroom[0], "teacher")


@pytest.fixture
def duty(school, campaign):
    return made.duty_of(campaign, school.students[0][0])


def test_a_record_is_taken_and_its_receipt_is_for_exactly_these_bytes(phone, duty):
    item, content = uuid.uuid4(), json.dumps(visit_body([duty])).encode()
    answer = phone.put_visit(item, content)
    told, hello = answer.json(), phone.hello()
    assert (answer.status_code, told["status"]) == (200, "taken")
    receipt = told["receipt"]
    assert receipt["hash"] == hashlib.sha256(content).hexdigest()
    assert (receipt["id"], receipt["kind"], receipt["revision"], receipt["held"]) == (str(item), "visit", 1, False)
    assert receipt["epoch"] == hello["epoch"] == told["epoch"]
    assert is_signed(receipt, hello)
    duty.refresh_from_db()
    visit = Visit.unscoped.get()
    assert (visit.pk, visit.finding, duty.state) == (item, "孩子最近自己起床", Duty.State.MET)
    assert receipt["hash"] not in str(Receipt.unscoped.values())


def test_the_same_bytes_again_are_the_same_receipt_also_after_later_revisions(phone, duty):
    item, first = uuid.uuid4(), json.dumps(visit_body([duty])).encode()
    receipt = phone.put_visit(item, first).json()["receipt"]
    assert phone.put_visit(item, first).json()["receipt"] == receipt
    later = visit_body([duty], revision=2, base_revision=1, finding="改过了")
    assert phone.put_visit(item, later).status_code == 200
    entries = AuditEntry.objects.count()
    assert phone.put_visit(item, first).json()["receipt"] == receipt
    visit = Visit.unscoped.get()
    assert (visit.revision, visit.finding, VisitRevision.unscoped.count()) == (2, "改过了", 1)
    assert AuditEntry.objects.count() == entries


def test_receipts_are_numbered_in_the_order_in_which_they_were_given(phone, school, campaign):
    duties = [made.duty_of(campaign, child) for child in school.students[0]]
    numbers = [phone.put_visit(uuid.uuid4(), visit_body([one])).json()["receipt"]["sequence"] for one in duties]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_a_stale_edit_never_overwrites_and_both_are_kept(phone, duty):
    item = uuid.uuid4()
    phone.put_visit(item, visit_body([duty]))
    phone.put_visit(item, visit_body([duty], revision=2, base_revision=1, finding="这部手机"))
    stale = json.dumps(visit_body([duty], revision=2, base_revision=1, finding="那部手机")).encode()
    for _again in range(2):
        answer = phone.put_visit(item, stale)
        told = answer.json()
        assert (answer.status_code, told["status"], told["receipt"]["held"]) == (409, "conflict", True)
        assert (told["current"]["revision"], told["current"]["body"]["finding"]) == (2, "这部手机")
        assert is_signed(told["receipt"], phone.hello())
    assert Visit.unscoped.get().finding == "这部手机"
    assert json.loads(HeldItem.unscoped.get().content)["finding"] == "那部手机"


def test_the_merged_version_settles_the_conflict(phone, duty):
    item = uuid.uuid4()
    phone.put_visit(item, visit_body([duty]))
    phone.put_visit(item, visit_body([duty], revision=2, base_revision=1, finding="这部手机"))
    stale = json.dumps(visit_body([duty], revision=2, base_revision=1, finding="那部手机")).encode()
    phone.put_visit(item, stale)
    merged = visit_body([duty], revision=3, base_revision=2, finding="两部都对")
    assert phone.put_visit(item, merged).status_code == 200
    assert HeldItem.unscoped.get().state == HeldItem.State.REPLACED
    again = phone.put_visit(item, stale)
    assert (again.status_code, again.json()["receipt"]["held"]) == (200, False)
    assert Visit.unscoped.get().finding == "两部都对"


def test_an_outcome_is_noted_once(phone, school, campaign, duty):
    appointment = write.appointment(campaign, [duty.person])
    item, content = uuid.uuid4(), json.dumps(outcome_body(appointment, "missed")).encode()
    told = [phone.put_outcome(item, content) for _again in range(2)]
    assert [one.status_code for one in told] == [200, 200]
    assert told[0].json()["receipt"] == told[1].json()["receipt"]
    appointment.refresh_from_db()
    assert appointment.state == "missed"


def test_an_outcome_that_was_overtaken_is_held_and_not_a_conflict_to_merge(phone, campaign, duty):
    appointment = write.appointment(campaign, [duty.person])
    phone.put_visit(uuid.uuid4(), visit_body([duty], appointment=appointment.pk))
    answer = phone.put_outcome(uuid.uuid4(), outcome_body(appointment, "missed"))
    assert (answer.status_code, answer.json()["status"]) == (422, "held")
    assert "记为访过" in answer.json()["message"]
