"""PDF files: a document to read, nothing that acts, nothing hidden inside or behind it.

Looked for in the bytes themselves and in every packed object stream, with escaped names undone. Whatever cannot be
looked into (encrypted, packed in an unusual way) is refused too.
"""

import re
import zlib

from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault

MOST_UNPACKED = 64 * 1024 * 1024
MOST_STREAMS = 20_000
_HEAD = 64
_HEAD_PACKED = 1024
_BLOCK = 1 << 16
_TAIL = 2048
_END_OF_NAME = rb"(?=[\s/<>\[\]()%{}]|$)"
# Long enough not to occur by chance in packed pictures.
_ACTING = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|GoToR|Encrypt|Rendition)"
    + _END_OF_NAME
)
# Opening at a page is harmless, and office programs write it: only an action is refused.
_OPEN_ACTION = re.compile(rb"/OpenAction" + _END_OF_NAME + rb"(?!\s*\[)")
_SHORT = re.compile(rb"/(?:JS|AA)" + _END_OF_NAME)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")
_OBJECT_STREAM = re.compile(rb"/ObjStm" + _END_OF_NAME)
_NUMBERS_FIRST = re.compile(rb"\s*(?:%|\d+\s+\d+(?:\s|$))")
_ZIP_END = b"PK\x05\x06"


def is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-")


def check(content: bytes) -> None:
    """InputFault unless it is a PDF alone that only shows something."""
    tail = content[-_TAIL:]
    end = tail.rfind(b"%%EOF")
    if end < 0 or tail[end + 5 :].strip(b"\r\n\t \0"):
        raise InputFault(_("这个 PDF 不完整,或后面还夹带了别的内容,请重新导出一份"))
    if _ZIP_END in content[-66_000:]:
        raise _hidden()
    bodies = list(_bodies(content))
    outside = _undone(_without(content, bodies))
    if _SHORT.search(outside) or any(_acts(part) for part in (_undone(content), outside)):
        raise _hidden()
    left = MOST_UNPACKED
    for start, packed_objects in bodies:
        head = _inflate(content[start : start + _HEAD_PACKED], _HEAD)
        if packed_objects and head is None:
            raise _hidden()
        if head is None or not (packed_objects or _NUMBERS_FIRST.match(head)):
            continue
        whole = _whole(content, start, left)
        left -= len(whole)
        inside = _undone(whole)
        if _acts(inside) or _SHORT.search(inside):
            raise _hidden()


def _acts(part: bytes) -> bool:
    return bool(_ACTING.search(part) or _OPEN_ACTION.search(part))


def _undone(part: bytes) -> bytes:
    """/J#61vaScript is /JavaScript."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part) if b"#" in part else part


def _bodies(content: bytes) -> list[tuple[int, bool]]:
    """Where each stream begins, and whether the dictionary before it says that objects are packed in it."""
    found: list[tuple[int, bool]] = []
    before = 0
    for match in _STREAM.finditer(content):
        if content[max(0, match.start() - 3) : match.start()] != b"end":
            dictionary = _undone(content[before : match.start()])
            found.append((match.end(), bool(_OBJECT_STREAM.search(dictionary))))
        before = match.end()
        if len(found) > MOST_STREAMS:
            raise _hidden()
    return found


def _without(content: bytes, bodies: list[tuple[int, bool]]) -> bytes:
    """The file without the insides of its streams."""
    parts, at = [], 0
    for start, _packed in bodies:
        if start < at:
            continue
        end = content.find(b"endstream", start)
        if end < 0:
            break
        parts.append(content[at:start])
        at = end
    parts.append(content[at:])
    return b"".join(parts)


def _inflate(packed: bytes, most: int) -> bytes | None:
    """The beginning of what is packed; None if it is not packed in the usual way."""
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return None


def _whole(content: bytes, start: int, most: int) -> bytes:
    """A stream unpacked to its end, or as far as it can be."""
    unpacking, parts, size = zlib.decompressobj(), [], 0
    try:
        while not unpacking.eof and start < len(content):
            part = unpacking.decompress(content[start : start + _BLOCK])
            start += _BLOCK
            parts.append(part)
            size += len(part)
            if size > most:
                raise _hidden()
    except zlib.error:
        pass  # cut short: what came out before counts
    return b"".join(parts)


def _hidden() -> InputFault:
    return InputFault(_("这个 PDF 里有脚本、附件或加密内容,请用“打印为 PDF”重新导出一份"))
