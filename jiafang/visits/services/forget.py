"""Records and answers about a person who is erased: what was said of them goes, that a meeting took place stays."""

from collections.abc import Iterator

from jiafang.campaigns.models import Appointment
from jiafang.keys.erasure import Subject, keys_about_person
from jiafang.visits.models import Attachment, Note, RaisedConcern, Visit


@keys_about_person("visits")
def keys_of_records(person_id: int) -> Iterator[Subject]:
    """A text about two children is about each of them: it goes with the first who is erased."""
    for told in (Note, RaisedConcern):
        told.unscoped.filter(person_id=person_id).delete()
    visits = Visit.unscoped.filter(
        pk__in=Visit.duties.through.objects.filter(duty__person_id=person_id).values("visit_id")
    )
    for pk in list(visits.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)):
        Visit.unscoped.filter(pk=pk).update(chips=[], body_hash="")
        Attachment.unscoped.filter(visit_id=pk).delete()
        yield "visit", str(pk)
    answered = Appointment.duties.through.objects.filter(duty__person_id=person_id).values("appointment_id")
    for pk in Appointment.unscoped.filter(pk__in=answered).order_by("pk").values_list("pk", flat=True):
        yield "appointment", str(pk)
