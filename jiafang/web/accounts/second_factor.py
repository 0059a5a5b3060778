"""登录保护: setting up, adding and taking away the second thing shown at the door."""

import base64
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import qrcode
from allauth.account.internal.stagekit import clear_login, get_pending_stage
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal import auth as passkeys
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from qrcode.image.svg import SvgPathImage

from jiafang.accounts.models import DeviceSession, User
from jiafang.accounts.services import second_factor as service
from jiafang.common.clock import now
from jiafang.web.accounts.adapter import HALF_OPEN
from jiafang.web.accounts.confirm import VALID_SECONDS, ask_to_confirm, recently_confirmed
from jiafang.web.accounts.doors import must_have_second_factor
from jiafang.web.accounts.forms import AppForm
from jiafang.web.gate import ActorRequest, gate

SECRET_SALT, SECRET_SECONDS = "second-factor-secret", 3600

CodeHint = Callable[[User], str]
code_hints: list[CodeHint] = []  # the demonstration's, and nobody else's (config/wiring.py)


class DeviceRequest(ActorRequest):
    """A request of a living device."""

    user: User
    device: DeviceSession


def _surely_the_owner(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Changes at the door are for who has just shown to be the owner, not for who finds a phone unlocked."""

    @wraps(view)
    def guarded(request: DeviceRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        first = not service.has_second_factor(request.user.pk)
        just_signed_in = (now() - request.device.created_at).total_seconds() < VALID_SECONDS
        if recently_confirmed(request) or (first and just_signed_in):
            return view(request, *args, **kwargs)
        return ask_to_confirm(request)

    return guarded


@gate()
def second_factor(request: DeviceRequest) -> HttpResponse:
    """What protects the account; the first page of whoever must protect it and does not yet."""
    held = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    factors = [factor for factor in held if factor.type in service.FIRST_CLASS]
    paper = next((factor for factor in held if factor.type == service.Type.RECOVERY_CODES), None)
    must = must_have_second_factor(request.capacities)
    context = {
        "must": must,
        "factors": [{"id": f.pk, "name": _name(f), "since": f.created_at, "used": f.last_used_at} for f in factors],
        "may_remove": not must or len(factors) > 1,
        "has_app": any(f.type == service.Type.TOTP for f in factors),
        "paper_left": len(paper.wrap().get_unused_codes()) if paper else 0,
        "locked_in": must and not request.device.second_factor,
    }
    return render(request, "account/second_factor.html", context)


def _name(factor: Authenticator) -> str:
    return _("手机验证器") if factor.type == service.Type.TOTP else str(factor.data.get("name") or _("通行密钥"))


@gate(methods=("GET", "POST"))
@_surely_the_owner
def second_factor_app(request: DeviceRequest) -> HttpResponse:
    """Join an authenticator app: a square code to read, a code to type."""
    form = AppForm(request.POST or None)
    secret = ""
    if request.method == "POST":
        secret = _signed_secret(request)
        if secret and form.is_valid():
            codes = service.set_up_app(
                user=request.user, secret=secret, code=form.cleaned_data["code"], device=request.device
            )
            if codes is not None:
                return _joined(request, codes)
            form.add_error("code", _("验证码不对。请看看手机上现在的 6 位数字,再输一次。"))
    secret = secret or service.new_secret()
    issuer = _("佳访")
    address = service.address_for_app(username=request.user.username, secret=secret, issuer=issuer)
    context = {
        "form": form,
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "token": signing.dumps([request.user.pk, secret], salt=SECRET_SALT),
        "square": _square(address),
        "address": address,
    }
    return render(request, "account/second_factor_app.html", context)


def _signed_secret(request: DeviceRequest) -> str:
    try:
        user_id, secret = signing.loads(request.POST.get("token", ""), salt=SECRET_SALT, max_age=SECRET_SECONDS)
    except signing.BadSignature:
        return ""
    return str(secret) if user_id == request.user.pk else ""


def _square(address: str) -> str:
    """The square code as an image inside the page, dark on white whatever the theme."""
    drawn = qrcode.make(address, image_factory=SvgPathImage, border=2)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.to_string()).decode()}"


@gate(methods=("POST",))
@_surely_the_owner
def second_factor_passkey_options(request: DeviceRequest) -> HttpResponse:
    """What the browser needs to make a passkey; the challenge stays in the session."""
    return JsonResponse(passkeys.begin_registration(request.user, False))


@gate(methods=("GET", "POST"))
@_surely_the_owner
def second_factor_passkey(request: DeviceRequest) -> HttpResponse:
    """Join a passkey: fingerprint, face or a key on a chain."""
    form = AddWebAuthnForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        codes = service.set_up_passkey(
            user=request.user,
            name=(request.POST.get("name") or request.device.label)[:60],
            credential=form.cleaned_data["credential"],
            device=request.device,
        )
        return _joined(request, codes)
    context = {"failed": request.method == "POST", "name": request.device.label}
    return render(request, "account/second_factor_passkey.html", context)


def _joined(request: DeviceRequest, codes: list[str]) -> HttpResponse:
    messages.success(request, _("登录保护设置好了。别的手机和电脑上要重新登录。"))
    return _paper(request, codes) if codes else redirect("second_factor")


def _paper(request: DeviceRequest, codes: list[str]) -> HttpResponse:
    shown = [f"{code[:4]} {code[4:]}" for code in codes]
    response = render(request, "account/second_factor_paper.html", {"codes": shown})
    response.headers["Cache-Control"] = "no-store"
    return response


@gate(methods=("POST",))
@_surely_the_owner
def second_factor_paper(request: DeviceRequest) -> HttpResponse:
    """New codes on paper, shown this once."""
    codes = service.renew_paper_codes(user=request.user)
    return _paper(request, codes) if codes else redirect("second_factor")


@gate(methods=("POST",))
@_surely_the_owner
def second_factor_remove(request: DeviceRequest, factor_id: int) -> HttpResponse:
    """Take one factor away."""
    must = must_have_second_factor(request.capacities)
    if service.remove_factor(user=request.user, factor_id=factor_id, must_keep_one=must, device=request.device):
        messages.success(request, _("已经去掉。用它登录过的别的手机和电脑上要重新登录。"))
    else:
        messages.error(request, _("至少要留一种登录保护。请先加一种新的,再去掉这一种。"))
    return redirect("second_factor")


class ShowSecondFactorView(AuthenticateView):
    """The second step of signing in."""

    template_name = "account/second_factor_show.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user = self.stage.login.user
        types = service.types_of(user.pk)
        return context | {
            "passkey_options": json.dumps(context["js_data"]["request_options"]),
            "with_passkey": service.Type.WEBAUTHN in types,
            "with_app": service.Type.TOTP in types,
            "with_code": bool(types - {service.Type.WEBAUTHN}),
            "shown_code": next((code for hint in code_hints if (code := hint(user))), ""),
        }


def show_second_factor(request: HttpRequest) -> HttpResponse:
    """A sign-in that has begun with a password does not outlive that password."""
    begun = get_pending_stage(request)
    user = begun.login.user if begun else None
    if user and not constant_time_compare(request.session.get(HALF_OPEN, ""), user.get_session_auth_hash()):
        clear_login(request)
        return redirect("account_login")
    response: HttpResponse = ShowSecondFactorView.as_view()(request)
    return response
