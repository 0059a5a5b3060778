"""Photos of a visit: whatever a telephone makes becomes a plain JPEG of moderate size."""

from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault
from jiafang.common.uploads import images
from jiafang.common.uploads.taken import MEGABYTE, Taken, check_size

LARGEST_PHOTO = 20 * MEGABYTE
PHOTO_SIDE = 2048


def take_photo(content: bytes) -> Taken:
    """The photo as a new JPEG without its position, or InputFault; ready to be sealed."""
    check_size(content, LARGEST_PHOTO)
    kind = images.image_kind(content)
    if kind is None:
        if images.is_heic(content):
            raise InputFault(_("这是 HEIC 格式的照片,请在手机相机设置里选“兼容性最佳”,或换成 JPG 再传"))
        raise InputFault(_("只收 JPG、PNG 或 WebP 照片,请换一张"))
    clean, width, height = images.written_anew(content, kind=kind, into=images.JPEG, longest_side=PHOTO_SIDE)
    content_type, suffix = images.CONTENT_TYPES[images.JPEG]
    return Taken(clean, content_type, suffix, width, height)
