"""Fields whose column holds a ciphertext: opened when a value is looked at, sealed when its row is saved.

A ciphertext is version, key, nonce, AES-256-GCM; its associated data is table|row|column|version, so it opens nowhere
but where it was sealed. How rows are sealed is in `sealing.py`.
"""

from __future__ import annotations

import json
import os
import zlib
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core import checks
from django.db import connection, models
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext as _

from jiafang.keys.datakeys import GONE, MISSING, Found, Keyring, keyring
from jiafang.keys.errors import SealBroken
from jiafang.keys.masters import NONCE_BYTES

VERSION = 2
_VERSION = bytes([VERSION])
_KEY_AT = slice(1, 9)
_NONCE_AT = slice(9, 9 + NONCE_BYTES)
_SECRET_AT = slice(9 + NONCE_BYTES, None)


class Erased(str):
    """What a page shows where the key of a text was destroyed."""

    __slots__ = ()
    is_erased = True


class _Unopened:
    pass


_UNOPENED = _Unopened()


def key_of(stored: bytes) -> int:
    """Which data key a ciphertext was sealed with."""
    if stored[:1] != _VERSION:
        raise SealBroken(f"a ciphertext of version {stored[0]}; this program reads version {VERSION}")
    return int.from_bytes(stored[_KEY_AT])


def place_of(field: models.Field[Any, Any], pk: Any) -> bytes:
    """The associated data: the one place where a ciphertext opens."""
    return f"{field.model._meta.db_table}|{pk}|{field.column}|{VERSION}".encode()


def encrypt(content: bytes, key_id: int, key: AESGCM, place: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return _VERSION + key_id.to_bytes(8) + nonce + key.encrypt(nonce, content, place)


def decrypt(stored: bytes, key: Found, place: bytes) -> bytes:
    if not isinstance(key, AESGCM):
        raise SealBroken(f"no key {key_of(stored)} for {place.decode()}")
    try:
        return key.decrypt(stored[_NONCE_AT], stored[_SECRET_AT], place)
    except InvalidTag:
        raise SealBroken(f"a ciphertext was altered or moved to {place.decode()}") from None


class Sealed:
    """A ciphertext read from a row, or just sealed for it; it opens with the row's primary key only."""

    __slots__ = ("_field", "_ring", "_value", "stored")

    def __init__(self, field: SealedField, stored: bytes, ring: Keyring, value: Any = _UNOPENED) -> None:
        self._field, self.stored, self._ring, self._value = field, stored, ring, value
        ring.want(key_of(stored))

    @property
    def is_opened(self) -> bool:
        return self._value is not _UNOPENED

    def open(self, pk: Any) -> Any:
        """The value; of a destroyed key what stands in for it."""
        if self._value is _UNOPENED:
            key = self._ring.get(key_of(self.stored))
            if key is MISSING:
                # A rotation moved the text between the reading of the row and that of its key.
                self.stored = self._field.read_again(pk) or self.stored
                key = self._ring.get(key_of(self.stored))
            if key is GONE:
                self._value = self._field.erased()
            else:
                self._value = self._field.from_bytes(decrypt(self.stored, key, place_of(self._field, pk)))
        return self._value

    def is_erased(self) -> bool:
        return self._ring.get(key_of(self.stored)) is GONE

    def __str__(self) -> str:
        raise TypeError("A sealed text is opened with its row: opened(value, pk)")


def opened(value: Any, pk: Any) -> Any:
    """The value of a sealed column that came through values() or values_list(), beside its row's primary key."""
    return value.open(pk) if isinstance(value, Sealed) else value


class _SealedAttribute(DeferredAttribute):
    """Opens on reading; what is set is plain until the row is saved."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        return value.open(instance.pk) if isinstance(value, Sealed) else value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.Field):
    """The base: `purpose` is the class of the data key, `subject` the attribute that says whose key it is."""

    descriptor_class = _SealedAttribute
    empty_values: list[Any] = [None, "", b""]
    changes_in_place = False

    def __init__(self, *args: Any, purpose: str = "", subject: str = "pk", **kwargs: Any) -> None:
        self.purpose, self.subject = purpose, subject
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = list(super().check(**kwargs))
        if not self.purpose or not hasattr(self.model, "seals_before_saving"):
            found.append(checks.Error("A sealed field needs a purpose and a model that is a SealedRow", obj=self))
        return found

    def get_internal_type(self) -> str:
        return "BinaryField"

    def to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def from_bytes(self, content: bytes) -> Any:
        raise NotImplementedError

    def erased(self) -> Any:
        """What stands where the key was destroyed."""
        return self.get_default()

    def seal(self, value: Any, pk: Any, key_id: int, key: AESGCM) -> bytes:
        return encrypt(self.to_bytes(value), key_id, key, place_of(self, pk))

    def read_again(self, pk: Any) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT "{self.column}" FROM "{self.model._meta.db_table}" WHERE "{self._pk_column()}" = %s',  # noqa: S608
                [pk],
            )
            row = cursor.fetchone()
        return bytes(row[0] or b"") if row else b""

    def _pk_column(self) -> str:
        return str(cast(Any, self.model._meta.pk).column)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Sealed):
            return value.stored
        if value:
            raise SealBroken(f"{self.model._meta.label}.{self.name} was not sealed: save rows, or use bulk_create")
        return b""

    def get_prep_value(self, value: Any) -> Any:
        return value.stored if isinstance(value, Sealed) else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = self.get_prep_value(value)
        if value and not isinstance(value, bytes):
            raise SealBroken(f"{self.model._meta.label}.{self.name} is sealed for its row: no update(), no filter()")
        if value and value[:1] != _VERSION:
            raise SealBroken(f"{self.model._meta.label}.{self.name} was given bytes that are no ciphertext")
        return connection.Database.Binary(value or b"")

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        stored = bytes(value or b"")
        return Sealed(self, stored, keyring(connection)) if stored else self.get_default()

    def value_to_string(self, obj: models.Model) -> str:
        raise SealBroken("sealed fields are not serialized")


class EncryptedTextField(SealedField):
    """A text; empty text is stored as no bytes.

    Where its key was destroyed “已删除” is read instead, but nothing at all where that would be dialed or compared.
    """

    def __init__(self, *args: Any, shown_erased: bool = True, **kwargs: Any) -> None:
        self.shown_erased = shown_erased
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode("utf-8", "surrogatepass")

    def from_bytes(self, content: bytes) -> str:
        return content.decode("utf-8", "surrogatepass")

    def erased(self) -> str:
        return Erased(_("已删除")) if self.shown_erased else ""


class EncryptedBytesField(SealedField):
    """The bytes of a file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", b"")
        super().__init__(*args, **kwargs)

    def to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def from_bytes(self, content: bytes) -> bytes:
        return content


class EncryptedJSONField(SealedField):
    """A small document, packed before it is sealed."""

    changes_in_place = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)

    def to_bytes(self, value: Any) -> bytes:
        return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1)

    def from_bytes(self, content: bytes) -> Any:
        return json.loads(zlib.decompress(content))
