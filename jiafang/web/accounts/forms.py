"""Forms around signing in."""

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jiafang.accounts.models import User
from jiafang.accounts.services.guesses import SECOND_FACTOR, spend_guess
from jiafang.accounts.services.second_factor import verify_code
from jiafang.web.accounts.adapter import too_many
from jiafang.web.accounts.signed_in import device_token


class ActivationForm(forms.Form):
    username = forms.CharField(
        label=_("用户名"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    code = forms.CharField(label=_("激活码"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    password = forms.CharField(
        label=_("自己的密码"),
        max_length=128,
        strip=False,
        help_text=_("至少 8 个字,不要和别处的密码一样。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class CodeForm(AuthenticateForm):
    """A code of the authenticator app, or one from the paper."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        self.authenticator = checked_code(self.user, code)
        return code


def checked_code(user: User, code: str) -> Authenticator:
    """The factor that the code proves; each try is counted before it is looked at."""
    token = device_token(context.request)
    guess = spend_guess(SECOND_FACTOR, username=user.username, device_token=token)
    if guess is None:
        raise too_many()
    factor = verify_code(user=user, code=code)
    if factor is None:
        raise forms.ValidationError(_("验证码不对,或已经用过了。请等手机上换一个新的再输。"))
    guess.give_back()
    return factor


class AppForm(forms.Form):
    """The first code that an authenticator app shows."""

    code = forms.CharField(
        label=_("手机上显示的 6 位数字"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class ConfirmForm(forms.Form):
    """The password once more, of whoever is signed in."""

    password = forms.CharField(
        label=_("密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = request.user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):  # type: ignore[union-attr]  # the gate lets nobody else in
            raise forms.ValidationError(_("密码不对,请再输一次。"))
        return password
