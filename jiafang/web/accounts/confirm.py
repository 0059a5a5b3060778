"""Asking once more who sits at the screen, before something that a borrowed phone must not do."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.mfa.webauthn.internal import auth as passkeys
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from jiafang.accounts.services.second_factor import Type, types_of
from jiafang.web.accounts.forms import ConfirmForm
from jiafang.web.gate import ActorRequest, gate

VALID_SECONDS = 10 * 60
CONFIRMED_AT = "confirmed_at"


def recently_confirmed(request: HttpRequest) -> bool:
    """Whether the password was given again on this device within the last ten minutes; signing in does not count."""
    return 0 <= time.time() - request.session.get(CONFIRMED_AT, 0) < VALID_SECONDS


def ask_to_confirm(request: HttpRequest, *, back: str = "") -> HttpResponse:
    """Lead to the page that asks again, and from there back: to `back`, else to where this request came from."""
    back = back or (request.get_full_path() if request.method in ("GET", "HEAD") else _page_of(request))
    address = f"{reverse('account_confirm')}?{urlencode({'next': back})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def confirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a request in only after a recent confirmation; goes below `@gate(...)`."""

    @wraps(view)
    def guarded(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if recently_confirmed(request) else ask_to_confirm(request)

    return guarded


@gate(methods=("GET", "POST"))
def confirm(request: ActorRequest) -> HttpResponse:
    """Give the password once more, and the second factor of whoever has one."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    form = ConfirmForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        request.session[CONFIRMED_AT] = int(time.time())
        safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
        return redirect(wanted if safe else "home")
    types = types_of(int(str(request.user.pk)))
    context = {
        "form": form,
        "next": wanted,
        "with_code": bool(types & {Type.TOTP, Type.RECOVERY_CODES}),
        "with_passkey": Type.WEBAUTHN in types,
    }
    return render(request, "account/confirm.html", context)


@gate(methods=("POST",))
def confirm_passkey_options(request: ActorRequest) -> HttpResponse:
    """What the browser needs to use a passkey; the challenge stays in the session."""
    return JsonResponse(passkeys.begin_authentication(request.user))


def _page_of(request: HttpRequest) -> str:
    """The page on which the form was that this request sent; the first page when it is not told."""
    parts = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    return parts._replace(scheme="", netloc="").geturl() if parts.netloc == request.get_host() else "/"
