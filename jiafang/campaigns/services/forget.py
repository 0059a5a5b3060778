"""Where somebody who is erased was met: the point of a home does not stay in the timetable."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from jiafang.campaigns.models import Appointment
from jiafang.keys.erasure import Subject, keys_about_person


@keys_about_person("campaigns")
def keys_of_meetings(person_id: int) -> Iterable[Subject]:
    """Places lie under no key; they go with the last who was met there, as the household does."""
    met = Appointment.duties.through.objects.filter(appointment_id=OuterRef("pk"))
    others = met.exclude(duty__person_id=person_id).filter(duty__person__erased_on=None)
    of_person = Appointment.unscoped.filter(Exists(met.filter(duty__person_id=person_id)), ~Exists(others))
    of_person.update(place="", lat=None, lon=None)
    return ()
