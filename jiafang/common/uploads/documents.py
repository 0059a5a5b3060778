"""Documents: PDF, Word, and pictures of paper."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault
from jiafang.common.uploads import images, office, pdf
from jiafang.common.uploads.taken import MEGABYTE, Taken, check_size

ACCEPTED = ".pdf,.docx,.jpg,.jpeg,.png"
LARGEST_DOCUMENT = 10 * MEGABYTE
PAPER_SIDE = 6000
_ANYTHING = "application/octet-stream"
_PDF = ("application/pdf", ".pdf")
_WORD = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx")


def take_document(content: bytes) -> Taken:
    """The document, looked through (a picture: written anew), or InputFault."""
    check_size(content, LARGEST_DOCUMENT)
    kind = images.image_kind(content)
    if kind in images.CONTENT_TYPES:
        assert kind is not None
        clean, width, height = images.written_anew(content, kind=kind, into=kind, longest_side=PAPER_SIDE)
        return Taken(clean, *images.CONTENT_TYPES[kind], width, height)
    for recognize, check, (content_type, suffix) in _CHECKED:
        if recognize(content):
            check(content)
            return Taken(content, content_type, suffix)
    raise InputFault(_("只收 PDF、Word(.docx)、JPG 或 PNG 文件,请换一个"))


def content_type_of(content: bytes) -> str:
    """What stored bytes are, for handing them out; never what somebody once said they were."""
    kind = images.image_kind(content)
    if kind in images.CONTENT_TYPES:
        assert kind is not None
        return images.CONTENT_TYPES[kind][0]
    for recognize, _check, (content_type, _suffix) in _CHECKED:
        if recognize(content):
            return content_type
    return _ANYTHING


def is_document(content: bytes) -> bool:
    """Whether the bytes are of a kind that is taken; they are not looked through."""
    return content_type_of(content) != _ANYTHING


_CHECKED: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], None], tuple[str, str]], ...] = (
    (pdf.is_pdf, pdf.check, _PDF),
    (office.is_word, office.check, _WORD),
)
