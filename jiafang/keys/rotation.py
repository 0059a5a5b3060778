"""Every data key replaced by a new one, its texts moved, the old key destroyed; may be killed at any moment.

1. Retire: each old key gets a successor. Writers hold a share lock on the key they write with, so once a key is retired
   no text can appear under it any more: what is left under it only becomes less.
2. Move: texts under old keys are sealed anew, a few rows in a transaction, and only where they still are what was read.
3. Destroy: when nothing refers to an old key, it is deleted.
Every step finds its work by looking, so whoever is killed is taken up where it was.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, models
from django.db.models import F, Max
from django.utils import timezone

from jiafang.common.errors import NotReady
from jiafang.keys.datakeys import label_of, new_keys
from jiafang.keys.fields import EncryptedBytesField, SealedField, decrypt, encrypt, key_of, place_of
from jiafang.keys.masters import masters
from jiafang.keys.models import DataKey, KeyRotation
from jiafang.keys.sealing import sealed_fields, sealed_models
from jiafang.keys.secrets import PURPOSE as SECRET

Transaction = Callable[[], AbstractContextManager[None]]
Progress = Callable[[str, int, int], None]  # step, how many are done, of how many

LOCK = 0x6A66_0013  # one rotation at a time
PATIENCE = 600.0  # seconds to wait for transactions that were open when the rotation began
LOCK_PATIENCE = 30.0  # seconds; a killed process may hold the lock until the server has noticed
PAUSE = 0.2
# Keys whose texts nobody finds by looking at rows: they are wrapped anew, not replaced.
WRAPPED_ONLY = (SECRET,)
_KEYS = DataKey._meta.db_table
State = DataKey.State


@dataclass(frozen=True)
class Outcome:
    """What a rotation did, and the counts that prove it."""

    moved: int
    destroyed: int
    old_references: int  # texts that refer to a key from before the rotation
    old_keys: int  # such keys that are still there
    old_masters: int  # keys that lie under an earlier master key
    still_writing: bool = False  # somebody who began before the rotation may yet bring an old key to light

    @property
    def complete(self) -> bool:
        return not (self.old_references or self.old_keys or self.old_masters or self.still_writing)


def rotate(*, transaction: Transaction, progress: Progress, batch: int = 200) -> Outcome:
    """Replace every data key that there is now; `transaction` opens one that sees every sealed row."""
    _lock()
    try:
        with transaction():
            rotation = _open_rotation()
        deadline = time.monotonic() + PATIENCE
        while True:
            # Asked first: what commits after it is looked at in the next round.
            nobody_from_before = _all_have_ended(rotation.began_in)
            _retire(rotation, transaction, progress, batch)
            _move(rotation, transaction, progress, batch)
            found = _count(rotation, transaction)
            if not found.old_references:
                _destroy(rotation, transaction, progress, batch)
                found = _count(rotation, transaction)
            nothing_left = not (found.old_references or found.old_keys)
            if (nothing_left and nobody_from_before) or time.monotonic() > deadline:
                break
            progress("wait", 0, 1)
            time.sleep(PAUSE)
        _wrap_anew(transaction, progress, batch)
        found = replace(_count(rotation, transaction), still_writing=not nobody_from_before)
        if found.complete:
            with transaction():
                KeyRotation.objects.filter(pk=rotation.pk).update(finished_at=timezone.now())
        return found
    finally:
        _unlock()


def wrap_anew(*, transaction: Transaction, progress: Progress, batch: int = 1000) -> int:
    """Put every data key under the newest master key, the texts left as they are; how many lie elsewhere still."""
    _lock()
    try:
        _wrap_anew(transaction, progress, batch)
        return _under_old_masters()
    finally:
        _unlock()


def _lock() -> None:
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if cursor.fetchone()[0]:
                return
        if time.monotonic() > deadline:
            raise NotReady("Another rotation of keys is running.")
        time.sleep(PAUSE)


def _unlock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _open_rotation() -> KeyRotation:
    rotation = KeyRotation.objects.filter(finished_at=None).first()
    if rotation is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            (began_in,) = cursor.fetchone()
        below = DataKey.objects.aggregate(newest=Max("pk"))["newest"] or 0
        rotation = KeyRotation.objects.create(below=below, began_in=began_in)
    return rotation


def _all_have_ended(began_in: int) -> bool:
    """Whether every transaction that wrote before the rotation began has ended: no old key can come to light."""
    with connection.cursor() as cursor:
        # Of this database only; numbers of transactions go round, so they are compared on the circle.
        cursor.execute(
            "SELECT NOT EXISTS (SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted AND datname = current_database()"
            " AND ((transactionid::text::bigint - %s) & 4294967295) > 2147483647)",
            [began_in & 0xFFFFFFFF],
        )
        return bool(cursor.fetchone()[0])


def _replaced(rotation: KeyRotation) -> Any:
    return DataKey.objects.filter(pk__lte=rotation.below).exclude(purpose__in=WRAPPED_ONLY)


def _retire(rotation: KeyRotation, transaction: Transaction, progress: Progress, batch: int) -> None:
    current = _replaced(rotation).filter(state=State.CURRENT)
    with transaction():
        total = current.count()
    done = 0
    while True:
        progress("keys", done, total)
        with transaction():
            # Those that somebody is writing with are left for the next round.
            keys = list(current.order_by("pk").select_for_update(skip_locked=True)[: 5 * batch])
            if not keys:
                return
            DataKey.objects.filter(pk__in=[key.pk for key in keys]).update(state=State.RETIRED)
            subjects: dict[str, list[str]] = defaultdict(list)
            for key in keys:
                subjects[key.purpose].append(key.subject)
            for purpose, named in subjects.items():
                new_keys(purpose, named)
            done += len(keys)


def _move(rotation: KeyRotation, transaction: Transaction, progress: Progress, batch: int) -> None:
    with transaction():
        total = sum(_references(model, rotation) for model in sealed_models())
    done = 0
    for model in sealed_models():
        after: Any = None
        while True:
            progress("texts", done, max(total, done))
            with transaction():
                rows = _rows(model, rotation, after, batch)
                if not rows:
                    break
                moved = _move_rows(model, rows, rotation)
                KeyRotation.objects.filter(pk=rotation.pk).update(moved=F("moved") + moved)
            done += moved
            after = rows[-1][0]


def _is_old(column: str | None) -> str:
    """SQL: a ciphertext under a key from before. Bytes compare like the numbers that they are."""
    return f'(octet_length("{column}") > 0 AND substring("{column}" FROM 2 FOR 8) <= int8send(%s))'


def _rows(model: type[models.Model], rotation: KeyRotation, after: Any, batch: int) -> list[tuple[Any, ...]]:
    """The next rows with an old text: key, then every sealed column; rows that somebody holds are left out."""
    fields, pk = sealed_fields(model), model._meta.pk.column
    if any(isinstance(field, EncryptedBytesField) for field in fields):
        batch = 1  # files are large
    columns = ", ".join(f'"{field.column}"' for field in fields)
    old = " OR ".join(_is_old(field.column) for field in fields)
    values: list[Any] = [rotation.below] * len(fields)
    where = f"({old})"
    if after is not None:
        where += f' AND "{pk}" > %s'
        values.append(after)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{pk}", {columns} FROM "{model._meta.db_table}" WHERE {where}'  # noqa: S608
            f' ORDER BY "{pk}" LIMIT %s FOR UPDATE SKIP LOCKED',
            [*values, batch],
        )
        return cursor.fetchall()


def _move_rows(model: type[models.Model], rows: list[tuple[Any, ...]], rotation: KeyRotation) -> int:
    fields = sealed_fields(model)
    texts = [
        (row[0], field, bytes(value))
        for row in rows
        for field, value in zip(fields, row[1:], strict=True)
        if value and key_of(bytes(value)) <= rotation.below
    ]
    old, successors = _keys_and_successors({key_of(stored) for _, _, stored in texts})
    by_field: dict[SealedField, list[tuple[Any, bytes, bytes]]] = defaultdict(list)
    for pk, field, stored in texts:
        key = old.get(key_of(stored))
        if key is None:
            continue  # erased, or lost: the count at the end tells the two apart
        key_id, successor = successors[key[0], key[1]]
        place = place_of(field, pk)
        by_field[field].append((pk, stored, encrypt(decrypt(stored, key[2], place), key_id, successor, place)))
    moved = 0
    with connection.cursor() as cursor:
        for field, changes in by_field.items():
            kind = model._meta.pk.db_type(connection)
            kind = {"bigserial": "bigint", "serial": "integer"}.get(str(kind), kind)
            # Compared with what was read, although the rows are locked: no edit is ever overwritten.
            cursor.execute(
                f'UPDATE "{model._meta.db_table}" AS t SET "{field.column}" = v.new'  # noqa: S608
                f" FROM unnest(%s::{kind}[], %s::bytea[], %s::bytea[]) AS v (pk, old, new)"
                f' WHERE t."{model._meta.pk.column}" = v.pk AND t."{field.column}" = v.old',
                [list(column) for column in zip(*changes, strict=True)],
            )
            moved += cursor.rowcount
    return moved


def _keys_and_successors(
    ids: set[int],
) -> tuple[dict[int, tuple[str, str, AESGCM]], dict[tuple[str, str], tuple[int, AESGCM]]]:
    """Old keys that can be read, and the current key of each subject; both locked, so that erasure waits its turn."""
    ring = masters()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT k.id, k.state, k.purpose, k.subject, k.master, k.wrapped FROM {_KEYS} k"  # noqa: S608
            f" WHERE k.id = ANY(%s) OR (k.state = 'current' AND (k.purpose, k.subject) IN"
            f" (SELECT o.purpose, o.subject FROM {_KEYS} o WHERE o.id = ANY(%s)))"
            " ORDER BY k.id FOR SHARE",
            [list(ids), list(ids)],
        )
        rows = cursor.fetchall()
    old: dict[int, tuple[str, str, AESGCM]] = {}
    successors: dict[tuple[str, str], tuple[int, AESGCM]] = {}
    for key_id, state, purpose, subject, master, wrapped in rows:
        if state == State.ERASED:
            continue
        key = AESGCM(ring.unwrap(bytes(wrapped), master, purpose, label_of(key_id, purpose, subject)))
        if key_id in ids:
            old[key_id] = purpose, subject, key
        if state == State.CURRENT:
            successors[purpose, subject] = key_id, key
    # A key without a successor waits for the next round of retiring.
    return {
        pk: key for pk, key in old.items() if key[:2] in successors and successors[key[0], key[1]][0] != pk
    }, successors


def _references(model: type[models.Model], rotation: KeyRotation) -> int:
    """Texts of a model under a key from before that was not erased; a key that is lost counts as well."""
    found = 0
    with connection.cursor() as cursor:
        for field in sealed_fields(model):
            cursor.execute(
                f'SELECT count(*) FROM "{model._meta.db_table}" t WHERE {_is_old(field.column)}'  # noqa: S608
                f" AND NOT EXISTS (SELECT 1 FROM {_KEYS} k WHERE k.state = 'erased'"
                f' AND int8send(k.id) = substring(t."{field.column}" FROM 2 FOR 8))',
                [rotation.below],
            )
            found += int(cursor.fetchone()[0])
    return found


def _destroy(rotation: KeyRotation, transaction: Transaction, progress: Progress, batch: int) -> None:
    retired = _replaced(rotation).filter(state=State.RETIRED)
    with transaction():
        total = retired.count()
    done = 0
    while True:
        progress("destroy", done, total)
        with transaction():
            ids = list(retired.order_by("pk").values_list("pk", flat=True)[: 10 * batch])
            if not ids:
                return
            DataKey.objects.filter(pk__in=ids, state=State.RETIRED).delete()
            KeyRotation.objects.filter(pk=rotation.pk).update(destroyed=F("destroyed") + len(ids))
            done += len(ids)


def _wrap_anew(transaction: Transaction, progress: Progress, batch: int) -> None:
    ring = masters()
    elsewhere = DataKey.objects.exclude(state=State.ERASED).exclude(master=ring.newest)
    with transaction():
        total = elsewhere.count()
    done = 0
    while True:
        progress("masters", done, total)
        with transaction():
            keys = list(elsewhere.order_by("pk").select_for_update()[:batch])
            if not keys:
                return
            for key in keys:
                label = label_of(key.pk, key.purpose, key.subject)
                plain = ring.unwrap(bytes(key.wrapped), key.master, key.purpose, label)
                key.wrapped, key.master = ring.wrap(plain, key.purpose, label), ring.newest
            DataKey.objects.bulk_update(keys, ["wrapped", "master"])
            done += len(keys)


def _under_old_masters() -> int:
    return DataKey.objects.exclude(state=State.ERASED).exclude(master=masters().newest).count()


def _count(rotation: KeyRotation, transaction: Transaction) -> Outcome:
    with transaction():
        done = KeyRotation.objects.get(pk=rotation.pk)
        return Outcome(
            moved=done.moved,
            destroyed=done.destroyed,
            old_references=sum(_references(model, rotation) for model in sealed_models()),
            old_keys=_replaced(rotation).exclude(state=State.ERASED).count(),
            old_masters=_under_old_masters(),
        )
