"""Data keys in the hand: made, unwrapped many at once, and forgotten with the rows they were read for.

Plaintext keys are never kept by the process. They belong to a `Keyring`, which lives as long as a row that was read
with it, and never longer than the transaction it was read in.
"""

import os
import weakref
from collections.abc import Collection, Iterable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from django.utils import timezone

from jiafang.keys.errors import SealBroken
from jiafang.keys.masters import KEY_BYTES, masters
from jiafang.keys.models import DataKey

AT_ONCE = 5000
State = DataKey.State
_TABLE = DataKey._meta.db_table


class Missing:
    """No such key: the text was moved to a newer one meanwhile, or was never sealed here."""


class Gone:
    """The key was destroyed."""


MISSING, GONE = Missing(), Gone()
Found = AESGCM | Missing | Gone


def label_of(key_id: int, purpose: str, subject: str) -> bytes:
    """What a wrapped key is bound to, so that it cannot take the place of another."""
    return f"data key|{key_id}|{purpose}|{subject}".encode()


def _unwrapped(key_id: int, purpose: str, subject: str, master: str, wrapped: Any) -> AESGCM:
    try:
        return AESGCM(masters().unwrap(bytes(wrapped), master, purpose, label_of(key_id, purpose, subject)))
    except InvalidTag:
        raise SealBroken(f"data key {key_id} ({purpose} {subject}) was altered") from None


class Keyring:
    """Keys asked for one by one and fetched together: one query for a whole page of rows."""

    def __init__(self) -> None:
        self._wanted: set[int] = set()
        self._found: dict[int, Found] = {}
        self.used = False

    def want(self, key_id: int) -> None:
        if key_id not in self._found:
            self._wanted.add(key_id)

    def get(self, key_id: int) -> Found:
        if key_id not in self._found:
            self._fetch(key_id)
        return self._found[key_id]

    def _fetch(self, key_id: int) -> None:
        self.used = True
        self._wanted.discard(key_id)
        ids = [key_id, *(self._wanted.pop() for _ in range(min(len(self._wanted), AT_ONCE - 1)))]
        rows = DataKey.objects.filter(pk__in=ids).values_list("pk", "state", "purpose", "subject", "master", "wrapped")
        self._found |= dict.fromkeys(ids, MISSING)
        for pk, state, purpose, subject, master, wrapped in rows:
            self._found[pk] = GONE if state == State.ERASED else _unwrapped(pk, purpose, subject, master, wrapped)


def keyring(of: Any) -> Keyring:
    """The keyring for rows that are being read: one for a transaction, else one for each reading."""
    block = of.atomic_blocks[0] if of.atomic_blocks else None
    held_block, held = getattr(of, "_jiafang_keyring", (None, None))
    ring: Keyring | None = held() if held else None
    if ring is None or held_block is not block or (block is None and ring.used):
        ring = Keyring()
        of._jiafang_keyring = (block, weakref.ref(ring))
    return ring


def forget_keys() -> None:
    """After keys were destroyed: this connection asks anew, even inside the same transaction."""
    connection._jiafang_keyring = (None, None)  # type: ignore[attr-defined]  # an attribute of ours


def keys_for_writing(purpose: str, subjects: Collection[str]) -> dict[str, tuple[int, AESGCM]]:
    """The current key of each subject, made where there is none; locked, so that no rotation retires it under a writer.

    Asked at every writing and never remembered: what a savepoint takes back must not be written with.
    """
    assert connection.in_atomic_block
    found: dict[str, tuple[int, AESGCM]] = {}
    missing = sorted(set(subjects))
    while missing:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, subject, master, wrapped FROM {_TABLE}"  # noqa: S608
                " WHERE purpose = %s AND subject = ANY(%s) AND state = 'current' ORDER BY id FOR SHARE",
                [purpose, missing],
            )
            for key_id, subject, master, wrapped in cursor.fetchall():
                found[subject] = key_id, _unwrapped(key_id, purpose, subject, master, wrapped)
        missing = [subject for subject in missing if subject not in found]
        # Whoever else made one at this moment is seen in the next round.
        found |= new_keys(purpose, missing)
        missing = [subject for subject in missing if subject not in found]
    return found


def new_keys(purpose: str, subjects: Iterable[str]) -> dict[str, tuple[int, AESGCM]]:
    """Current keys for subjects that have none; those that have one by now are left out."""
    subjects = list(subjects)
    if not subjects:
        return {}
    made, rows = {}, []
    wrapping, now, random = masters(), timezone.now(), os.urandom(KEY_BYTES * len(subjects))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [_TABLE, len(subjects)]
        )
        for position, ((key_id,), subject) in enumerate(zip(cursor.fetchall(), subjects, strict=True)):
            key = random[KEY_BYTES * position : KEY_BYTES * (position + 1)]
            rows.append((key_id, wrapping.wrap(key, purpose, label_of(key_id, purpose, subject))))
            made[subject] = key_id, AESGCM(key)
        ids, wrapped = [row[0] for row in rows], [row[1] for row in rows]
        cursor.execute(
            f"INSERT INTO {_TABLE} (id, purpose, subject, state, master, wrapped, created_at)"  # noqa: S608
            " SELECT id, %s, subject, 'current', %s, wrapped, %s"
            " FROM unnest(%s::bigint[], %s::text[], %s::bytea[]) AS made (id, subject, wrapped)"
            " ON CONFLICT (purpose, subject) WHERE state = 'current' DO NOTHING RETURNING subject",
            [purpose, wrapping.newest, now, ids, subjects, wrapped],
        )
        written = {row[0] for row in cursor.fetchall()}
    return {subject: key for subject, key in made.items() if subject in written}
