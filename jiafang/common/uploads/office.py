"""Word documents of today (.docx, a zip archive): no bomb, no macro, nothing embedded, nothing fetched from outside."""

import io
import re
import zipfile

from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault

_WORD_PART = "word/document.xml"
MOST_ENTRIES = 2000
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 200
# Small parts of plain XML may well be packed a thousandfold.
RATIO_COUNTS_FROM = 1024 * 1024
BLOCK = 1 << 20
_END_RECORD = 22
_READ_WHOLE = 4 * 1024 * 1024
_ACTING_NAMES = re.compile(
    r"vbaproject|vbadata|activex|/embeddings/|oleobject|macrosheets|\.(?:exe|dll|js|vbs|bin)$", re.I
)
_ACTING_TYPES = re.compile(rb"macroEnabled|vbaProject|oleObject|activeX", re.I)
_FETCHED = re.compile(rb"<[^>]*relationships/(?:attachedTemplate|oleObject|frame|subDocument|aFChunk)[^>]*>", re.I)


def is_word(content: bytes) -> bool:
    """A zip archive from its first byte that holds a Word document."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _WORD_PART in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return False


def check(content: bytes) -> None:
    """InputFault unless it is a Word document that only shows something."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if content[-_END_RECORD:-18] != b"PK\x05\x06" or archive.comment:
                raise _refused()
            _check_entries(archive)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, RuntimeError) as error:
        raise InputFault(_("这个 Word 文件打不开,可能已损坏,请重新另存一份")) from error
    except Exception as error:
        if isinstance(error, InputFault):
            raise
        raise _refused() from error


def _check_entries(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MOST_ENTRIES or len(set(names)) != len(names):
        raise _refused()
    left = MOST_UNPACKED
    for entry in entries:
        name = entry.filename
        if entry.flag_bits & 1 or name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise _refused()
        if _ACTING_NAMES.search(name):
            raise _refused()
        # What is said in the header is checked first, what really comes out as it comes.
        if entry.file_size > left or entry.file_size > RATIO_COUNTS_FROM + MOST_RATIO * entry.compress_size:
            raise _bomb()
        left -= _read(archive, entry, left)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    size, kept = 0, bytearray()
    told = entry.filename == "[Content_Types].xml" or entry.filename.endswith(".rels")
    with archive.open(entry) as part:
        while block := part.read(BLOCK):
            size += len(block)
            if size > left or size > RATIO_COUNTS_FROM + MOST_RATIO * entry.compress_size:
                raise _bomb()
            if told:
                kept += block
            if len(kept) > _READ_WHOLE:
                raise _refused()
    if b"\0" in kept:
        raise _refused()  # XML in UTF-16, in which nothing would be found below
    if _ACTING_TYPES.search(kept) or _FETCHED.search(kept):
        raise _refused()
    return size


def _refused() -> InputFault:
    return InputFault(_("这个 Word 文件里有宏、嵌入的对象或外部链接的模板,请另存为不带这些内容的 .docx,或导出为 PDF"))


def _bomb() -> InputFault:
    return InputFault(_("这个文件解压后太大,不能收"))
