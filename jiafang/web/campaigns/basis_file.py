"""The basis document as it is uploaded: few types, told by content, looked through."""

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from jiafang.common.uploads import take_document, true_name
from jiafang.common.uploads.documents import LARGEST_DOCUMENT


def read_basis(upload: UploadedFile) -> tuple[bytes, str]:
    """Content and a name whose ending tells the truth, or InputFault."""
    # One byte too many is refused as too large, and no more than that is read into the memory.
    taken = take_document(upload.read(LARGEST_DOCUMENT + 1))
    return taken.content, true_name(upload.name or _("依据文件"), taken.suffix)
