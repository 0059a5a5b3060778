"""The keys of the audit: outside the database, so that whoever owns that cannot write what the application wrote.

The first of `AUDIT_KEYS` seals and signs; what older ones sealed is still recognized.
"""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings


def _derived(purpose: str) -> list[bytes]:
    return [
        hmac.digest(base64.urlsafe_b64decode(key), f"audit|{purpose}".encode(), hashlib.sha256)
        for key in settings.AUDIT_KEYS
    ]


def seal_keys() -> list[bytes]:
    """Keys of the seal on every entry, the present one first."""
    return _derived("seal")


def sign(message: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(_derived("anchor")[0]).sign(message)


def is_signed(message: bytes, signature: bytes) -> bool:
    """Whether one of our keys, present or earlier, signed this."""
    for key in _derived("anchor"):
        try:
            Ed25519PrivateKey.from_private_bytes(key).public_key().verify(signature, message)
        except InvalidSignature:
            continue
        return True
    return False
