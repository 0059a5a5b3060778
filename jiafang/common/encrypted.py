"""Text that is stored encrypted, and the keyed hash by which it is found.

AES-256-GCM; the associated data is table|field|version, so a ciphertext moved to another column fails.
The master key comes from the settings and is never in the database or its backups.
"""

import base64
import hashlib
import hmac
import os
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

VERSION = b"\x01"
NONCE_BYTES = 12


@cache
def _key(purpose: str) -> bytes:
    master = base64.urlsafe_b64decode(settings.MASTER_KEY)
    return hmac.new(master, purpose.encode(), hashlib.sha256).digest()


@cache
def _cipher() -> AESGCM:
    return AESGCM(_key("field-encryption"))


def keyed_hash(value: str, purpose: str) -> str:
    """A hash by which equal values of one purpose are found without storing them; empty for empty."""
    return hmac.new(_key(f"hash:{purpose}"), value.encode(), hashlib.sha256).hexdigest() if value else ""


def seal(content: bytes, label: str) -> bytes:
    """Bytes encrypted for one place; the label must be the same when they are opened."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + _cipher().encrypt(nonce, content, f"sealed|{label}|1".encode())


def unseal(stored: bytes, label: str) -> bytes:
    """What `seal` was given."""
    nonce, secret = stored[1 : 1 + NONCE_BYTES], stored[1 + NONCE_BYTES :]
    return _cipher().decrypt(nonce, secret, f"sealed|{label}|1".encode())


class EncryptedTextField(models.Field):
    """A text field whose column holds version, nonce and ciphertext; empty text is stored as no bytes."""

    empty_values: list[Any] = [None, "", b""]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", "")
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def _associated_data(self) -> bytes:
        return f"{self.model._meta.db_table}|{self.column}|1".encode()

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, (bytes, memoryview)):
            return bytes(value)
        if not value:
            return b""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + _cipher().encrypt(nonce, str(value).encode(), self._associated_data())

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return connection.Database.Binary(self.get_prep_value(value))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str:
        stored = bytes(value or b"")
        if not stored:
            return ""
        nonce, secret = stored[1 : 1 + NONCE_BYTES], stored[1 + NONCE_BYTES :]
        return _cipher().decrypt(nonce, secret, self._associated_data()).decode()

    def to_python(self, value: Any) -> Any:
        return value

    def get_internal_type(self) -> str:
        return "BinaryField"

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))
