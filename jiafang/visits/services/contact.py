"""Keeping the day of the last contact beside the records."""

from collections.abc import Collection

from django.utils.timezone import localdate

from jiafang.visits.models import LastContact, Visit


def remember_contacts(person_ids: Collection[int]) -> None:
    """Find the latest visit of each person again; called inside the transaction of the record."""
    latest = (
        Visit.unscoped.filter(duties__person_id__in=person_ids)
        .order_by("duties__person_id", "-started_at")
        .distinct("duties__person_id")
        .values_list("duties__person_id", "started_at", "pk")
    )
    LastContact.unscoped.bulk_create(
        [
            LastContact(person_id=person_id, on=localdate(started_at), visit_id=visit_id)
            for person_id, started_at, visit_id in latest
        ],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["on", "visit"],
    )
