"""What a teacher confides reaches nobody but the principal, whatever is done to the tables and whoever is missing."""

import uuid

import pytest

from jiafang.access import system
from jiafang.care.climbing import CLIMBS, climbs
from jiafang.care.models import CaseFile, CaseReader, Category, CategoryRule
from jiafang.care.services.categories import CategoryDraft, save_category
from jiafang.care.services.foresee import foresee
from jiafang.care.services.hand_over import follow_the_calendar
from jiafang.care.services.readers import name_reader
from jiafang.care.services.send import send_up
from jiafang.common.errors import Conflict, InputFault
from jiafang.notifications.models import Notification
from tests.care.ground import Ground, ends, now_of, offered, reads
from tests.factories import organization as make

pytestmark = pytest.mark.django_db

CALENDAR = system("calendar")


@pytest.fixture
def ground():
    return Ground()


def confided(ground, **told) -> CaseFile:
    return ground.about(ground.teacher, person_id=ground.teacher.person_id, category="mind", **told)


def readers(case) -> set[tuple[int, str]]:
    return set(CaseReader.unscoped.filter(case=case, until=None).values_list("person_id", "why"))


def without_principal(ground) -> None:
    ends({"school": ground.place, "kind": "principal"})


def told_before(ground):
    found = foresee(
        by=ground.teacher, subject_kind="teacher", person_id=ground.teacher.person_id, school_id=ground.place.pk
    )
    return next(one for one in found.categories if one.code == "mind")


def test_what_was_confided_stays_so_whatever_becomes_of_its_category(ground):
    case = confided(ground)
    row = Category.objects.get(code="mind")
    save_category(
        by=ground.administrator,
        category_id=row.pk,
        told=CategoryDraft(name=row.name, subjects=tuple(row.subjects), confided=False, order=row.order),
    )
    with pytest.raises(Conflict):
        send_up(by=ground.principal, case_id=case.pk, words="请局里帮")
    with pytest.raises(InputFault):
        name_reader(by=ground.principal, case_id=case.pk, person_id=ground.counselor.person_id, role="counselor")
    assert not climbs(now_of(case))
    assert not CaseFile.unscoped.filter(CLIMBS, pk=case.pk).exists()
    assert "consent" in offered(ground.teacher, case)
    assert climbs(confided(ground)), "what is told from now on follows the category as it is now"


def test_a_rule_lets_nobody_in_on_what_is_confided(ground):
    rule = {"owner": "counselor", "readers": ["counselor", "moral_deputy", "cadre", "director"]}
    CategoryRule.objects.create(category=Category.objects.get(code="mind"), level="school", **rule)
    before = told_before(ground)
    assert (before.owner.person_id, before.readers) == (ground.principal.person_id, ())
    for agreed in (False, True):
        case = confided(ground, consent_upward=agreed)
        assert readers(case) == {(ground.principal.person_id, "owner"), (ground.teacher.person_id, "raiser")}
    for other in (ground.counselor, ground.moral, ground.cadre, ground.director):
        assert not reads(other, case)


def test_a_rule_lets_nobody_of_the_own_school_in_on_what_a_principal_confides(ground):
    CategoryRule.objects.create(
        category=Category.objects.get(code="mind"), level="director", owner="director",
        readers=["counselor", "moral_deputy", "cadre"],
    )  # fmt: skip
    case = ground.about(ground.principal, kind="principal", person_id=ground.principal.person_id, category="mind")
    assert {person for person, why in readers(case) if why == "role"} == {ground.cadre.person_id}


def test_where_there_is_no_principal_it_waits_for_one_and_says_so_before(ground):
    without_principal(ground)
    before = told_before(ground)
    assert (before.owner, before.readers) == (None, ())
    case = confided(ground)
    assert (now_of(case).level, now_of(case).state) == ("school", "open")
    assert readers(case) == {(ground.teacher.person_id, "raiser")}
    assert follow_the_calendar(by=CALENDAR) == 0
    assert readers(case) == {(ground.teacher.person_id, "raiser")}, "nor does a deputy stand in"
    assert Notification.unscoped.filter(person_id=ground.teacher.person_id, code="case.waiting").count() == 1
    follower = make.school_post("principal", ground.place)
    assert follow_the_calendar(by=CALENDAR) == 1
    assert now_of(case).owner_id == follower.pk
    assert reads(make.actor_of(follower, "principal"), case)


def test_by_consent_it_goes_to_the_bureau_where_there_is_no_principal(ground):
    without_principal(ground)
    assert [one.person_id for one in told_before(ground).instead] == [ground.director.person_id]
    case = confided(ground, consent_upward=True)
    assert readers(case) == {(ground.director.person_id, "owner"), (ground.teacher.person_id, "raiser")}


def test_nobody_consents_for_somebody_else(ground):
    case = ground.about(
        ground.principal, person_id=ground.teacher.person_id, category="mind", consent_upward=True, origin=uuid.uuid4()
    )
    assert not now_of(case).consent_upward
