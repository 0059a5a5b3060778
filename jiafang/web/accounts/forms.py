"""Forms around signing in."""

from django import forms
from django.utils.translation import gettext_lazy as _


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
