"""What is sealed opens for its row only, whatever text it is; keys are fetched together and forgotten."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from jiafang.keys.datakeys import keys_for_writing
from jiafang.keys.errors import MasterKeyMissing, SealBroken
from jiafang.keys.fields import key_of, opened
from jiafang.keys.masters import new_secret
from jiafang.keys.models import DataKey
from jiafang.keys.sealing import sealed_fields, sealed_models
from jiafang.organization.models import Household, Person, RosterFile, RosterImport, SeasonalResidence
from tests.factories.organization import HouseholdFactory, PersonFactory, SeasonalResidenceFactory

pytestmark = pytest.mark.django_db


def raw(model, pk, column) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {model._meta.db_table} WHERE {model._meta.pk.column} = %s", [pk])
        return bytes(cursor.fetchone()[0])


def put(model, pk, column, stored: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET {column} = %s WHERE {model._meta.pk.column} = %s", [stored, pk]
        )


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    with transaction.atomic():
        person = PersonFactory(phone=text, phone_hash="")
        again = Person.unscoped.get(pk=person.pk)
        assert again.phone == text
        assert text.encode("utf-8", "surrogatepass") not in raw(Person, person.pk, "phone") or len(text) < 3


@settings(max_examples=30, deadline=None)
@given(
    content=st.binary(max_size=3000), document=st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3)
)
def test_any_file_and_any_document_come_back_as_they_were(content: bytes, document: dict[str, str]) -> None:
    with transaction.atomic():
        made = RosterImport.unscoped.create(preview=document)
        file = RosterFile.unscoped.create(roster_import=made, name="名册.xlsx", content=content, size=len(content))
        assert RosterFile.unscoped.get(pk=file.pk).content == content
        assert RosterImport.unscoped.get(pk=made.pk).preview == document


@pytest.fixture
def two_people():
    return PersonFactory(phone="13900000001"), PersonFactory(phone="13900000002")


def test_a_text_moved_to_another_row_fails_loudly(two_people) -> None:
    one, other = two_people
    put(Person, other.pk, "phone", raw(Person, one.pk, "phone"))
    with pytest.raises(SealBroken):
        _ = Person.unscoped.get(pk=other.pk).phone


def test_a_text_moved_to_another_column_fails_loudly(two_people) -> None:
    one, _other = two_people
    put(Person, one.pk, "id_number", raw(Person, one.pk, "phone"))
    again = Person.unscoped.get(pk=one.pk)
    assert again.phone == "13900000001"
    with pytest.raises(SealBroken):
        _ = again.id_number


def test_a_text_moved_to_another_table_fails_loudly() -> None:
    household = HouseholdFactory()
    summer = SeasonalResidenceFactory(household=household)
    put(SeasonalResidence, summer.pk, "place", raw(Household, household.pk, "address"))
    with pytest.raises(SealBroken):
        _ = SeasonalResidence.unscoped.get(pk=summer.pk).place


def test_a_changed_bit_fails_loudly(two_people) -> None:
    one, _other = two_people
    stored = bytearray(raw(Person, one.pk, "phone"))
    stored[-1] ^= 1
    put(Person, one.pk, "phone", bytes(stored))
    with pytest.raises(SealBroken):
        _ = Person.unscoped.get(pk=one.pk).phone


def test_an_earlier_version_and_a_lost_key_fail_loudly(two_people) -> None:
    one, other = two_people
    put(Person, one.pk, "phone", b"\x01" + raw(Person, one.pk, "phone")[1:])
    with pytest.raises(SealBroken):
        Person.unscoped.get(pk=one.pk)
    DataKey.objects.filter(subject=str(other.pk)).delete()
    with pytest.raises(SealBroken):
        _ = Person.unscoped.get(pk=other.pk).phone


def test_the_key_of_one_person_cannot_stand_for_another(two_people) -> None:
    one, other = (DataKey.objects.get(purpose="person", subject=str(person.pk)) for person in two_people)
    DataKey.objects.filter(pk=other.pk).update(wrapped=bytes(one.wrapped))
    with pytest.raises(SealBroken):
        _ = Person.unscoped.get(pk=two_people[1].pk).phone


def test_without_the_master_key_nothing_opens(two_people, settings) -> None:
    settings.MASTER_KEY = new_secret()
    with pytest.raises(MasterKeyMissing):
        _ = Person.unscoped.get(pk=two_people[0].pk).phone


def test_an_earlier_master_key_still_opens_and_the_newest_seals(two_people, settings) -> None:
    settings.MASTER_KEYS_OLD, settings.MASTER_KEY = settings.MASTER_KEY, new_secret()
    assert Person.unscoped.get(pk=two_people[0].pk).phone == "13900000001"
    newer = PersonFactory(phone="13900000003")
    masters_of = dict(DataKey.objects.values_list("subject", "master"))
    assert masters_of[str(newer.pk)] != masters_of[str(two_people[0].pk)]


def test_a_page_of_people_costs_one_query_for_all_keys() -> None:
    def cost(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert all(person.phone for person in Person.unscoped.order_by("pk")[:count])
        return len(queries)

    for _n in range(30):
        PersonFactory()
    assert cost(1) == cost(30) == 2


def test_people_whose_sealed_fields_nobody_looks_at_cost_no_keys(two_people) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert [person.name for person in Person.unscoped.all()]
    assert len(queries) == 1


def test_columns_read_by_value_open_beside_their_row(two_people) -> None:
    found = {pk: opened(phone, pk) for pk, phone in Person.unscoped.values_list("pk", "phone")}
    assert found == {person.pk: person.phone for person in two_people}
    one, other = two_people
    value = Person.unscoped.values_list("phone", flat=True).get(pk=one.pk)
    with pytest.raises(TypeError):
        str(value)
    with pytest.raises(SealBroken):
        opened(value, other.pk)


def test_sealed_columns_are_neither_set_nor_found_in_bulk(two_people) -> None:
    for wrong in (
        lambda: Person.unscoped.update(phone="13900000009"),
        lambda: Person.unscoped.filter(phone="13900000001").exists(),
        lambda: Person.unscoped.bulk_update([two_people[0]], ["phone"]),
    ):
        with pytest.raises((SealBroken, TypeError)), transaction.atomic():
            wrong()
    assert Person.unscoped.get(pk=two_people[0].pk).phone == "13900000001"


def test_saving_what_nobody_changed_keeps_the_ciphertext(two_people) -> None:
    before = raw(Person, two_people[0].pk, "phone")
    again = Person.unscoped.get(pk=two_people[0].pk)
    again.name = "叶廖"
    again.save()
    assert raw(Person, again.pk, "phone") == before
    again.phone = "13900000007"
    again.save()
    after = raw(Person, again.pk, "phone")
    assert (after != before, key_of(after)) == (True, key_of(before))


def test_texts_of_one_household_share_a_key_and_people_have_their_own(two_people) -> None:
    household = HouseholdFactory()
    summer = SeasonalResidenceFactory(household=household)
    assert key_of(raw(Household, household.pk, "address")) == key_of(raw(SeasonalResidence, summer.pk, "place"))
    assert len({key_of(raw(Person, person.pk, "phone")) for person in two_people}) == 2


def test_many_rows_are_sealed_at_once() -> None:
    made = RosterImport.unscoped.create()
    files = [RosterFile(roster_import=made, name=f"{n}.csv", content=b"x" * (n + 1), size=n + 1) for n in range(5)]
    RosterFile.unscoped.bulk_create(files)
    assert [len(file.content) for file in RosterFile.unscoped.order_by("pk")] == [1, 2, 3, 4, 5]


def test_a_key_that_a_savepoint_took_back_is_not_written_with() -> None:
    person = PersonFactory(phone="", phone_hash="")
    with transaction.atomic():
        person.phone = "13900000004"
        person.save()
        transaction.set_rollback(True)
    person.save()
    assert Person.unscoped.get(pk=person.pk).phone == "13900000004"
    person.phone = "13900000005"
    person.save()
    assert Person.unscoped.get(pk=person.pk).phone == "13900000005"


def test_keys_are_made_once_for_each_subject() -> None:
    with transaction.atomic():
        first = keys_for_writing("person", ["1", "2"])
        second = keys_for_writing("person", ["2", "3"])
    assert first["2"][0] == second["2"][0]
    assert DataKey.objects.count() == 3


def test_every_sealed_field_names_the_key_it_lies_under() -> None:
    found = {
        f"{model._meta.label}.{field.name}": field.purpose
        for model in sealed_models()
        for field in sealed_fields(model)
    }
    assert {
        "organization.Person.phone": "person",
        "organization.Person.id_number": "person",
        "organization.Person.registry_number": "person",
        "organization.Household.address": "household",
        "organization.Household.preferred_times": "household",
        "organization.SeasonalResidence.place": "household",
        "organization.RosterImport.preview": "import",
        "organization.RosterImport.plan": "import",
        "organization.RosterFile.content": "import",
        "campaigns.Appointment.answer_note": "appointment",
        "visits.Visit.finding": "visit",
        "visits.Visit.guardian_opinion": "visit",
        "visits.VisitRevision.body": "visit",
        "visits.Participant.relation": "visit",
    }.items() <= found.items()
