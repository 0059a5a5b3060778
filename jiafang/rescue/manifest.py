"""What a backup holds, written down so that anything missing, cut or altered is found by its name."""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jiafang.rescue import keys
from jiafang.rescue.errors import RescueError

FORMAT = 1
NAME = "manifest.json"
DUMP = "database.dump"
ANCHORS = "audit-anchors.jsonl"
BLOCK = 1 << 20


@dataclass(frozen=True)
class File:
    """One file of the backup."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The contents of a backup folder."""

    made_at: dt.datetime
    app_version: str
    server_major: int
    dump_major: int
    collate: str
    ctype: str
    roles: list[str]
    keys: dict[str, str]
    migrations: list[str]
    tables: dict[str, int]
    emptied: list[str]
    schema: dict[str, str]
    audit: dict[str, Any]
    last_receipt: int = 0
    files: dict[str, File] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """The manifest with a signature that only the holder of the master key can make."""
        content = asdict(self) | {"made_at": self.made_at.isoformat(), "format": FORMAT}
        path = folder / NAME
        signed = content | {"signature": keys.signature(_canonical(content), self.keys["master"])}
        path.write_text(json.dumps(signed, indent=1, sort_keys=True), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder; one that was altered, or made under another master key, is refused."""
    path = folder / NAME
    if not path.is_file():
        raise RescueError(f"{path} is missing: this is no backup, or one that was interrupted. Nothing was changed.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        signature, format_ = content.pop("signature"), content["format"]
        told = dict(content["keys"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RescueError(f"{path} cannot be read ({error}). Nothing was changed.") from error
    if format_ != FORMAT:
        raise RescueError(f"{path} has format {format_}, this version reads {FORMAT}. Nothing was changed.")
    keys.require_same(told, path)
    if not hmac.compare_digest(signature, keys.signature(_canonical(content), told["master"])):
        raise RescueError(f"{path} was altered after the backup was made. Nothing was changed.")
    content.pop("format")
    content["made_at"] = dt.datetime.fromisoformat(content["made_at"])
    content["files"] = {name: File(**facts) for name, facts in content["files"].items()}
    return Manifest(**content)


def check_files(folder: Path, manifest: Manifest, show: Callable[[float, float], None]) -> None:
    """Every file is there, as long as it was and byte for byte the same."""
    total = sum(file.size for file in manifest.files.values())
    done = 0
    for name, file in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise RescueError(f"{path} is missing. Nothing was changed.")
        size = path.stat().st_size
        if size != file.size:
            raise RescueError(f"{path} has {size:,} bytes, the manifest says {file.size:,}. Nothing was changed.")
        digest = hashlib.sha256()
        for block in _blocks(path):
            digest.update(block)
            done += len(block)
            show(done, total)
        if digest.hexdigest() != file.sha256:
            raise RescueError(f"{path} is damaged: its SHA-256 is not the manifest's. Nothing was changed.")


def describe(path: Path) -> File:
    """Size and hash of a file."""
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
    return File(path.stat().st_size, digest.hexdigest())


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
