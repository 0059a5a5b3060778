"""The one form of an entry that is sealed and hashed, the same before it is stored and after it is read again."""

import datetime as dt
import hashlib
import hmac
import json
from typing import Any, NamedTuple

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
HASH_BYTES = 32
BEFORE_THE_FIRST = bytes(HASH_BYTES)

# The columns of an entry in the order of `Entry`; the moment as a whole number, which is read back exactly.
COLUMNS = """(extract(epoch FROM e.at) * 1000000)::bigint, e.user_id, e.person_id, e.capacity, e.action,
    e.object_kind, e.object_id, e.why, e.subjects, e.details::text, e.seal"""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


class Entry(NamedTuple):
    """One entry as it is stored; `details` as JSON text, `seal` last, for it is no part of what is sealed."""

    at: int
    user_id: int | None
    person_id: int | None
    capacity: str
    action: str
    object_kind: str
    object_id: str
    why: str
    subjects: list[int]
    details: str
    seal: bytes = b""


def microseconds(moment: dt.datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def canonical(entry: Entry) -> bytes:
    """The bytes of an entry; the database may keep its details in another order and spacing."""
    details: Any = {} if entry.details == "{}" else json.loads(entry.details)
    return _encode([*entry[:9], details]).encode()


def sealed(content: bytes, key: bytes) -> bytes:
    """What only the application can make of an entry."""
    return hmac.digest(key, content, hashlib.sha256)


def linked(previous: bytes, sequence: int, entry_id: int, content: bytes, seal: bytes) -> bytes:
    """The hash of one link: over the link before, the place in the chain, and the whole entry."""
    place = sequence.to_bytes(8, "big") + entry_id.to_bytes(8, "big", signed=True)
    return hashlib.sha256(previous + place + seal + content).digest()
