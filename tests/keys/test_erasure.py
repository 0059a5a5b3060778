"""Erasing a person destroys the keys of everything about them; pages go on without the texts."""

import subprocess
import sys
import uuid

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.urls import reverse

from jiafang.accounts.models import Activation, AuditEntry, DeviceSession, User
from jiafang.accounts.services.activate import hand_out_code
from jiafang.campaigns.models import Appointment
from jiafang.common.errors import NotAllowed
from jiafang.keys.models import DataKey
from jiafang.organization.models import CareTag, Household, Person, Post
from jiafang.organization.services.erase_person import erase_person
from jiafang.visits.body import ConcernDraft, NoteDraft
from jiafang.visits.models import Note, Participant, RaisedConcern, Visit, VisitRevision
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db


class Family:
    """Two siblings of one household, each visited alone, and once both together."""

    def __init__(self) -> None:
        self.school = made.small_school(classes=1, students=0)
        self.home = make.HouseholdFactory(address="石岭村七号", preferred_times="周末")
        number = "G35020320120915002X"
        self.child = make.student(
            self.school.classes[0], household=self.home, registry_number=number, registry_number_hash="a" * 64
        )
        self.sibling = make.student(self.school.classes[0], household=self.home)
        self.mother = make.guardian_of(self.child)
        self.campaign = made.launched(self.school.by, self.school.school)
        self.teacher = make.actor_of(self.school.homeroom[0], "teacher")
        one, two = (made.duty_of(self.campaign, child) for child in (self.child, self.sibling))
        self.about_child = write.record(self.teacher, [one], finding="只说哥哥", chips=["study_steady"])
        write.record(self.teacher, [one], visit_id=self.about_child.pk, base_revision=1, finding="哥哥,改过")
        self.about_sibling = write.record(self.teacher, [two], finding="只说妹妹")
        self.about_both = write.record(self.teacher, [one, two], finding="说兄妹俩")
        self.appointment = write.appointment(self.campaign, [self.child, self.sibling])
        self.appointment.answer_note = "我们在家等"
        self.appointment.save()


@pytest.fixture
def family() -> Family:
    return Family()


def test_every_text_about_an_erased_child_is_gone_and_those_about_the_sibling_stay(family: Family) -> None:
    destroyed = erase_person(by=make.administrator(), person_id=family.child.pk)
    assert destroyed == {"appointment": 1, "person": 1, "visit": 2}
    child = Person.unscoped.get(pk=family.child.pk)
    assert (child.name, child.phone, child.registry_number, child.birth_date) == ("已删除", "", "", None)
    assert (child.phone_hash, child.id_number_hash, child.registry_number_hash) == ("", "", "")
    for visit in (family.about_child, family.about_both):
        again = Visit.unscoped.get(pk=visit.pk)
        assert (again.finding, again.chips, again.body_hash) == ("已删除", [], "")
    assert VisitRevision.unscoped.get(visit=family.about_child).body == "已删除"
    assert {who.relation for who in Participant.unscoped.filter(visit=family.about_child)} == {"已删除"}
    assert Appointment.unscoped.get(pk=family.appointment.pk).answer_note == "已删除"
    assert Visit.unscoped.get(pk=family.about_sibling.pk).finding == "只说妹妹"
    assert Person.unscoped.get(pk=family.sibling.pk).phone == family.sibling.phone
    assert Household.unscoped.get(pk=family.home.pk).address == "石岭村七号"


def test_what_was_told_of_each_of_two_siblings_goes_with_the_one_of_whom_it_was_told(family: Family) -> None:
    one, two = (made.duty_of(family.campaign, child) for child in (family.child, family.sibling))
    write.record(
        family.teacher,
        [one, two],
        notes=[NoteDraft(family.child.pk, "mind", "哥哥怕黑"), NoteDraft(family.sibling.pk, "mind", "妹妹开朗")],
        concerns=[
            ConcernDraft(uuid.uuid4(), child.pk, "mind", "orange", "睡不着") for child in (family.child, family.sibling)
        ],
    )
    erase_person(by=make.administrator(), person_id=family.child.pk)
    assert [note.text for note in Note.unscoped.all()] == ["妹妹开朗"]
    assert [(concern.person, concern.text) for concern in RaisedConcern.unscoped.all()] == [(family.sibling, "睡不着")]


def test_what_was_noted_in_plain_about_an_erased_child_goes_too(family: Family) -> None:
    child = make.student(family.school.classes[0], tags=("left_behind",))
    erase_person(by=make.administrator(), person_id=child.pk)
    assert not CareTag.unscoped.filter(student=child).exists()


def test_nothing_of_the_account_tells_whose_it_was(family: Family) -> None:
    browser = Client()
    make.sign_in(browser, family.mother)
    user = family.mother.user
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "林妈妈的手机", "credential": {}})
    with transaction.atomic():
        hand_out_code(user=user)
    erase_person(by=make.administrator(), person_id=family.mother.pk)
    device = DeviceSession.objects.get(user=user)
    assert (device.label, device.device_hash, device.ended_why) == ("", "", "erased")
    assert not Authenticator.objects.filter(user=user).exists()
    assert not Activation.objects.filter(user=user).exists()
    assert browser.get(reverse("family")).status_code == 302


def test_the_home_goes_with_the_last_who_lived_there(family: Family) -> None:
    Appointment.unscoped.update(place="石岭村", lat=25.1, lon=117.2)
    for child, point in ((family.child, ("石岭村", 25.1, 117.2)), (family.sibling, ("", None, None))):
        erase_person(by=make.administrator(), person_id=child.pk)
        met = Appointment.unscoped.get(pk=family.appointment.pk)
        assert (met.place, met.lat, met.lon) == point
    home = Household.unscoped.get(pk=family.home.pk)
    assert (home.address, home.preferred_times, home.address_hash) == ("已删除", "已删除", "")
    assert (home.lat, home.village) == (None, None)


def test_erasure_leaves_a_trace_and_no_key(family: Family) -> None:
    by = make.administrator()
    erase_person(by=by, person_id=family.child.pk)
    entry = AuditEntry.objects.get(action="person.erased", object_id=str(family.child.pk))
    assert entry.person_id == by.person_id
    assert family.child.name not in str(entry.details)
    keys = DataKey.objects.filter(state="erased")
    assert {bytes(key.wrapped) for key in keys} == {b""}
    assert not DataKey.objects.filter(purpose="person", subject=str(family.child.pk)).exclude(state="erased").exists()


def test_the_sign_in_of_an_erased_person_is_over(family: Family) -> None:
    browser = Client()
    make.sign_in(browser, family.mother)
    assert browser.get(reverse("home"), follow=True).status_code == 200
    erase_person(by=make.administrator(), person_id=family.mother.pk)
    assert "/login" in browser.get(reverse("home"), follow=True).request["PATH_INFO"]
    assert User.objects.get(person=family.mother).username == f"erased-{family.mother.pk}"


def test_pages_about_an_erased_child_are_shown_without_the_texts(family: Family) -> None:
    office, teacher = Client(), Client()
    make.sign_in(office, make.bureau_post(Post.Kind.ADMINISTRATOR))
    make.sign_in(teacher, family.school.homeroom[0], "teacher")
    erase_person(by=make.administrator(), person_id=family.child.pk)
    erase_person(by=make.administrator(), person_id=family.mother.pk)
    pages = [
        (office, reverse("person", args=[family.child.pk])),
        (office, reverse("person", args=[family.mother.pk])),
        (office, reverse("person_edit", args=[family.child.pk])),
        (office, reverse("household_edit", args=[family.child.pk])),
        (office, reverse("people_list") + "?q=已删除"),
        (teacher, reverse("person", args=[family.child.pk])),
        (teacher, reverse("visit", args=[family.about_child.pk])),
        (teacher, reverse("visit", args=[family.about_both.pk])),
        (teacher, reverse("student_sheet", args=[family.child.pk])),
        (teacher, reverse("brief", args=[family.appointment.pk])),
        (teacher, reverse("today")),
    ]
    for browser, address in pages:
        answer = browser.get(address, follow=True)
        text = answer.content.decode()
        assert answer.status_code == 200, address
        assert not [secret for secret in ("哥哥", "兄妹", family.child.phone, "G3502") if secret in text], address
        assert "tel:已删除" not in text
    assert "已删除" in teacher.get(reverse("visit", args=[family.about_child.pk])).content.decode()


def test_what_is_written_after_an_erasure_is_new_and_the_old_stays_erased(family: Family) -> None:
    erase_person(by=make.administrator(), person_id=family.child.pk)
    row = Person.unscoped.get(pk=family.child.pk)
    row.id_number = "new"
    row.save()
    again = Person.unscoped.get(pk=family.child.pk)
    assert (again.phone, again.id_number) == ("", "new")


def test_rows_in_the_hand_lose_their_key_with_the_transaction(family: Family) -> None:
    with transaction.atomic():
        before = Person.unscoped.get(pk=family.child.pk)
        assert before.phone == family.child.phone
    erase_person(by=make.administrator(), person_id=family.child.pk)
    assert Person.unscoped.get(pk=family.child.pk).phone == ""


@pytest.mark.parametrize("kind", ["principal", "teacher"])
def test_only_an_administrator_erases(family: Family, kind: str) -> None:
    by = family.school.by if kind == "principal" else family.teacher
    with pytest.raises(NotAllowed):
        erase_person(by=by, person_id=family.child.pk)
    assert Person.unscoped.get(pk=family.child.pk).phone == family.child.phone


def test_nobody_is_erased_twice(family: Family) -> None:
    by = make.administrator()
    erase_person(by=by, person_id=family.child.pk)
    with pytest.raises(NotAllowed):
        erase_person(by=by, person_id=family.child.pk)


@pytest.mark.django_db(transaction=True)
def test_the_command_erases_and_a_rotation_afterwards_brings_nothing_back(family: Family, database_environment) -> None:
    import os

    from tests.keys import house

    ended = subprocess.run(
        [sys.executable, "-m", "jiafang", "erase-person", str(family.child.pk), "--yes"],
        env=os.environ | database_environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "1 person" in ended.stdout
    assert house.rotate_all().complete
    assert Visit.unscoped.get(pk=family.about_child.pk).finding == "已删除"
    assert Visit.unscoped.get(pk=family.about_sibling.pk).finding == "只说妹妹"
