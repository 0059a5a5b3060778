"""Secrets that lie where no row seals them (a library's own tables): under one data key, bound to a label.

Rotation wraps that key anew and does not replace it, for nobody but the library finds its texts.
"""

from django.db import connection, transaction

from jiafang.keys.datakeys import keyring, keys_for_writing
from jiafang.keys.fields import decrypt, encrypt, key_of

PURPOSE = "secret"
SUBJECT = "all"


def seal(content: bytes, label: str) -> bytes:
    """Bytes encrypted for one place; the label must be the same when they are opened."""
    with transaction.atomic():
        key_id, key = keys_for_writing(PURPOSE, [SUBJECT])[SUBJECT]
        return encrypt(content, key_id, key, f"{PURPOSE}|{label}".encode())


def unseal(stored: bytes, label: str) -> bytes:
    """What `seal` was given."""
    return decrypt(stored, keyring(connection).get(key_of(stored)), f"{PURPOSE}|{label}".encode())
