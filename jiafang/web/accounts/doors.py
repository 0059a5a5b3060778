"""What every request of somebody signed in has to pass: a living device, and a second factor above class scope."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access.actor import ABOVE_CLASS_KINDS, Actor
from jiafang.access.capacities import standing
from jiafang.accounts.models import DeviceSession
from jiafang.accounts.services.devices import end_device, idle_limit, see
from jiafang.accounts.standing import still_stands
from jiafang.common.clock import now
from jiafang.web.accounts.signed_in import device_of, remember_device

SET_UP = "second_factor"
OPEN_WITHOUT = frozenset(
    {
        SET_UP,
        "second_factor_app",
        "second_factor_passkey",
        "second_factor_passkey_options",
        "account_confirm",
        "account_confirm_passkey_options",
        "account_logout",
        "switch_language",
    }
)


def must_have_second_factor(actors: list[Actor]) -> bool:
    """Whoever answers for more than a class in any capacity, whichever is used at the moment."""
    return any(actor.kind in ABOVE_CLASS_KINDS for actor in actors)


class DoorsMiddleware:
    """Signs out whose device, post or time has ended; lets nobody past who must show a second factor and has not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.device = None  # type: ignore[attr-defined]  # an attribute of ours
        if request.user.is_authenticated:
            device = device_of(request)
            why = _why_ended(request, device)
            if why:
                _sign_out(request, device, why)
            elif device is not None:
                request.device = device  # type: ignore[attr-defined]  # an attribute of ours
                if see(device, standing(request.capacities)):  # type: ignore[attr-defined]  # an attribute of ours
                    request.session.modified = True  # the cookie's months begin anew
        response = self.get_response(request)
        remember_device(request, response)
        return _for_fragments(request, response)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        device: DeviceSession | None = request.device  # type: ignore[attr-defined]  # an attribute of ours
        if device is None or device.second_factor:
            return None
        if not must_have_second_factor(request.capacities):  # type: ignore[attr-defined]  # an attribute of ours
            return None
        match = request.resolver_match
        if match is not None and match.view_name in OPEN_WITHOUT:
            return None
        if _is_api(request):
            return _problem(403, _("请先设置登录保护"))
        return redirect(SET_UP)


def _why_ended(request: HttpRequest, device: DeviceSession | None) -> str:
    """Why the session is over; empty while it is not."""
    if device is None:
        return "unknown"
    actors: list[Actor] = request.capacities  # type: ignore[attr-defined]  # an attribute of ours
    if not still_stands(device.standing, standing(actors)):
        return "standing_lost"
    if now() - device.last_seen_at > idle_limit(device, above_class=must_have_second_factor(actors)):
        return "idle"
    return ""


def _sign_out(request: HttpRequest, device: DeviceSession | None, why: str) -> None:
    if device is not None:
        end_device(device=device, why=why)
    logout(request)
    request.actor = None  # type: ignore[attr-defined]  # an attribute of ours
    request.capacities = []  # type: ignore[attr-defined]  # an attribute of ours
    if not _is_api(request):
        messages.info(request, _("您在这台设备上的登录已经结束,请重新登录。"))


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _for_fragments(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A part of a page that may not come any more makes the whole page go where it has to."""
    if not request.headers.get("HX-Request") or not isinstance(response, HttpResponseRedirect):
        return response
    target = urlsplit(response.url)
    if target.path not in (reverse("account_login"), reverse(SET_UP)):
        return response
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = page._replace(scheme="", netloc="").geturl() or "/"
    return HttpResponse(status=401, headers={"HX-Redirect": f"{target.path}?{urlencode({'next': back})}"})


def _problem(status: int, title: str) -> HttpResponse:
    body = {"type": "about:blank", "title": title, "status": status, "ok": False, "message": title}
    return JsonResponse(body, status=status, content_type="application/problem+json")
