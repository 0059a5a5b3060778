"""Phones wait their turn: when all of them come home at once, pages are still answered.

Each server process works on so many requests of phones at a time (JIAFANG_PHONES_AT_ONCE, set beside its threads in
config/gunicorn.py); a few more wait a moment, and the others are asked to come again, which their engine does with
growing pauses. Nothing is lost by that: a phone keeps what it has no receipt for.
"""

import threading
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

PHONES = ("/api/phone/", "/api/visits/", "/api/outcomes/")
WAITING = 2
PATIENCE_SECONDS = 5.0
AGAIN_SECONDS = 5
# Read before the turn begins, so that a slow line holds up nobody.
READ_FIRST = 512 * 1024


class TurnsMiddleware:
    """Before everything that costs something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        at_once = settings.PHONES_AT_ONCE
        self.turns = threading.Semaphore(at_once) if at_once else None
        self.places = threading.Semaphore(at_once + WAITING) if at_once else None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.turns is None or self.places is None or not request.path_info.startswith(PHONES):
            return self.get_response(request)
        if _length(request) <= READ_FIRST:
            with suppress(OSError):  # a line that was cut is the view's to tell of
                request.body  # noqa: B018  # kept by the request
        if not self.places.acquire(blocking=False):
            return _later()
        try:
            if not self.turns.acquire(timeout=PATIENCE_SECONDS):
                return _later()
            try:
                return self.get_response(request)
            finally:
                self.turns.release()
        finally:
            self.places.release()


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _later() -> HttpResponse:
    words = _("这会儿上传的人很多,稍后会自动再传;您记的都在手机里")
    answer = JsonResponse(
        {"type": "about:blank", "title": words, "status": 503, "ok": False, "message": words, "conflicts": []},
        status=503,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
    answer._has_been_logged = True  # type: ignore[attr-defined]  # no fault of ours, and there may be thousands
    answer.headers["Retry-After"] = str(AGAIN_SECONDS)
    return answer
