"""Voice notes: what browsers record (WebM or Ogg with Opus, MP4 with AAC), with the sound alone left in it."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault
from jiafang.common.uploads import mp4_sound, ogg_sound, webm_sound
from jiafang.common.uploads.sound import NotSound
from jiafang.common.uploads.taken import MEGABYTE, Taken, check_size

LARGEST_VOICE = 2 * MEGABYTE

_KINDS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], bytes], str, str], ...] = (
    (webm_sound.is_webm, webm_sound.written_anew, "audio/webm", ".webm"),
    (ogg_sound.is_ogg, ogg_sound.written_anew, "audio/ogg", ".ogg"),
    (mp4_sound.is_mp4, mp4_sound.blanked, "audio/mp4", ".m4a"),
)


def take_voice(content: bytes) -> Taken:
    """The recording without titles, times, positions and pictures, or InputFault; ready to be sealed."""
    check_size(content, LARGEST_VOICE)
    for recognize, clean, content_type, suffix in _KINDS:
        if recognize(content):
            try:
                return Taken(clean(content), content_type, suffix)
            except NotSound as fault:
                raise InputFault(_("这段录音打不开,可能已损坏,请重新录一段")) from fault
    raise InputFault(_("只收手机录的语音(WebM、Ogg 或 M4A),请重新录一段"))
