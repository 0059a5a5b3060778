"""Headers that every answer carries: pages, faults, files of the front end, downloads, redirects, the API."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# What no page of the house uses, but for the microphone; a school's own position is asked for nowhere.
_FEATURES = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
    "xr-spatial-tracking",
)
# Voice notes are spoken into the phone app and nowhere else.
_PHONE = "/phone/"


def _permissions(*allowed: str) -> str:
    return ", ".join(f"{name}=({'self' if name in allowed else ''})" for name in _FEATURES)


_WITH_MICROPHONE = _permissions("microphone")
_EVERYWHERE = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _permissions(),
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-Robots-Tag": "noindex, nofollow",
}


class HeadersMiddleware:
    """Outermost, so that answers of every layer below pass here; what says more already stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.VOICE_NOTES and request.path_info.startswith(_PHONE):
            response.headers.setdefault("Permissions-Policy", _WITH_MICROPHONE)
        for name, value in _EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if not request.path_info.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            # Pages hold names: nothing of them stays on a shared computer.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
