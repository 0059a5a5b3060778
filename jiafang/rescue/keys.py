"""The keys of a backup: kept in a file of their own, recognized by fingerprints, never inside the folder."""

import hashlib
import hmac
import json
import os
from pathlib import Path

from django.conf import settings

from jiafang.keys.masters import key_values, keyed_hash, masters
from jiafang.rescue.errors import RescueError


def fingerprints() -> dict[str, str]:
    """By which the keys of a backup are known, without learning anything of them."""
    return {"master": masters().newest, "hash": keyed_hash("fingerprint", "rescue")[:16]}


def require_same(told: dict[str, str], where: Path) -> None:
    """Refuse a backup whose keys are not here; a master key that was turned over since is still among the old ones."""
    if told["master"] not in masters().secrets:
        raise RescueError(
            f"{where} was made under another master key ({told['master']}, here {', '.join(masters().secrets)}): "
            "set the keys that were kept with this backup. Nothing was changed."
        )
    if told["hash"] != fingerprints()["hash"]:
        raise RescueError(f"{where} was made under another JIAFANG_HASH_KEY. Nothing was changed.")


def signature(message: bytes, master: str) -> str:
    """What only a holder of the master key can write under a manifest."""
    secret = hmac.digest(masters().secrets[master], b"rescue manifest", "sha256")
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def write_keys(path: Path, folder: Path) -> None:
    """Every key, in the form that JIAFANG_KEY_FILE reads; for the eyes of this account only, never in the folder."""
    if path.resolve().is_relative_to(folder.resolve()):
        raise RescueError("The file of the keys lies in the backup folder: whoever has one must not have the other.")
    values = {"jiafang keys": 1, **key_values(), "JIAFANG_AUDIT_KEY": ",".join(settings.AUDIT_KEYS)}
    text = json.dumps(values, indent=1) + "\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.read_text(encoding="utf-8") == text:
            return
        raise RescueError(f"{path} is there already and holds something else; it is not overwritten.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
