"""What a sign-in leaves behind: a row for the device, its number in the session, and a cookie that tells it again."""

import secrets
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access.middleware import CAPACITY
from jiafang.accounts.models import DeviceSession, User
from jiafang.accounts.services.devices import open_device, sign_out_device

DEVICE = "device"  # in the session
COOKIE = "jf_device"
COOKIE_SECONDS = 2 * 365 * 86400
_SYSTEMS = (
    ("HarmonyOS", gettext_lazy("鸿蒙手机")),
    ("iPhone", gettext_lazy("苹果手机")),
    ("iPad", gettext_lazy("苹果平板")),
    ("Android", gettext_lazy("安卓手机")),
    ("Windows", gettext_lazy("Windows 电脑")),
    ("Macintosh", gettext_lazy("苹果电脑")),
    ("Linux", gettext_lazy("Linux 电脑")),
)
_BROWSERS = (
    ("MicroMessenger", gettext_lazy("微信")),
    ("DingTalk", gettext_lazy("钉钉")),
    ("Edg/", "Edge"),
    ("QQBrowser", gettext_lazy("QQ 浏览器")),
    ("HuaweiBrowser", gettext_lazy("华为浏览器")),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


def device_token(request: HttpRequest) -> str:
    """What this device is recognized by; empty for one never seen."""
    return request.COOKIES.get(COOKIE, "")[:64]


def device_of(request: HttpRequest) -> DeviceSession | None:
    """The row of the session's device, while it has not ended."""
    return DeviceSession.objects.filter(
        pk=request.session.get(DEVICE, 0), user_id=request.user.pk or 0, ended_at=None
    ).first()


def label_of(user_agent: str) -> str:
    """A name in plain words by which the owner knows the device."""
    system = next((label for mark, label in _SYSTEMS if mark in user_agent), _("别的设备"))
    browser = next((label for mark, label in _BROWSERS if mark in user_agent), "")
    return f"{system} · {browser}" if browser else str(system)


def open_session(sender: Any, request: HttpRequest, user: User, **more: Any) -> None:
    """Heard when Django has signed somebody in."""
    shown = [r.get("type", "") for r in get_authentication_records(request, user) if r.get("method") == "mfa"]
    token = device_token(request) or secrets.token_urlsafe(32)
    device = open_device(
        user=user,
        device_token=token,
        label=label_of(request.headers.get("User-Agent", "")),
        second_factor=shown[-1] if shown else "",
    )
    request.session[DEVICE] = device.pk
    request.session[CAPACITY] = user.capacity
    request.new_device_token = token  # type: ignore[attr-defined]  # read below, on the way out


def close_session(sender: Any, request: HttpRequest, user: User | None, **more: Any) -> None:
    """Heard when somebody signs out."""
    pk = request.session.get(DEVICE)
    device = DeviceSession.objects.filter(pk=pk, ended_at=None).first() if pk else None
    if device is not None:
        sign_out_device(device=device)


def remember_device(request: HttpRequest, response: HttpResponse) -> None:
    """Give a device on which somebody has signed in the cookie that tells it again."""
    token = getattr(request, "new_device_token", "")
    if token:
        response.set_cookie(
            COOKIE,
            token,
            max_age=COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=bool(settings.SESSION_COOKIE_SECURE),
        )
