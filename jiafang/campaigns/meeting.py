"""Calls by video: a link into the bureau's own meeting service, made from its pattern; nothing home-made."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Warning

from jiafang.keys.masters import keyed_hash

_APPOINTMENT = "{appointment}"
# Longer than anybody can try out: whoever knows one family's link finds no other family's.
_CODE_LENGTH = 20


def meeting_url(appointment_id: int) -> str | None:
    """Where an appointment by video meets, the same for both sides; None if the bureau has no such service."""
    pattern = settings.MEETING_URL
    if not is_usable(pattern):
        return None
    return str(pattern.replace(_APPOINTMENT, keyed_hash(str(appointment_id), "meeting")[:_CODE_LENGTH]))


def is_usable(pattern: str) -> bool:
    """Whether it leads to a place of its own for each appointment, and over https only."""
    try:
        parts = urlsplit(pattern)
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and bool(parts.hostname)
        and _APPOINTMENT in parts.path + parts.query + parts.fragment
        and _APPOINTMENT not in parts.netloc
        and not any(sign.isspace() for sign in pattern)
    )


def is_told_rightly(app_configs: object, **options: Any) -> list[CheckMessage]:
    """A pattern that is no use is said, not passed over."""
    if not settings.MEETING_URL or is_usable(settings.MEETING_URL):
        return []
    hint = "It begins with https:// and has {appointment} behind the host."
    return [Warning("JIAFANG_MEETING_URL is not used.", hint=hint, id="campaigns.W001")]
