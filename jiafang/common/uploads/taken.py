"""What is left of an upload once it has been taken."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """Bytes that may be sealed and stored, and what they are; `width` and `height` of an image, else 0."""

    content: bytes
    content_type: str
    suffix: str
    width: int = 0
    height: int = 0

    @property
    def size(self) -> int:
        return len(self.content)


def check_size(content: bytes, largest: int) -> None:
    if len(content) > largest:
        raise InputFault(_("文件太大,请控制在 %(size)s MB 以内") % {"size": largest // MEGABYTE})
    if not content:
        raise InputFault(_("这个文件是空的,请换一个"))
