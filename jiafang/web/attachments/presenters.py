"""Names and sizes of attachments in words."""

import uuid
from dataclasses import dataclass

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from jiafang.visits.models import Attachment
from jiafang.visits.services.attach import LIMITS, is_switched_on

_ENDINGS = {"image/jpeg": ".jpg", "audio/webm": ".webm", "audio/ogg": ".ogg", "audio/mp4": ".m4a"}
_KILOBYTE, _MEGABYTE = 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the list."""

    pk: uuid.UUID
    is_photo: bool
    label: str
    size: str


@dataclass(frozen=True, slots=True)
class Attached:
    """What the page of a record shows of its files, and whether one more photo may be added to it."""

    lines: list[Shown]
    may_change: bool
    new_id: uuid.UUID | None


def attached(rows: list[Attachment], *, may_change: bool) -> Attached:
    """Numbered apart by kind, in the order in which they came."""
    counts = dict.fromkeys(Attachment.Kind.values, 0)
    lines = []
    for row in rows:
        counts[row.kind] += 1
        is_photo = row.kind == Attachment.Kind.PHOTO
        label = _("照片 %(number)s") % {"number": counts[row.kind]} if is_photo else _("语音")
        lines.append(Shown(row.pk, is_photo, label, size_words(row.size)))
    photo = Attachment.Kind.PHOTO
    one_more = may_change and is_switched_on(photo) and counts[photo] < LIMITS[photo].most
    return Attached(lines, may_change, uuid.uuid4() if one_more else None)


def size_words(size: int) -> str:
    if size < _MEGABYTE:
        return f"{max(1, round(size / _KILOBYTE))} KB"
    return f"{size / _MEGABYTE:.1f} MB"


def file_name(row: Attachment) -> str:
    """Of the day and the hour; no name of a child leaves in the name of a file."""
    kind = _("家访照片") if row.kind == Attachment.Kind.PHOTO else _("家访语音")
    return f"{kind}-{localtime(row.added_at):%Y%m%d-%H%M%S}{_ENDINGS.get(row.content_type, '.bin')}"
