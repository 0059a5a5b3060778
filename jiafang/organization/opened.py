"""Who opened somebody's file: what a family, any person about themself, and the administrator may see of the audit."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from jiafang.access import Actor, scope
from jiafang.access.actor import ADMINISTRATOR, GUARDIAN
from jiafang.accounts.audit import Reading
from jiafang.accounts.models import AuditEntry
from jiafang.organization.models import Enrollment, Person, School
from jiafang.organization.scope import with_reader


def whose_file(actor: Actor, pk: int) -> str | None:
    """The name of the one whose openings are asked for: oneself, an own child, for the administrator anybody."""
    if pk == actor.person_id:
        return actor.name
    if actor.kind == ADMINISTRATOR or (actor.kind == GUARDIAN and _is_own_child(actor, pk)):
        return scope(actor, Person).filter(pk=pk).values_list("name", flat=True).first()
    return None


def _is_own_child(actor: Actor, pk: int) -> bool:
    return scope(actor, Enrollment).filter(student_id=pk).exists()


def openings_of(actor: Actor, pk: int) -> QuerySet[AuditEntry, Any]:
    """Every opening of the file with its reader's name, the newest first."""
    # The function finds them by index, which the policies of the table do not allow a condition on an array.
    found = RawSQL("SELECT fence.openings_of(%s)", [pk])
    return with_reader(scope(actor, AuditEntry).filter(action__in=Reading.values, pk__in=found)).order_by("-at", "-pk")


def schools_named(actor: Actor, entries: list[AuditEntry]) -> dict[int, str]:
    """Names of the schools in whose service files were opened, as far as they are known to whoever asks."""
    wanted = {school_of(entry) for entry in entries}
    return dict(scope(actor, School).filter(pk__in=wanted - {0}).values_list("pk", "name"))


def school_of(entry: AuditEntry) -> int:
    """The school of the capacity in which the file was opened, or 0."""
    _kind, _colon, school = entry.capacity.partition(":")
    return int(school) if school.isdecimal() else 0
