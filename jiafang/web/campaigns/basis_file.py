"""The basis document as it is uploaded and handed out: few types, told by content, never opened in the browser."""

import io
import zipfile
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault

LARGEST = 10 * 1024 * 1024
_WORD_PART = "word/document.xml"


@dataclass(frozen=True)
class FileKind:
    suffix: str
    content_type: str


PDF = FileKind(".pdf", "application/pdf")
JPEG = FileKind(".jpg", "image/jpeg")
PNG = FileKind(".png", "image/png")
WORD = FileKind(".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
ACCEPTED = ".pdf,.docx,.jpg,.jpeg,.png"


def kind_of(content: bytes) -> FileKind | None:
    """What the bytes are; a name or a declared type is never believed."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return WORD if _is_word(content) else None


def _is_word(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _WORD_PART in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def read_basis(upload: UploadedFile) -> tuple[bytes, str]:
    """Content and a name whose ending tells the truth, or InputFault."""
    if (upload.size or 0) > LARGEST:
        raise InputFault(_("文件太大,请控制在 %(size)s MB 以内") % {"size": LARGEST // 1024 // 1024})
    content = upload.read()
    kind = kind_of(content)
    if kind is None:
        raise InputFault(_("只收 PDF、Word(.docx)、JPG 或 PNG 文件,请换一个"))
    stem = (upload.name or "").rsplit("/", 1)[-1].rsplit("\\", 1)[-1].rsplit(".", 1)[0]
    stem = "".join(c for c in stem if c.isprintable())[:150].strip() or _("依据文件")
    return content, stem + kind.suffix
