"""The head of the chain, signed and kept in a file outside the database: what was there cannot be made undone.

One line for each head, only ever appended. Every line holds the hash of the line before, so that the signature of
the last one vouches for all of them.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from jiafang.accounts.audit.keys import is_signed, sign
from jiafang.common.clock import now

HEAD, RESTORED = "head", "restored"


@dataclass(frozen=True)
class Anchor:
    """A head as it was written down. `restored`: a restore went back to it, and what came after it is gone."""

    sequence: int
    hash: bytes
    event: str
    at: str


def write(path: Path, sequence: int, link_hash: bytes, event: str = HEAD) -> None:
    """Append the head, on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        statement = {
            "sequence": sequence,
            "hash": link_hash.hex(),
            "event": event,
            "at": now().isoformat(timespec="seconds"),
            "before": _digest(_last_line(file.tell(), path)),
        }
        signature = base64.b64encode(sign(_encoded(statement))).decode()
        file.write(_encoded({**statement, "signature": signature}) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> tuple[list[Anchor], list[str]]:
    """Every head that was written down, and what is wrong with the file."""
    anchors: list[Anchor] = []
    faults: list[str] = []
    before, last = b"", b""
    lines = path.read_bytes().splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line)
            signature = base64.b64decode(told.pop("signature"))
            anchor = Anchor(int(told["sequence"]), bytes.fromhex(told["hash"]), str(told["event"]), str(told["at"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            faults.append(f"anchor line {number} cannot be read")
            before = line
            continue
        if told.get("before") != _digest(before):
            faults.append(f"anchor line {number} does not follow the line before it")
        last, before = _encoded(told), line
        anchors.append(anchor)
    if anchors and not is_signed(last, signature):
        faults.append(f"anchor line {len(lines)} is not signed by this application")
    return anchors, faults


def standing(anchors: list[Anchor]) -> tuple[dict[int, bytes], list[tuple[int, int, str]]]:
    """The heads that must be found in the chain, and what restores took away: (first, last, when)."""
    heads: dict[int, bytes] = {}
    gone: list[tuple[int, int, str]] = []
    for anchor in anchors:
        if anchor.event == RESTORED:
            lost = [sequence for sequence in heads if sequence > anchor.sequence]
            if lost:
                gone.append((anchor.sequence + 1, max(lost), anchor.at))
            for sequence in lost:
                del heads[sequence]
        # A head that is written twice differently: the chain cannot agree with both.
        if heads.setdefault(anchor.sequence, anchor.hash) != anchor.hash:
            heads[anchor.sequence] = b""
    return heads, gone


def _encoded(statement: dict[str, object]) -> bytes:
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest() if line else ""


def _last_line(size: int, path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, size - 4096))
        lines = file.read().splitlines()
    return lines[-1] if lines else b""
