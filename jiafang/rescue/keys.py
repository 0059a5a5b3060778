"""The keys of a backup: kept in a file of their own, recognized by a fingerprint, never inside the folder."""

import hashlib
import hmac
import os
from pathlib import Path

from django.conf import settings

from jiafang.rescue.errors import RescueError

SAVED = ("MASTER_KEY", "SECRET_KEY")


def _derived(purpose: str) -> bytes:
    return hmac.new(settings.MASTER_KEY.encode(), f"rescue:{purpose}".encode(), hashlib.sha256).digest()


def fingerprint() -> str:
    """By which one sees that two master keys are the same, without learning anything of them."""
    return _derived("fingerprint").hex()[:16]


def signing_key() -> bytes:
    """With which a manifest is signed."""
    return _derived("manifest")


def write_keys(path: Path, folder: Path) -> None:
    """The keys as lines that a shell or systemd reads as environment; for the eyes of this account only."""
    if path.resolve().is_relative_to(folder.resolve()):
        raise RescueError("The file of the keys lies in the backup folder: whoever has one must not have the other.")
    lines = [f"JIAFANG_{name}={getattr(settings, name)}" for name in SAVED]
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.read_text(encoding="utf-8").splitlines() == lines:
            return
        raise RescueError(f"{path} is there already and holds something else; it is not overwritten.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
