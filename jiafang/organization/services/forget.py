"""What is kept of a person and a household when the person is erased: a row without a name that others point at."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from jiafang.common.clock import today
from jiafang.keys.erasure import Subject, keys_about_person
from jiafang.organization.models import CareTag, Household, HouseholdMembership, Person


@keys_about_person("organization")
def keys_of_person(person_id: int) -> Iterator[Subject]:
    """The person's own key; that of a household in which nobody else is left."""
    person = Person.unscoped.select_for_update(of=("self",)).get(pk=person_id)
    with override(settings.LANGUAGE_CODE):  # stored, so in one language
        name = _("已删除")
    plain = {
        "name": name,
        "pinyin": "",
        "initials": "",
        "sex": "",
        "birth_date": None,
        "phone_hash": "",
        "id_number_hash": "",
        "registry_number_hash": "",
        "erased_on": today(),
    }
    Person.unscoped.filter(pk=person.pk).update(**plain)
    CareTag.unscoped.filter(student_id=person_id).delete()
    yield "person", str(person_id)
    lived_in = HouseholdMembership.unscoped.filter(person_id=person_id).values("household_id")
    others = HouseholdMembership.unscoped.filter(household_id__in=lived_in, person__erased_on=None)
    emptied = Household.unscoped.filter(pk__in=lived_in).exclude(pk__in=others.values("household_id"))
    for household in emptied.select_for_update().order_by("pk"):
        Household.unscoped.filter(pk=household.pk).update(address_hash="", village=None, lat=None, lon=None)
        yield "household", str(household.pk)
