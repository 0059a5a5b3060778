"""What a cadre of the bureau finds hard: of no school, owned by a section or the director, worked on by others."""

import pytest

from jiafang.access import reading, scope, system
from jiafang.care.climbing import climbs
from jiafang.care.models import CaseFile, CaseReader, CaseTally, Category
from jiafang.care.scope import WORK
from jiafang.care.services.confirm import confirm_case
from jiafang.care.services.consent import consent_upward
from jiafang.care.services.foresee import foresee
from jiafang.care.services.hand_over import follow_the_calendar
from jiafang.care.services.readers import name_reader
from jiafang.care.services.send import send_up
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from tests.care.ground import Ground, ends, now_of, offered, person_of, proposed, reads
from tests.factories import organization as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground():
    return Ground()


def own(ground, by=None, **told) -> CaseFile:
    by = by or ground.cadre
    return ground.about(by, kind="cadre", person_id=by.person_id, school_id=None, **told)


def of_a_section(ground, code: str) -> None:
    Category.objects.filter(code=code).update(section=ground.section)


def test_it_goes_to_the_director_or_the_section_of_its_category_and_that_is_said_before(ground):
    of_a_section(ground, "life")
    before = foresee(by=ground.cadre, subject_kind="cadre", person_id=ground.cadre.person_id)
    owners = {one.code: one.owner and one.owner.person_id for one in before.categories}
    assert (owners["life"], owners["safety"]) == (ground.head.person_id, ground.director.person_id)
    for code, level in (("life", "section"), ("safety", "director")):
        case = own(ground, category=code)
        assert (now_of(case).level, now_of(case).owner_id, now_of(case).school_id) == (level, owners[code], None)
        others = CaseReader.unscoped.filter(case=case).exclude(person_id=ground.cadre.person_id)
        assert [(row.person_id, row.why) for row in others] == [(owners[code], "owner")]
    assert not CaseTally.unscoped.exists(), "it is counted for no school"


def test_nobody_works_on_what_is_their_own(ground):
    case = own(ground)
    assert reads(ground.cadre, case)
    assert not scope(ground.cadre, CaseFile, WORK).filter(pk=case.pk).exists()
    assert offered(ground.cadre, case) & {"act", "assign", "name_reader", "merge"} == set()
    for other in (
        ground.head,
        ground.principal,
        ground.administrator,
        make.actor_of(make.bureau_post("cadre"), "cadre"),
    ):
        assert not reads(other, case)
    of_a_section(ground, "life")
    assert now_of(own(ground, ground.head)).owner_id == ground.director.person_id, "no head owns what is their own"


def test_whoever_told_it_says_whether_it_is_solved(ground):
    case = own(ground)
    proposed(ground.director, case)
    confirm_case(by=ground.cadre, case_id=case.pk)
    assert now_of(case).state == "closed"


def test_what_a_cadre_confides_stays_with_the_section_until_the_cadre_agrees(ground):
    of_a_section(ground, "mind")
    case = own(ground, category="mind")
    assert not climbs(now_of(case))
    assert "send_up" not in offered(ground.head, case)
    with pytest.raises(Conflict):
        send_up(by=ground.head, case_id=case.pk, words="请局长帮")
    with pytest.raises(InputFault):
        name_reader(by=ground.head, case_id=case.pk, person_id=ground.director.person_id, role="director")
    consent_upward(by=ground.cadre, case_id=case.pk)
    send_up(by=ground.head, case_id=case.pk, words="请局长帮")
    assert now_of(case).owner_id == ground.director.person_id


def test_it_is_raised_by_nobody_else(ground):
    other = make.bureau_post("cadre")
    for by in (ground.director, ground.cadre, ground.principal, ground.teacher):
        told = {"kind": "cadre", "person_id": other.pk, "school_id": None}
        with pytest.raises(NotAllowed):
            ground.about(by, **told)
    with pytest.raises(NotAllowed):
        own(ground, ground.teacher)
    with pytest.raises(NotAllowed):
        foresee(by=ground.director, subject_kind="cadre", person_id=other.pk)


def test_who_is_cadre_no_more_reads_it_no_more_and_its_owner_ends_it(ground):
    case = own(ground)
    ends({"person": person_of(ground.cadre), "kind": "cadre"})
    follow_the_calendar(by=system("calendar"))
    assert not reads(ground.cadre, case)
    assert "withdraw" in offered(ground.director, case)


def test_pages_and_lists_show_it_to_those_who_read_it(client, ground):
    make.sign_in(client, person_of(ground.cadre), "cadre")
    page = client.get("/cases/new/?self=1")
    assert f"谁会知道:{ground.director.name}(局长,负责办)" in page.content.decode()
    origin = page.context["form"]["origin"].value()
    told = {"origin": origin, "text": "常年下乡,孩子没人接", "category": "family", "alert_tier": "green"}
    assert client.post("/cases/new/?self=1", told).status_code == 302
    case = CaseFile.unscoped.get()
    for person, kind in ((ground.cadre, "cadre"), (ground.director, "director")):
        make.sign_in(client, person_of(person), kind)
        for address in (f"/cases/{case.pk}/", f"/cases/{case.pk}/timeline/", f"/cases/{case.pk}/plan.pdf", "/cases/"):
            assert client.get(address).status_code == 200, address
    make.sign_in(client, person_of(ground.cadre), "cadre")
    assert f"/cases/{case.pk}/" in client.get("/cases/own/").content.decode()
    with reading(ground.cadre):
        assert scope(ground.cadre, CaseFile).get().text == "常年下乡,孩子没人接"
