"""Records and answers about a person who is erased: what was said of them goes, that a meeting took place stays."""

from collections.abc import Iterator

from django.db.models import Q

from jiafang.campaigns.models import Appointment, Duty
from jiafang.common.clock import now
from jiafang.keys.erasure import Subject, keys_about_person
from jiafang.visits.models import Attachment, HeldItem, Note, RaisedConcern, Receipt, Visit
from jiafang.visits.services.hold import WAITING


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
    yield from _held(person_id)
    answered = Appointment.duties.through.objects.filter(duty__person_id=person_id).values("appointment_id")
    for pk in Appointment.unscoped.filter(pk__in=answered).order_by("pk").values_list("pk", flat=True):
        yield "appointment", str(pk)


def _held(person_id: int) -> Iterator[Subject]:
    """What phones sent about the person and nobody has settled: it goes too, and waits for nobody any more."""
    duties = list(Duty.unscoped.filter(person_id=person_id).values_list("pk", flat=True))
    visits = Visit.duties.through.objects.filter(duty_id__in=duties).values_list("visit_id", flat=True)
    about = HeldItem.unscoped.filter(Q(duty_ids__overlap=duties) | Q(details__visit__in=[str(pk) for pk in visits]))
    for pk, receipt_id in about.order_by("pk").values_list("pk", "receipt_id"):
        HeldItem.unscoped.filter(pk=pk, state__in=WAITING).update(state=HeldItem.State.DISMISSED, settled_at=now())
        Receipt.unscoped.filter(pk=receipt_id).update(held=False)
        yield "held", str(pk)
