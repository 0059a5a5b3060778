"""Where help is found: everybody reads the district's and the own school's, each is kept by whoever answers for it."""

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.accounts.models import AuditEntry
from jiafang.care.first_resources import FIRST_RESOURCES, ensure_resources
from jiafang.care.models import Resource
from jiafang.care.selectors.resources import emergency_numbers
from jiafang.care.services.resources import Help, save_resource
from jiafang.common.errors import InputFault, NotAllowed
from tests.care.working import Ground
from tests.factories import organization as make
from tests.queries import query_count

pytestmark = pytest.mark.django_db
OWN = Help(kind="counselor", name="心育小屋", phone="0595-12345678")


@pytest.fixture
def ground() -> Ground:
    ensure_resources()
    return Ground()


def listed(client: Client, person: object, kind: str) -> str:
    make.sign_in(client, person, kind)
    answer = client.get(reverse("resources"))
    assert answer.status_code == 200
    return answer.content.decode()


def person(pk: int) -> object:
    return make.Person.unscoped.get(pk=pk)


def test_a_new_district_has_the_national_numbers_once(ground: Ground) -> None:
    ensure_resources()
    assert Resource.objects.count() == len(FIRST_RESOURCES)
    assert {row.phone for row in emergency_numbers(ground.teacher)} == {"110", "120"}


@pytest.mark.parametrize("kind", ["guardian", "teacher", "community_partner", "administrator", "director"])
def test_everybody_who_has_come_in_can_call(client: Client, ground: Ground, kind: str) -> None:
    who = {
        "guardian": person(ground.mother.person_id),
        "teacher": ground.school.homeroom[0],
        "community_partner": make.bureau_post("community_partner"),
        "administrator": make.bureau_post("administrator"),
        "director": make.bureau_post("director"),
    }[kind]
    text = listed(client, who, kind)
    for number in ("110", "120", "12355", "12356", "12348"):
        assert f'href="tel:{number}"' in text
    assert max(text.index("tel:120"), text.index("tel:110")) < text.index("tel:12355")


def test_a_schools_entry_is_for_that_school(client: Client, ground: Ground) -> None:
    save_resource(by=ground.principal, told=OWN)
    assert OWN.name in listed(client, person(ground.mother.person_id), "guardian")
    assert OWN.name in listed(client, ground.school.homeroom[1], "teacher")
    elsewhere = make.SchoolFactory()
    assert OWN.name not in listed(client, make.school_post("principal", elsewhere), "principal")
    assert OWN.name not in listed(client, make.bureau_post("community_partner"), "community_partner")


def test_each_keeps_the_own_entries_and_no_others(client: Client, ground: Ground) -> None:
    own = save_resource(by=ground.principal, told=OWN)
    of_district = Resource.objects.get(phone="120")
    other = make.actor_of(make.school_post("principal", make.SchoolFactory()), "principal")
    for by, row in ((ground.principal, of_district), (make.administrator(), own), (other, own)):
        with pytest.raises(NotAllowed):
            save_resource(by=by, told=OWN, resource_id=row.pk)
        make.sign_in(client, person(by.person_id), by.kind)
        assert client.get(reverse("resource_edit", args=[row.pk])).status_code == 404
    for by in (ground.teacher, ground.mother):
        with pytest.raises(NotAllowed):
            save_resource(by=by, told=OWN)
        make.sign_in(client, person(by.person_id), by.kind)
        assert client.get(reverse("resource_new")).status_code == 404
    own.refresh_from_db()
    assert own.name == OWN.name


def test_an_entry_is_written_corrected_and_put_off(client: Client, ground: Ground) -> None:
    make.sign_in(client, ground.school.principal, "principal")
    told = {"kind": "counselor", "name": "心育小屋", "phone": "0595-1234", "active": "on"}
    assert client.post(reverse("resource_new"), told).status_code == 302
    row = Resource.objects.get(name="心育小屋")
    assert row.school_id == ground.principal.school_id
    del told["active"]
    assert client.post(reverse("resource_edit", args=[row.pk]), told).status_code == 302
    assert "心育小屋" not in listed(client, person(ground.mother.person_id), "guardian")
    assert "停用的" in listed(client, ground.school.principal, "principal")
    assert AuditEntry.objects.filter(action="resource.saved").count() == 2


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"kind": "wizard"}, "kind"),
        ({"name": "  "}, "name"),
        ({"phone": "打给老王"}, "phone"),
        ({"phone": "javascript:1"}, "phone"),
        ({"phone": "", "emergency": True}, "phone"),
    ],
)
def test_what_cannot_be_called_is_refused_at_its_place(ground: Ground, changed: dict, place: str) -> None:
    with pytest.raises(InputFault) as fault:
        save_resource(
            by=ground.principal, told=Help(**{"kind": "hospital", "name": "卫生院", "phone": "120"} | changed)
        )
    assert fault.value.place == place


def test_the_fault_stands_at_its_field_and_what_was_typed_is_kept(client: Client, ground: Ground) -> None:
    make.sign_in(client, ground.school.principal, "principal")
    answer = client.post(reverse("resource_new"), {"kind": "hospital", "name": "镇卫生院", "phone": "打给老王"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'id="id_phone_error"' in text
    assert 'value="镇卫生院"' in text
    save_resource(by=ground.principal, told=OWN)
    again = client.post(reverse("resource_new"), {"kind": OWN.kind, "name": OWN.name, "phone": "1234"})
    assert 'id="id_name_error"' in again.content.decode()


def test_ten_more_entries_cost_as_many_queries(client: Client, ground: Ground) -> None:
    save_resource(by=ground.principal, told=OWN)
    make.sign_in(client, ground.school.principal, "principal")
    client.get(reverse("resources"))
    few = query_count(lambda: client.get(reverse("resources")))
    for at in range(10):
        save_resource(by=ground.principal, told=Help(kind="volunteers", name=f"志愿者{at}", phone="12345"))
    assert query_count(lambda: client.get(reverse("resources"))) == few
