"""The basis document as it is uploaded: few types, told by content, looked through."""

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault
from jiafang.common.uploads import ACCEPTED, take_document, true_name

__all__ = ["ACCEPTED", "read_basis"]
LARGEST = 10 * 1024 * 1024


def read_basis(upload: UploadedFile) -> tuple[bytes, str]:
    """Content and a name whose ending tells the truth, or InputFault."""
    if (upload.size or 0) > LARGEST:
        raise InputFault(_("文件太大,请控制在 %(size)s MB 以内") % {"size": LARGEST // 1024 // 1024})
    taken = take_document(upload.read(), largest=LARGEST)
    return taken.content, true_name(upload.name or _("依据文件"), taken.suffix)
