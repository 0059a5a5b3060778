"""The one place that writes audit entries; call it inside the transaction of the change."""

from typing import Any, Protocol

from django.db import models

from jiafang.accounts.models import AuditEntry


class AuditedBy(Protocol):
    """What an entry needs to know of the one who acted."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def person_id(self) -> int: ...
    @property
    def capacity_key(self) -> str: ...


def record(*, by: AuditedBy, action: str, of: models.Model, why: str = "", **details: Any) -> None:
    """Write one entry about one row; `details` holds ids and counts only."""
    AuditEntry.objects.create(
        user_id=by.user_id,
        person_id=by.person_id or None,
        capacity=by.capacity_key,
        action=action,
        object_kind=of._meta.label_lower,
        object_id=str(of.pk),
        why=why,
        details=details,
    )
