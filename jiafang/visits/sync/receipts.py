"""Receipts: rows numbered in the order of commits, and the signed words that a phone believes.

The signing key is derived from JIAFANG_HASH_KEY: it is not in the database, and it is not turned over, so that the same
receipt is the same bytes for ever.
"""

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.conf import settings
from django.db import connection

from jiafang.common.clock import now
from jiafang.keys.masters import decoded, keyed_hash
from jiafang.rescue.marks import SAFE_THROUGH, oldest_backup_kept
from jiafang.visits.models import Receipt

_EPOCH = "(SELECT epoch FROM rescue_restoreepoch ORDER BY id DESC LIMIT 1)"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Standing:
    """Which life of the database this is, and up to which receipt every backup of it reaches."""

    epoch: uuid.UUID
    safe_through: int


@dataclass(frozen=True)
class Given:
    """A receipt with what a phone has to know beside it."""

    pk: int
    kind: str
    item: uuid.UUID
    revision: int
    sequence: int
    held: bool
    standing: Standing


def hash_of(content: bytes) -> str:
    """What a phone compares: the hash of the very bytes it keeps."""
    return hashlib.sha256(content).hexdigest()


def stored_hash(digest: str) -> str:
    """What is kept of it: useless without a key."""
    return keyed_hash(digest, "receipt")


def standing() -> Standing:
    """For answers that give no receipt."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_EPOCH}, {SAFE_THROUGH}", [oldest_backup_kept()])
        return Standing(*cursor.fetchone())


def receipts_of(person_id: int, kind: str, item: uuid.UUID) -> list[tuple[str, Given]]:
    """(stored hash, receipt) of everything this person sent under the id of one item."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, revision, sequence, held, hash, {_EPOCH}, {SAFE_THROUGH} FROM visits_receipt"  # noqa: S608
            " WHERE item = %s AND kind = %s AND person_id = %s ORDER BY sequence",
            [oldest_backup_kept(), item, kind, person_id],
        )
        return [
            (kept, Given(pk, kind, item, revision, sequence, held, Standing(epoch, safe)))
            for pk, revision, sequence, held, kept, epoch, safe in cursor.fetchall()
        ]


def give_receipt(receipt: Receipt) -> Given:
    """Write it, as the last thing of a transaction: its number is held from here to the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO visits_receipt"  # noqa: S608
            " (id, sequence, kind, item, revision, hash, person_id, epoch, held, written_at, given_at) VALUES ("
            "coalesce(%s::bigint, nextval(pg_get_serial_sequence('visits_receipt', 'id'))),"
            f" fence.next_receipt(), %s, %s, %s, %s, %s, {_EPOCH}, %s, %s, %s)"
            f" RETURNING id, sequence, epoch, {SAFE_THROUGH}",
            [
                receipt.pk,
                receipt.kind,
                receipt.item,
                receipt.revision,
                receipt.hash,
                receipt.person_id,
                receipt.held,
                receipt.written_at,
                now(),
                oldest_backup_kept(),
            ],
        )
        pk, sequence, epoch, safe = cursor.fetchone()
    return Given(pk, receipt.kind, receipt.item, receipt.revision, sequence, receipt.held, Standing(epoch, safe))


def signed(given: Given, digest: str) -> dict[str, Any]:
    """The receipt as the phone gets it; of the present life of the database, in which its row is found."""
    epoch = str(given.standing.epoch)
    told = [given.kind, str(given.item), str(given.revision), digest, str(given.sequence), epoch, str(int(given.held))]
    return {
        "id": str(given.item),
        "kind": given.kind,
        "revision": given.revision,
        "hash": digest,
        "sequence": given.sequence,
        "epoch": epoch,
        "held": given.held,
        "key_id": _key(settings.HASH_KEY).key_id,
        "signature": _signature("|".join(["jiafang receipt", *told])),
    }


def public_key() -> tuple[str, dict[str, str]]:
    """(id, JWK) of the key that signs."""
    key = _key(settings.HASH_KEY)
    return key.key_id, dict(key.public)


@dataclass(frozen=True)
class _Key:
    private: ec.EllipticCurvePrivateKey
    public: dict[str, str]
    key_id: str


@cache
def _key(text: str) -> _Key:
    secret = hmac.digest(decoded(text, "JIAFANG_HASH_KEY"), b"receipts of phones", "sha512")
    # 512 bits, so that no number of the group is likelier than another.
    private = ec.derive_private_key(int.from_bytes(secret) % (_ORDER - 1) + 1, ec.SECP256R1())
    point = private.public_key().public_numbers()
    x, y = point.x.to_bytes(32), point.y.to_bytes(32)
    return _Key(
        private,
        {"kty": "EC", "crv": "P-256", "x": _base64url(x), "y": _base64url(y)},
        hashlib.sha256(x + y).hexdigest()[:16],
    )


def _signature(words: str) -> str:
    """Deterministic: the same words, the same signature."""
    encoded = _key(settings.HASH_KEY).private.sign(
        words.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    )
    r, s = decode_dss_signature(encoded)
    return _base64url(r.to_bytes(32) + s.to_bytes(32))


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
