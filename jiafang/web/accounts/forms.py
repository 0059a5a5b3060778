"""Forms around signing in."""

from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jiafang.accounts.models import User
from jiafang.accounts.services.guesses import PASSWORD, SECOND_FACTOR, spend_guess
from jiafang.accounts.services.second_factor import has_second_factor, verify_code
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


class ChangePasswordForm(AllauthChangePasswordForm):
    """The old password is guessed no oftener here than at the door."""

    def clean_oldpassword(self) -> str:
        guess = spend_guess(PASSWORD, username=self.user.username, device_token=device_token(context.request))
        if guess is None:
            raise too_many()
        password: str = super().clean_oldpassword()
        guess.give_back()
        return password


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
    """The password once more, and the second factor of whoever has one."""

    password = forms.CharField(
        label=_("密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("验证码或备用码"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    credential = forms.JSONField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User = request.user  # type: ignore[assignment]  # the gate lets nobody else in
        self.must_show_more = has_second_factor(self.user.pk)
        self.fields["code"].required = self.must_show_more and not self.data.get("credential")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        guess = spend_guess(PASSWORD, username=self.user.username, device_token=device_token(self.request))
        if guess is None:
            raise too_many()
        if not self.user.check_password(password):
            raise forms.ValidationError(_("密码不对,请再输一次。"))
        guess.give_back()
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors or not self.must_show_more:
            return cleaned
        if cleaned.get("credential"):
            if not AuthenticateWebAuthnForm({"credential": self.data["credential"]}, user=self.user).is_valid():
                self.add_error(None, _("通行密钥没有确认成功,请再试一次。"))
            return cleaned
        try:
            checked_code(self.user, cleaned.get("code", ""))
        except forms.ValidationError as error:
            self.add_error("code", error)
        return cleaned
