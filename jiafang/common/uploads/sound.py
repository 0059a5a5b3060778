"""What the containers of recordings have in common."""

_OPUS_HEAD = b"OpusHead"
_HEAD_BYTES = 19


class NotSound(Exception):
    """The bytes are not a recording of the kind they begin like; says why, for a log and for tests."""


def check_opus_head(head: bytes) -> None:
    """One stream of one or two channels: then the head has one length and nothing can hang on it."""
    if len(head) != _HEAD_BYTES or not head.startswith(_OPUS_HEAD):
        raise NotSound("no head of Opus")
    version, channels, family = head[8], head[9], head[18]
    if version & 0xF0 or channels not in (1, 2) or family != 0:
        raise NotSound("a head of Opus for something else than speech")
