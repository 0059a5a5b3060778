"""The keys that are never in the database: master keys, newest first, and the key of the hashes.

They come from the environment, or from one file that holds them all (JIAFANG_KEY_FILE), and are kept apart from every
backup of the database. A master key is known by its fingerprint; data keys say under which one they lie.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from jiafang.keys.errors import MasterKeyMissing

KEY_BYTES = 32
NONCE_BYTES = 12
VARIABLES = ("JIAFANG_MASTER_KEY", "JIAFANG_MASTER_KEYS_OLD", "JIAFANG_HASH_KEY", "JIAFANG_AUDIT_KEY")


def decoded(text: str, name: str) -> bytes:
    """32 bytes out of their URL-safe base64."""
    try:
        secret = base64.urlsafe_b64decode(text.strip())
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise ValueError(f"{name} must be {KEY_BYTES} random bytes in URL-safe base64 (docs/deployment.md)")
    return secret


def fingerprint(secret: bytes) -> str:
    """By what a master key is known without telling it."""
    return hashlib.sha256(b"jiafang master key|" + secret).hexdigest()[:16]


@dataclass(frozen=True)
class Masters:
    """The master keys by fingerprint; the newest wraps, all of them unwrap."""

    newest: str
    secrets: Mapping[str, bytes]

    @cache  # noqa: B019  # one object for each set of settings, which lives as long as the process
    def _cipher(self, master: str, purpose: str) -> AESGCM:
        # A key of its own for each purpose: what unwraps the key of a visit cannot unwrap another kind's.
        try:
            secret = self.secrets[master]
        except KeyError:
            raise MasterKeyMissing(f"master key {master} is not among JIAFANG_MASTER_KEY(S_OLD)") from None
        return AESGCM(hmac.digest(secret, f"wrap|{purpose}".encode(), "sha256"))

    def __hash__(self) -> int:
        return hash((self.newest, *self.secrets))

    def wrap(self, key: bytes, purpose: str, label: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher(self.newest, purpose).encrypt(nonce, key, label)

    def unwrap(self, wrapped: bytes, master: str, purpose: str, label: bytes) -> bytes:
        return self._cipher(master, purpose).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], label)


@cache
def _masters(newest: str, old: str) -> Masters:
    secrets = {}
    for text in [newest, *filter(None, old.split(","))]:
        secret = decoded(text, "a master key")
        secrets[fingerprint(secret)] = secret
    return Masters(next(iter(secrets)), secrets)


def masters() -> Masters:
    """The master keys of the settings."""
    return _masters(settings.MASTER_KEY, settings.MASTER_KEYS_OLD)


@cache
def _hash_key(text: str, purpose: str) -> bytes:
    return hmac.digest(decoded(text, "JIAFANG_HASH_KEY"), f"hash:{purpose}".encode(), "sha256")


def keyed_hash(value: str, purpose: str) -> str:
    """A hash by which equal values of one purpose are found without storing them; empty for empty."""
    return hmac.digest(_hash_key(settings.HASH_KEY, purpose), value.encode(), "sha256").hex() if value else ""


def new_secret() -> str:
    """A fresh key in the form in which the environment holds it."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def key_values() -> dict[str, str]:
    """What the environment has to say so that everything can be read: for a backup of the keys, apart."""
    audit = ",".join(settings.AUDIT_KEYS)
    return dict(zip(VARIABLES, (settings.MASTER_KEY, settings.MASTER_KEYS_OLD, settings.HASH_KEY, audit), strict=True))


def export_keys(path: Path) -> None:
    """Write all keys into a new file that only this account may read; an existing file is never overwritten."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"jiafang keys": 1, **key_values()}, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())


def load_keys(path: Path) -> dict[str, str]:
    """The variables of a file that `export_keys` wrote, each looked at."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("jiafang keys") != 1:
        raise ValueError(f"{path} is not a key file of Jiafang")
    values = {name: str(content.get(name, "")) for name in VARIABLES}
    decoded(values["JIAFANG_HASH_KEY"], "JIAFANG_HASH_KEY")
    _masters(values["JIAFANG_MASTER_KEY"], values["JIAFANG_MASTER_KEYS_OLD"])
    return {name: value for name, value in values.items() if value}
