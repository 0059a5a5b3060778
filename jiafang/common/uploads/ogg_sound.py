"""Ogg with one Opus stream: its pages anew, with an empty comment in place of the one that came."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from jiafang.common.uploads.sound import NotSound, check_opus_head

_HEADER_BYTES = 27
_CONTINUED, _FIRST, _LAST = 1, 2, 4
_VENDOR = b"jiafang"
_NO_COMMENT = b"OpusTags" + len(_VENDOR).to_bytes(4, "little") + _VENDOR + bytes(4)
_NEVER_SHORTER = 255
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class _Page:
    flags: int
    position: bytes
    stream: bytes
    lacing: bytes
    body: bytes


def is_ogg(content: bytes) -> bool:
    return content.startswith(b"OggS")


def written_anew(content: bytes) -> bytes:
    """The sound as a new file, or NotSound."""
    pages = list(_pages(content))
    head = pages[0]
    check_opus_head(head.body)
    if len({page.stream for page in pages}) != 1 or not head.flags & _FIRST:
        raise NotSound("not one stream")
    sound = pages[1 + _comment_pages(pages[1:]) :]
    if not any(page.body for page in sound):
        raise NotSound("no sound")
    comment = _Page(0, bytes(8), head.stream, bytes([len(_NO_COMMENT)]), _NO_COMMENT)
    first = _Page(_FIRST, bytes(8), head.stream, bytes([len(head.body)]), head.body)
    return b"".join(_written(page, number) for number, page in enumerate([first, comment, *sound]))


def _pages(content: bytes) -> Iterator[_Page]:
    at = 0
    while at < len(content):
        header = content[at : at + _HEADER_BYTES]
        if len(header) < _HEADER_BYTES or header[:5] != b"OggS\x00":
            raise NotSound("something else between the pages")
        lacing = content[at + _HEADER_BYTES : at + _HEADER_BYTES + header[26]]
        start = at + _HEADER_BYTES + header[26]
        at = start + sum(lacing)
        if len(lacing) != header[26] or at > len(content):
            raise NotSound("a page is cut")
        flags = header[5] & (_CONTINUED | _FIRST | _LAST)
        yield _Page(flags, header[6:14], header[14:18], lacing, content[start:at])


def _comment_pages(pages: list[_Page]) -> int:
    """How many pages the comment fills; sound begins on a page of its own."""
    if not pages or not pages[0].body.startswith(b"OpusTags"):
        raise NotSound("no comment")
    for number, page in enumerate(pages, start=1):
        ended = [size < _NEVER_SHORTER for size in page.lacing]
        if any(ended):
            if ended.index(True) != len(ended) - 1:
                raise NotSound("sound on the page of the comment")
            return number
    raise NotSound("the comment has no end")


def _written(page: _Page, number: int) -> bytes:
    header = b"OggS\x00" + bytes([page.flags]) + page.position + page.stream + number.to_bytes(4, "little")
    rest = bytes([len(page.lacing)]) + page.lacing + page.body
    return header + _checked(header + bytes(4) + rest) + rest


def _checked(page: bytes) -> bytes:
    """The check sum of Ogg is that of zlib with every byte mirrored, begun and ended otherwise."""
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2).to_bytes(4, "little")
