"""The keys of a backup: kept in a file of their own, recognized by fingerprints, never inside the folder."""

import hashlib
import hmac
from pathlib import Path

from jiafang.keys.masters import export_keys, key_values, keyed_hash, load_keys, masters
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
    try:
        export_keys(path)
    except FileExistsError:
        if not _holds_ours(path):
            raise RescueError(f"{path} is there already and holds something else; it is not overwritten.") from None


def _holds_ours(path: Path) -> bool:
    try:
        return load_keys(path) == {name: value for name, value in key_values().items() if value}
    except (OSError, ValueError):
        return False
