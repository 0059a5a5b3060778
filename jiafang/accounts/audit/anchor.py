"""The head of the chain, signed and kept in a file outside the database: what was there cannot be made undone.

One line for each head, only ever appended. Every line holds the hash of the line before, so that the signature of
the last one vouches for all of them. A crash may tear the last line; the next one says so, and that is told for ever.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from jiafang.accounts.audit.keys import is_signed, sign
from jiafang.common.clock import now

HEAD, RESTORED = "head", "restored"
TAIL_BYTES = 4096  # more than a dozen lines


@dataclass(frozen=True)
class Anchor:
    """A head as it was written down. `restored`: a restore went back to it, and what came after it is gone."""

    sequence: int
    hash: bytes
    event: str
    at: str


@dataclass(frozen=True)
class _Line:
    anchor: Anchor
    told: dict[str, object]
    signature: bytes


def write(path: Path, sequence: int, link_hash: bytes, event: str = HEAD) -> None:
    """Append the head, on disk when this returns; below what a crash has left of a line, and vouching for that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        before, torn, ends_within_a_line = _end_of(file.tell(), path)
        statement: dict[str, object] = {
            "sequence": sequence,
            "hash": link_hash.hex(),
            "event": event,
            "at": now().isoformat(timespec="seconds"),
            "before": _digest(before),
        }
        if torn:
            statement["torn"] = _digest(torn)
        signature = base64.b64encode(sign(_encoded(statement))).decode()
        line = _encoded({**statement, "signature": signature}) + b"\n"
        file.write(b"\n" + line if ends_within_a_line else line)
        file.flush()
        os.fsync(file.fileno())


@dataclass
class Found:
    """Every head that was written down, what is wrong with the file, and what a crash may have done to it."""

    anchors: list[Anchor] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def unreadable(self, numbers: list[int], *, torn: bool) -> None:
        if torn:
            words = "is torn: a crash while it was written, or a cut; a copy kept elsewhere tells"
            self.notices += [f"anchor line {number} {words}" for number in numbers]
        else:
            self.faults += [f"anchor line {number} cannot be read" for number in numbers]


def read(path: Path) -> Found:
    """The file as it is. What cannot be read is torn when the file ends there, or a later line vouches for it."""
    found = Found()
    before, last, last_number = b"", None, 0
    unread: dict[int, bytes] = {}
    *lines, rest = path.read_bytes().split(b"\n") if path.exists() else [b""]
    for number, text in enumerate([*lines, rest] if rest else lines, 1):
        line = _parsed(text)
        if line is None:
            unread[number] = text
            continue
        vouched = line.told.get("torn", "") == _digest(b"\n".join(unread.values()))
        found.unreadable([*unread], torn=vouched)
        if not unread and not vouched:
            found.faults.append(f"what was torn above anchor line {number} was taken away")
        unread = {}
        if line.told.get("before") != _digest(before):
            found.faults.append(f"anchor line {number} does not follow the line before it")
        last, before, last_number = line, text, number
        found.anchors.append(line.anchor)
    found.unreadable([*unread], torn=bool(rest))
    if last and not is_signed(_encoded(last.told), last.signature):
        found.faults.append(f"anchor line {last_number} is not signed by this application")
    return found


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


def _parsed(text: bytes) -> _Line | None:
    try:
        told = json.loads(text)
        signature = base64.b64decode(told.pop("signature"))
        anchor = Anchor(int(told["sequence"]), bytes.fromhex(told["hash"]), str(told["event"]), str(told["at"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return _Line(anchor, told, signature)


def _end_of(size: int, path: Path) -> tuple[bytes, bytes, bool]:
    """The line that the next one follows, what was torn below it, and whether the file ends within a line."""
    with path.open("rb") as file:
        file.seek(max(0, size - TAIL_BYTES))
        *lines, rest = file.read().split(b"\n")
    if not rest:
        return lines[-1] if lines else b"", b"", False
    lines.append(rest)
    torn: list[bytes] = []
    while lines and _parsed(lines[-1]) is None:
        torn.insert(0, lines.pop())
    return lines[-1] if lines else b"", b"\n".join(torn), True
