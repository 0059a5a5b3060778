"""The only writers of audit entries; call them inside the transaction of the change or of the page."""

import json
from collections.abc import Iterable
from typing import Any, Protocol

from django.db import connection, models

from jiafang.accounts.audit.form import Entry, canonical, microseconds, sealed
from jiafang.accounts.audit.keys import seal_keys
from jiafang.accounts.audit.readings import Reading
from jiafang.common.clock import now

PERSON = "organization.person"

# Not through the model: what is inserted is not read back, for most who write an entry may not read it.
INSERT = """INSERT INTO accounts_auditentry
    (at, user_id, person_id, capacity, action, object_kind, object_id, why, subjects, details, seal)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::bigint[], %s::jsonb, %s)"""


class AuditedBy(Protocol):
    """What an entry needs to know of the one who acted."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def person_id(self) -> int: ...
    @property
    def capacity_key(self) -> str: ...


def record(
    *, by: AuditedBy, action: str, of: models.Model | None, why: str = "", subjects: Iterable[int] = (), **details: Any
) -> None:
    """Write one entry about one row; `subjects` are the persons it is about, `details` holds ids and counts only."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, _entry(by, action, of, why, subjects, details))


def record_each(*, by: AuditedBy, action: str, of: Iterable[models.Model], **details: Any) -> None:
    """One entry about each of these rows, written at once."""
    entries = [_entry(by, action, row, "", (), details) for row in of]
    if entries:
        with connection.cursor() as cursor:
            cursor.executemany(INSERT, entries)


def _entry(
    by: AuditedBy, action: str, of: models.Model | None, why: str, subjects: Iterable[int], details: dict[str, Any]
) -> list[Any]:
    """The columns of an entry with its seal."""
    _require_exact(details)
    at = now()
    entry = Entry(
        at=microseconds(at),
        user_id=by.user_id,
        person_id=by.person_id or None,
        capacity=by.capacity_key,
        action=str(action),
        object_kind=of._meta.label_lower if of is not None else "",
        object_id=str(of.pk) if of is not None else "",
        why=why,
        subjects=sorted({*subjects, *_persons_of(of)}),
        details=json.dumps(details, ensure_ascii=False),
    )
    return [at, *entry[1:10], sealed(canonical(entry), seal_keys()[0])]


def opened(
    *, by: AuditedBy, reading: Reading, students: Iterable[int], of: models.Model | None = None, why: str = ""
) -> None:
    """One entry for one page or file that shows something about these people; a page that shows nobody needs none."""
    about = {*students, *_persons_of(of)} - {by.person_id}
    if about:
        record(by=by, action=reading.value, of=of, why=why, subjects=about)


def _persons_of(of: models.Model | None) -> set[int]:
    """Whom a row is about, where it says so itself."""
    if of is None:
        return set()
    if of._meta.label_lower == PERSON:
        return {of.pk}
    return {getattr(of, name) for name in ("person_id", "student_id") if getattr(of, name, None)}


def _require_exact(value: Any) -> None:
    """Refuse what the database would give back in another form than it was sealed in."""
    if isinstance(value, dict):
        for one in value.values():
            _require_exact(one)
    elif isinstance(value, list | tuple):
        for one in value:
            _require_exact(one)
    elif not (value is None or isinstance(value, str | int)):
        raise TypeError(f"an audit entry holds ids, words and counts, not {type(value).__name__}")
